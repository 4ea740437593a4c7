"""Whether each permission that the commands need is there, proved by trying.

Nothing is simulated: a policy simulator knows neither policies of resources and organisations nor keys. What is
tried is what docferry will do, on a condition that never holds or on what is not there, so that nothing changes.
It is proved for the credentials of this command; functions have roles of their own.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from docferry.account.denial import denied_action, is_denied
from docferry.account.port import Account, Kind, Names, Need
from docferry.account.rule import AccountRule
from docferry.bounded import each
from docferry.domain.errors import Conflict, DocferryError, InvalidInput, Retryable, ServiceError
from docferry.preflight.finding import Finding, Outcome, Severity

PERMISSION = AccountRule(
    "account-permission",
    "A permission is missing",
    Severity.HIGH,
    "The command that needs it is refused by AWS in the middle of its work.",
    "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
)
RULES = (PERMISSION,)
AT_ONCE = 8
PLAN = "plan"
LIST = Need("s3:ListBucket", Kind.BUCKET, "plan, sync, validate")

_READS = (
    Need("s3:GetBucketVersioning", Kind.BUCKET, "plan, sync"),
    Need("s3:GetBucketNotification", Kind.BUCKET),
    Need("s3:GetBucketLocation", Kind.BUCKET, PLAN),
    Need("s3:GetBucketObjectLockConfiguration", Kind.BUCKET, PLAN),
    Need("s3:GetEncryptionConfiguration", Kind.BUCKET, PLAN),
    Need("s3:GetBucketRequestPayment", Kind.BUCKET, PLAN),
    Need("s3:GetObject", Kind.DOCUMENTS, "plan, sync, validate"),
    Need("s3:GetObjectVersion", Kind.DOCUMENTS, "validate"),
    Need("s3:GetObjectAttributes", Kind.DOCUMENTS),
    Need("s3:GetObjectTagging", Kind.DOCUMENTS),
    Need("s3:GetObjectVersionTagging", Kind.DOCUMENTS, "sync, validate"),
    *(Need("dynamodb:DescribeTable", one) for one in (Kind.RECORDS, Kind.CONTROL, Kind.CONFLICTS, Kind.JOURNAL)),
    Need("dynamodb:GetItem", Kind.RECORDS, "sync, validate"),
    Need("dynamodb:BatchGetItem", Kind.RECORDS, "sync, validate"),
    Need("dynamodb:Scan", Kind.RECORDS, "plan, sync, validate"),
    Need("dynamodb:DescribeStream", Kind.STREAM),
    Need("dynamodb:GetShardIterator", Kind.STREAM),
    Need("dynamodb:GetRecords", Kind.STREAM),
    Need("dynamodb:GetItem", Kind.CONTROL, "sync, validate, cutover"),
    Need("dynamodb:PutItem", Kind.CONTROL, "sync, validate, cutover"),
    Need("dynamodb:Query", Kind.JOURNAL, "cutover"),
    Need("dynamodb:BatchWriteItem", Kind.JOURNAL, "sync, cutover"),
    Need("sqs:GetQueueUrl", Kind.QUEUE, "sync, validate, cutover"),
    Need("sqs:GetQueueAttributes", Kind.QUEUE, "sync, validate, cutover"),
    Need("sqs:ReceiveMessage", Kind.QUEUE),
    Need("sqs:DeleteMessage", Kind.QUEUE),
    Need("sqs:ChangeMessageVisibility", Kind.QUEUE),
    Need("sqs:GetQueueUrl", Kind.DEAD_LETTERS, "sync, cutover"),
    Need("sqs:GetQueueAttributes", Kind.DEAD_LETTERS, "sync, cutover"),
    Need("sts:AssumeRole", Kind.PROBE_ROLE, "cutover"),
    Need("sts:AssumeRole", Kind.WORKER_ROLE),
)
_WRITES = tuple(
    (action, kind)
    for kind, actions in {
        Kind.DOCUMENTS: (
            "s3:PutObject",
            "s3:PutObjectTagging",
            "s3:PutObjectVersionTagging",
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
        ),
        Kind.RECORDS: ("dynamodb:PutItem", "dynamodb:DeleteItem"),
    }.items()
    for action in actions
)
_OF_SOURCE = (
    Need("s3:ListBucketVersions", Kind.BUCKET, PLAN),
    *(Need(action, kind, "sync after a cutover, rollback") for action, kind in _WRITES),
)
_OF_TARGET = (
    *(Need(action, kind) for action, kind in _WRITES),
    Need("dynamodb:BatchGetItem", Kind.CONTROL, "sync, validate"),
    Need("dynamodb:BatchWriteItem", Kind.CONTROL),
    Need("dynamodb:BatchWriteItem", Kind.CONFLICTS),
    Need("dynamodb:GetItem", Kind.CONFLICTS, "conflicts"),
    Need("dynamodb:Scan", Kind.CONFLICTS, "conflicts"),
)


def needed(names: Names, without: Collection[Kind] = ()) -> tuple[Need, ...]:
    """Return what the commands need on a side; `without` is what the side has not got."""
    found = (LIST, *_READS, *(_OF_SOURCE if names.side == "source" else _OF_TARGET))
    # With a worker role it is that role which writes documents and records.
    elsewhere = _WRITES if names.worker_role else ()
    roles = {Kind.PROBE_ROLE: names.probe_role, Kind.WORKER_ROLE: names.worker_role}
    absent = {*without, *(kind for kind, role in roles.items() if not role)}
    return tuple(one for one in found if (one.action, one.kind) not in elsewhere and one.kind not in absent)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: an ARN, empty where it is not known. `dead_letters` is that of the dead-letter queue, if any."""

    who: str
    dead_letters: str = ""

    def arn(self, names: Names, kind: Kind) -> str:
        """Return a kind of resource as a policy names it; partition and account are those of who asks."""
        given = {Kind.DEAD_LETTERS: self.dead_letters, Kind.PROBE_ROLE: names.probe_role}
        given[Kind.WORKER_ROLE] = names.worker_role
        if kind in given:
            return given[kind]
        parts = self.who.split(":")
        partition, account = (parts[1], parts[4]) if len(parts) > 5 else ("aws", "*")
        if kind in (Kind.BUCKET, Kind.DOCUMENTS):
            return f"arn:{partition}:s3:::{names.bucket}" + ("/*" if kind is Kind.DOCUMENTS else "")
        if kind is Kind.QUEUE:
            return f"arn:{partition}:sqs:{names.region}:{account}:{names.queue}"
        stream = "/stream/*" if kind is Kind.STREAM else ""
        return f"arn:{partition}:dynamodb:{names.region}:{account}:table/{_table(names, kind)}{stream}"


