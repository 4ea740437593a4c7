"""A function that fails instead of keeping its task token.

AWS fails the task with the function's error, as it does without a token
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html). ministack passes over it, and the
execution waits for an answer that nobody will give.
"""

from contextvars import ContextVar
from typing import Any

from ministack.services import stepfunctions

from docferry.sandbox.patches import seam

_token: ContextVar[str] = ContextVar("token", default="")


def apply() -> None:
    """Answer the token with the error, as an operator who rejects does."""
    wait = seam.function(stepfunctions, "_invoke_with_callback", "resource", "input_data", "token", "state_def")
    call = seam.function(stepfunctions, "_call_lambda", "func_ref", "event")
    seam.function(stepfunctions, "_send_task_failure", "data")
    seam.values(stepfunctions, "_ExecutionError")

    def waited(resource: str, input_data: Any, token: str, state_def: Any) -> Any:
        before = _token.set(token)
        try:
            return wait(resource, input_data, token, state_def)
        finally:
            _token.reset(before)

    def called(func_ref: str, event: Any) -> Any:
        try:
            return call(func_ref, event)
        except stepfunctions._ExecutionError as error:
            if _token.get():
                failure = {"taskToken": _token.get(), "error": error.error, "cause": error.cause}
                stepfunctions._send_task_failure(failure)
            raise

    stepfunctions._invoke_with_callback = waited
    stepfunctions._call_lambda = called
