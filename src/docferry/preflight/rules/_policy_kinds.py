"""What a policy is for: whoever has it, who may have a role, or who reaches a resource."""

from collections.abc import Iterator
from enum import Enum

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference
from docferry.preflight.policies import written_in


class Kind(Enum):
    """What IAM asks of a policy hangs on this."""

    IDENTITY = "a policy for whoever has it"
    TRUST = "a role's trust policy"
    RESOURCE = "a resource's policy"


_KINDS = {
    ("aws_iam_policy", "policy"): Kind.IDENTITY,
    ("aws_iam_role_policy", "policy"): Kind.IDENTITY,
    ("aws_iam_user_policy", "policy"): Kind.IDENTITY,
    ("aws_iam_group_policy", "policy"): Kind.IDENTITY,
    ("aws_iam_role", "inline_policy"): Kind.IDENTITY,
    ("aws_ssoadmin_permission_set_inline_policy", "inline_policy"): Kind.IDENTITY,
    ("aws_iam_role", "assume_role_policy"): Kind.TRUST,
    ("aws_ecr_repository_policy", "policy"): Kind.RESOURCE,
    ("aws_kms_key", "policy"): Kind.RESOURCE,
    ("aws_kms_key_policy", "policy"): Kind.RESOURCE,
    ("aws_s3_bucket", "policy"): Kind.RESOURCE,
    ("aws_s3_bucket_policy", "policy"): Kind.RESOURCE,
    ("aws_secretsmanager_secret", "policy"): Kind.RESOURCE,
    ("aws_secretsmanager_secret_policy", "policy"): Kind.RESOURCE,
    ("aws_sns_topic", "policy"): Kind.RESOURCE,
    ("aws_sns_topic_policy", "policy"): Kind.RESOURCE,
    ("aws_sqs_queue", "policy"): Kind.RESOURCE,
    ("aws_sqs_queue_policy", "policy"): Kind.RESOURCE,
}


def kinds(block: Block, argument: str, module: Module) -> frozenset[Kind]:
    """Return what a policy is for: that of an argument of a resource, or of a data source by whatever uses it."""
    found = (_KINDS.get((user.labels[0], name)) for user, name in uses(block, argument, module))
    return frozenset(one for one in found if one is not None)


def uses(block: Block, argument: str, module: Module) -> Iterator[tuple[Block, str]]:
    """Give the resources that have a policy, with the argument: one, or whichever use a data source."""
    if block.type != "data":
        yield block, argument
        return
    for user in module.referrers(block):
        if user.type == "resource":
            for name, held in written_in(user):
                value = held.value
                if isinstance(value, Reference) and module.resolve(value) is block:
                    yield user, name