async def check(account: Account, names: Names, asking: Asking, needs: Sequence[Need]) -> list[Outcome]:
    """Try each, listing first: without that, S3 does not tell what is denied from what is not there."""
    first = await _tried(account, names, asking, LIST)
    found = [first] if first else []

    async def one(need: Need) -> None:
        outcome = await _tried(account, names, asking, need, listed=first is None)
        if outcome:
            found.append(outcome)

    await each((need for need in needs if need != LIST), one, asyncio.Semaphore(AT_ONCE))
    return [*{_statement(one): one for one in found}.values(), *_untried(names)]


def _untried(names: Names) -> list[Outcome]:
    found: list[Outcome] = []
    if names.worker_role:
        said = f"documents and records are written as {names.worker_role}, which a switch tries, not this check"
        found.append(PERMISSION.undecided(names.bucket_named, said))
    if names.probe_role:
        said = "s3:PutBucketPolicy, s3:DeleteBucketPolicy, dynamodb:PutResourcePolicy and "
        said += (
            "dynamodb:DeleteResourcePolicy cannot be tried without changing a policy; the hard fence needs them"
        )
        found.append(PERMISSION.undecided(names.bucket_named, said))
    return found


def _statement(outcome: Outcome) -> tuple[str, str]:
    # One denied key of KMS is met by many requests.
    return outcome.subject, outcome.fix if isinstance(outcome, Finding) else outcome.what_is_unknown


async def _tried(
    account: Account, names: Names, asking: Asking, need: Need, *, listed: bool = True
) -> Outcome | None:
    try:
        await account.attempt(need)
    except Conflict:
        return None
    except ServiceError as error:
        if is_denied(error):
            return _denied(error, names, asking, need, listed=listed)
        return _unknown(error, names, need)
    except (InvalidInput, Retryable) as error:
        return _unknown(error, names, need)
    return None


def _unknown(error: DocferryError, names: Names, need: Need) -> Outcome:
    return PERMISSION.undecided(subject_of(names, need.kind), f"{need.action} could not be tried: {error}")


def _denied(error: ServiceError, names: Names, asking: Asking, need: Need, *, listed: bool) -> Outcome:
    subject = subject_of(names, need.kind)
    action, resource = denied_action(error)
    if not action and not listed and need.kind is Kind.DOCUMENTS:
        # S3 answers 403 for what is not there to whoever may not list.
        return PERMISSION.undecided(subject, f"{need.action}: cannot be told without s3:ListBucket ({error})")
    same = not action or action.lower() == need.action.lower()
    action = need.action if same else action
    resource = asking.arn(names, need.kind) if same or not resource else resource
    severity = Severity.MEDIUM if need.commands == PLAN else None
    return PERMISSION.finding(
        subject,
        f"{action} on {resource} is denied to {asking.who or 'these credentials'}; {need.commands} needs it. "
        f"AWS says: {error}",
        fix=allow(action, resource, explicit="explicit deny" in str(error)),
        severity=severity,
    )


def allow(action: str, resource: str, *, explicit: bool = False) -> str:
    """Return what to do, with the statement that is missing."""
    statement = json.dumps({"Effect": "Allow", "Action": action, "Resource": resource})
    deny = "remove the policy statement that denies it, and " if explicit else ""
    return f"{deny}allow it: {statement}"


def dead_letters(redrive: str) -> str:
    """Return the ARN of the dead-letter queue out of a redrive policy, or nothing."""
    return str(json.loads(redrive)["deadLetterTargetArn"]) if redrive else ""


def subject_of(names: Names, kind: Kind) -> str:
    """Return a kind of resource as findings name it."""
    if kind in (Kind.BUCKET, Kind.DOCUMENTS):
        return names.bucket_named
    if kind in (Kind.QUEUE, Kind.DEAD_LETTERS):
        return names.queue_named if kind is Kind.QUEUE else f"dead letters of {names.queue_named}"
    if kind in (Kind.PROBE_ROLE, Kind.WORKER_ROLE):
        return f"role {names.probe_role if kind is Kind.PROBE_ROLE else names.worker_role}"
    return names.table_named(_table(names, kind))


def _table(names: Names, kind: Kind) -> str:
    tables = {Kind.CONTROL: names.control_table, Kind.CONFLICTS: names.conflicts_table}
    return {**tables, Kind.JOURNAL: names.journal_table}.get(kind, names.table)
