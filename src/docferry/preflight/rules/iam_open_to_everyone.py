"""A policy says who is meant."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.policies import Policy, Statement, policies
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import Grant
from docferry.preflight.rules._patterns import matches
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
_READS_OBJECTS = ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket")
"""What is open to everyone on a site: that is meant, and S3 itself asks for a word of consent."""

_BOUND = ("principal_org_id", "source_arn", "source_account", "event_source_token", "function_url_auth_type")
_FIX = "Name the accounts, roles or services that are meant, or add a condition such as `aws:PrincipalOrgID`."


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for policies of resources and roles that let everyone in, on no condition."""
    for policy, block, argument in policies(module):
        open_to_all = [one for one in policy.statements if _is_open(one, block)]
        if not open_to_all or _takes_away(policy):
            continue
        for user, name in uses(block, argument, module):
            severity, what = _OPEN.get((user.labels[0], name), (None, ""))
            for statement in open_to_all if severity else ():
                if not (user.labels[0].startswith("aws_s3_") and _only_reads(statement)):
                    yield RULE.finding(
                        at=statement,
                        message=f"everyone may {what}: `{user.address}`",
                        fix=_FIX,
                        severity=severity,
                    )
    for permission in module.resources("aws_lambda_permission"):
        if permission.value("principal") == "*" and not any(name in permission.attributes for name in _BOUND):
            yield RULE.finding(at=permission, message="everyone may call the function", fix=_FIX)


def _is_open(statement: Statement, block: Block) -> bool:
    """Whether it is for everyone, and for some actions: all of them are another rule's."""
    actions = () if isinstance(statement.actions, Unknown) else statement.actions
    wide = any(isinstance(one, str) and (one == "*" or one.endswith(":*")) for one in actions)
    open_to_all = statement.allows and Grant(statement, block).to_everyone and _on_no_condition(statement)
    return open_to_all and not wide and statement.not_actions == ()


def _on_no_condition(statement: Statement) -> bool:
    """Whether no condition holds anybody off: one for all values of a key holds where the key is missing."""
    conditions = statement.conditions
    return not isinstance(conditions, Unknown) and all(
        one.test.lower().startswith("forallvalues:") for one in conditions
    )


def _takes_away(policy: Policy) -> bool:
    """Whether another statement may deny it to most: but for some, or on more than an encrypted connection."""
    return any(
        one.effect != "Allow"
        and (
            one.not_principals != ()
            or isinstance(one.conditions, Unknown)
            or any(each.key.lower() != "aws:securetransport" for each in one.conditions)
        )
        for one in policy.statements
    )


def _only_reads(statement: Statement) -> bool:
    actions = statement.actions
    return not isinstance(actions, Unknown) and all(
        isinstance(one, str) and any(matches(one, name) for name in _READS_OBJECTS) and "*" not in one
        for one in actions
    )


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
