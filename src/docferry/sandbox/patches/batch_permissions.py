"""Batches of queue requests need the permission of the single one.

IAM has no actions for them: sqs:DeleteMessage allows DeleteMessageBatch as well
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html).
ministack asks for an action by the name of the request.
"""

from typing import Any

from ministack.core import iam_actions

from docferry.sandbox.patches import seam

_SINGLE = {
    f"sqs:{name}Batch": f"sqs:{name}" for name in ("ChangeMessageVisibility", "DeleteMessage", "SendMessage")
}


def apply() -> None:
    """Ask for the single action."""
    extract = seam.function(
        iam_actions, "extract_iam_action", "service", "method", "path", "headers", "body", "query_params"
    )

    def extract_single(*asked: Any) -> str | None:
        action: str | None = extract(*asked)
        return _SINGLE.get(action or "", action)

    iam_actions.extract_iam_action = extract_single
