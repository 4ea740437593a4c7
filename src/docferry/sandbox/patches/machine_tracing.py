"""State machines keep whether they are traced.

AWS tells it with the machine
(https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html); ministack takes it
and forgets it, so that every plan of Terraform would set it again.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import stepfunctions

from docferry.sandbox.patches import seam

_TRACING = "tracingConfiguration"


def apply() -> None:
    """Keep it when a machine is created or changed; its description holds whatever is kept."""
    create = seam.function(stepfunctions, "_create_state_machine", "data")
    update = seam.function(stepfunctions, "_update_state_machine", "data")
    seam.function(stepfunctions, "_describe_state_machine", "data")
    seam.values(stepfunctions, "_state_machines")
    stepfunctions._create_state_machine = _keeping(create)
    stepfunctions._update_state_machine = _keeping(update)


def _keeping(change: Callable[[dict[str, Any]], seam.Answer]) -> Callable[[dict[str, Any]], seam.Answer]:
    def changed(data: dict[str, Any]) -> seam.Answer:
        answer = change(data)
        if answer[0] == 200 and _TRACING in data:
            arn = data.get("stateMachineArn") or json.loads(answer[2])["stateMachineArn"]
            stepfunctions._state_machines[arn][_TRACING] = data[_TRACING]
        return answer

    return changed
