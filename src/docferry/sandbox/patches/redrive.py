"""RedriveExecution.

AWS goes on with an execution that failed, was aborted or timed out at the state it ended in, with that state's
input; the context object counts it (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html).
ministack has no such request. Here a Map starts anew, where AWS goes on with the children that failed.
"""

import contextvars
import json
import threading
from typing import Any

from ministack.services import stepfunctions

from docferry.sandbox.patches import seam

_UNSUCCESSFUL = ("FAILED", "ABORTED", "TIMED_OUT")


def apply() -> None:
    """Answer the request, and leave every other one to ministack."""
    handle = seam.function(stepfunctions, "handle_request", "method", "path", "headers", "body", "query_params")
    for name, *parameters in (
        ("_add_event", "execution", "event_type", "details"),
        ("_fail_execution", "execution", "error", "cause"),
        ("_fail_state_error", "state_def", "raw_input", "ctx"),
        ("_emit_execution_status_event", "execution"),
    ):
        seam.function(stepfunctions, name, *parameters)
    seam.values(stepfunctions, "_executions", "_state_machines", "_ExecutionError", "now_iso", "json_response")

    async def handled(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return _redriven(json.loads(body)["executionArn"])
        return await handle(method, path, headers, body, query_params)

    stepfunctions.handle_request = handled


def _redriven(arn: str) -> seam.Answer:
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return _refused("ExecutionDoesNotExist", f"Execution {arn} not found")
    if execution["status"] not in _UNSUCCESSFUL or execution.get("mapRunArn"):
        return _refused("ExecutionNotRedrivable", f"Execution is {execution['status']} and cannot be redriven")
    count = execution.get("docferry_redrives", 0) + 1
    execution.update(status="RUNNING", stopDate=None, output=None, error=None, cause=None, docferry_redrives=count)
    stepfunctions._add_event(
        execution, "ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": count}}
    )
    stepfunctions._emit_execution_status_event(execution)
    # A copy of the context, which says whose account and which region it is about.
    threading.Thread(target=contextvars.copy_context().run, args=(_go_on, execution, count), daemon=True).start()
    answer: seam.Answer = stepfunctions.json_response({"redriveDate": stepfunctions.now_iso()})
    return answer


def _refused(kind: str, message: str) -> seam.Answer:
    answer: seam.Answer = stepfunctions.error_response_json(kind, message, 400)
    return answer


def _go_on(execution: dict[str, Any], count: int) -> None:
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    definition = json.loads(machine["definition"])
    entered = [one["stateEnteredEventDetails"] for one in execution["events"] if "stateEnteredEventDetails" in one]
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "StartTime": execution["startDate"],
            "RedriveCount": count,
        },
        "StateMachine": {"Id": machine["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    name, value = entered[-1]["name"], json.loads(entered[-1]["input"])
    try:
        while name and execution["status"] == "RUNNING":
            value, name = _step(definition["States"][name], name, value, execution, context)
        if execution["status"] == "RUNNING":
            execution.update(status="SUCCEEDED", output=json.dumps(value), stopDate=stepfunctions.now_iso())
            stepfunctions._emit_execution_status_event(execution)
    except stepfunctions._ExecutionError as error:
        stepfunctions._fail_execution(execution, error.error, error.cause)
    except Exception as error:
        stepfunctions._fail_execution(execution, "States.Runtime", str(error))


def _step(
    state: dict[str, Any], name: str, value: Any, execution: dict[str, Any], context: dict[str, Any]
) -> tuple[Any, str | None]:
    kind = state["Type"]
    context["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
    entered = {"name": name, "input": json.dumps(value)}
    stepfunctions._add_event(execution, f"{kind}StateEntered", {"stateEnteredEventDetails": entered})
    if kind == "Fail":
        raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, value, context))
    if kind == "Succeed":
        value = stepfunctions._apply_input_path(state, value, context)
        value, following = stepfunctions._apply_output_path(state, value, context), None
    elif kind in ("Task", "Parallel", "Map"):
        value, following = getattr(stepfunctions, f"_execute_{kind.lower()}")(state, value, execution, context)
    else:
        value, following = getattr(stepfunctions, f"_execute_{kind.lower()}")(state, value, context)
    left = {"name": name, "output": json.dumps(value)}
    stepfunctions._add_event(execution, f"{kind}StateExited", {"stateExitedEventDetails": left})
    return value, following
