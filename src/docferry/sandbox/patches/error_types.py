"""The name of the error that a Python function raised.

AWS reports the class of the exception as `errorType`
(https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html), which Step Functions retries and catches by.
ministack's workers keep the message only, so that every error is a Runtime.HandlerError.
"""

from contextvars import ContextVar
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from docferry.sandbox.patches import seam

_ANSWER = '"error": str(e), "trace"'
_raised: ContextVar[str] = ContextVar("raised", default="")


def apply() -> None:
    """Have the worker say the name, and put it where the answer says that the handler failed."""
    execute = seam.function(lambda_svc, "_execute_function_warm", "func", "event", "request_id")
    seam.values(lambda_runtime, "_PYTHON_WORKER_SCRIPT", "Worker")
    if lambda_runtime._PYTHON_WORKER_SCRIPT.count(_ANSWER) != 1:
        raise seam.unknown("the script of its Python workers is another one")
    lambda_runtime._PYTHON_WORKER_SCRIPT = lambda_runtime._PYTHON_WORKER_SCRIPT.replace(
        _ANSWER, f'"type": type(e).__name__, {_ANSWER}'
    )
    invoke = lambda_runtime.Worker.invoke

    def invoked(worker: Any, *given: Any, **named: Any) -> Any:
        answer = invoke(worker, *given, **named)
        _raised.set(answer.get("type", ""))
        return answer

    def executed(func: Any, event: Any, request_id: str) -> Any:
        _raised.set("")
        answer = execute(func, event, request_id)
        failed = answer.get("error") and isinstance(answer.get("body"), dict)
        if failed and answer["body"].get("errorType") == "Runtime.HandlerError" and _raised.get():
            answer["body"]["errorType"] = _raised.get()
        return answer

    lambda_runtime.Worker.invoke = invoked
    lambda_svc._execute_function_warm = executed
