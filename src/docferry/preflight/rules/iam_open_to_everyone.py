"""A policy says who is meant."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.policy import Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import grants
from docferry.preflight.rules._policy_kinds import uses

_HIGH, _MEDIUM = Severity.HIGH, Severity.MEDIUM
_ASSUME = ("aws_iam_role", "assume_role_policy")
_POLICY = "policy"
_OPEN = {
    _ASSUME: (_HIGH, "assume the role"),
    ("aws_kms_key", _POLICY): (_HIGH, "use the key"),
    ("aws_kms_key_policy", _POLICY): (_HIGH, "use the key"),
    ("aws_secretsmanager_secret", _POLICY): (_HIGH, "reach the secret"),
    ("aws_secretsmanager_secret_policy", _POLICY): (_HIGH, "reach the secret"),
    ("aws_backup_vault_policy", _POLICY): (_MEDIUM, "reach the vault"),
    ("aws_cloudwatch_event_bus_policy", _POLICY): (_MEDIUM, "reach the event bus"),
    ("aws_dynamodb_resource_policy", _POLICY): (_MEDIUM, "reach the table"),
    ("aws_ecr_repository_policy", _POLICY): (_MEDIUM, "reach the repository"),
    ("aws_kinesis_resource_policy", _POLICY): (_MEDIUM, "reach the stream"),
    ("aws_s3_bucket", _POLICY): (_MEDIUM, "change what is in the bucket"),
    ("aws_s3_bucket_policy", _POLICY): (_MEDIUM, "change what is in the bucket"),
    ("aws_sns_topic", _POLICY): (_MEDIUM, "reach the topic"),
    ("aws_sns_topic_policy", _POLICY): (_MEDIUM, "reach the topic"),
    ("aws_sqs_queue", _POLICY): (_MEDIUM, "reach the queue"),
    ("aws_sqs_queue_policy", _POLICY): (_MEDIUM, "reach the queue"),
}
_READS = re.compile("s3:(?:Get|List)", re.IGNORECASE)
"""What is open to everyone on a site: that is meant, and S3 itself asks for a word of consent."""

_BOUND = (
    "event_source_token",
    "function_url_auth_type",
    "invoked_via_function_url",
    "principal_org_id",
    "source_account",
    "source_arn",
)
_FIX = "Name the accounts, roles or services that are meant, or add a condition such as `aws:PrincipalOrgID`."


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for policies of resources and roles that let everyone in, on no condition."""
    for grant in grants(module):
        if not grant.is_open or _is_wide(grant.statement):
            continue
        for user, name in uses(grant.block, grant.argument, module):
            severity, what = _OPEN.get((user.labels[0], name), (None, ""))
            only_reads = user.labels[0].startswith("aws_s3_") and not _changes(grant.statement)
            if severity and not only_reads and not user.absent:
                yield RULE.finding(
                    at=grant.statement,
                    message=f"everyone may {what}: `{user.address}`",
                    fix=_FIX,
                    severity=severity,
                    certain=not grant.statement.hangs_on_a_variable and not user.repeated,
                )
    for permission in module.resources("aws_lambda_permission"):
        caller = permission.attribute("principal")
        bound = any(name in permission.attributes for name in _BOUND)
        if caller is not None and caller.value == "*" and not bound and not permission.absent:
            yield RULE.finding(
                at=permission,
                message="everyone may call the function",
                fix=_FIX,
                certain=not caller.expression.assumed and not permission.repeated,
            )


def _is_wide(statement: Statement) -> bool:
    """Whether it is for all actions, of a service or at all: that is another rule's."""
    actions = told(statement.actions)
    wide = any(isinstance(one, str) and (one == "*" or one.endswith(":*")) for one in actions)
    return wide or statement.not_actions != ()


def _changes(statement: Statement) -> bool:
    """Whether it is known to allow more of a bucket than to read what is in it."""
    actions = told(statement.actions)
    return any(isinstance(one, str) and not _READS.match(one) for one in actions)


RULE = Rule(
    id="iam-open-to-everyone",
    title="Policy for everyone",
    severity=Severity.MEDIUM,
    stage=Stage.NEVER,
    why="Everyone is every account of AWS, and where requests need no signature everyone at all. All they need is "
    "the name, and names are in logs, in code and in addresses.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    "#principal-anonymous",
    check=check,
)
