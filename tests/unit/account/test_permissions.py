import json
from dataclasses import replace

import pytest

from docferry.account import permissions
from docferry.account.permissions import Asking, needed
from docferry.account.port import Kind, Need
from docferry.domain.errors import Conflict, ServiceError
from docferry.preflight.finding import Outcome, Severity
from docferry.simulation.account import WHO, MemoryAccount, denied, named
from tests.unit.account.places import findings, the_finding, the_unknown

DEAD = "arn:aws:sqs:eu-west-1:000000000000:target-changes-dead"
ASKING = Asking(WHO, DEAD)
NAMES = {side: named(side) for side in ("source", "target")}
CASES = [
    (side, one) for side, names in NAMES.items() for one in needed(names) if one != permissions.LIST
]  # fmt: skip


class OneDenied(MemoryAccount):
    """Denies one action on one kind of resource."""

    need: Need | None = None
    error: ServiceError | None = None

    async def attempt(self, need: Need) -> None:
        if need == self.need:
            raise self.error or denied(need.action)


async def tried(account: MemoryAccount, side: str = "target") -> list[Outcome]:
    return await permissions.check(account, account.names, ASKING, needed(NAMES[side]))


@pytest.mark.parametrize(("side", "need"), CASES, ids=lambda one: one if isinstance(one, str) else f"{one}")
async def test_each_permission_that_is_missing_is_named_with_its_resource(side: str, need: Need) -> None:
    account = OneDenied(NAMES[side])
    account.need = need
    severity = Severity.MEDIUM if need.commands == "plan" else Severity.HIGH
    found = the_finding(await tried(account, side), "account-permission", severity, WHO)
    statement = json.loads(found.fix.partition("allow it: ")[2])
    assert (statement["Effect"], statement["Action"]) == ("Allow", need.action)
    assert statement["Resource"] == ASKING.arn(NAMES[side], need.kind)
    assert statement["Resource"].startswith("arn:aws:")


async def test_nothing_is_said_where_nothing_is_missing() -> None:
    account = MemoryAccount(NAMES["target"])
    assert await tried(account) == []
    assert {one.action for one in account.tried} >= {
        "s3:PutObject",
        "dynamodb:BatchWriteItem",
        "sqs:DeleteMessage",
    }


async def test_a_condition_that_does_not_hold_proves_the_permission() -> None:
    class Conditional(MemoryAccount):
        async def attempt(self, need: Need) -> None:
            raise Conflict("PreconditionFailed")

    assert await tried(Conditional(NAMES["target"])) == []


async def test_a_denied_key_is_named_once_and_not_the_permission_of_s3() -> None:
    class Sealed(MemoryAccount):
        async def attempt(self, need: Need) -> None:
            if need.kind is Kind.DOCUMENTS:
                raise denied("kms:Decrypt", "arn:aws:kms:eu-west-1:1:key/k")

    (found,) = findings(await tried(Sealed(NAMES["target"])))
    assert "kms:Decrypt on arn:aws:kms:eu-west-1:1:key/k" in found.message
    assert '"Action": "kms:Decrypt"' in found.fix


async def test_without_listing_a_bare_denial_of_a_document_tells_nothing() -> None:
    class Unlisted(MemoryAccount):
        async def attempt(self, need: Need) -> None:
            if need.action == "s3:GetObject":
                raise ServiceError("GET: 403", status=403)
            if need == permissions.LIST:
                raise denied("s3:ListBucket")

    listing, unknown = sorted(await tried(Unlisted(NAMES["target"])), key=lambda one: type(one).__name__)
    the_finding([listing], "account-permission", Severity.HIGH, "s3:ListBucket")
    the_unknown([unknown], "account-permission", "s3:GetObject", "without s3:ListBucket")


async def test_whatever_else_is_answered_is_not_taken_for_a_denial() -> None:
    account = OneDenied(NAMES["target"])
    account.need = Need("dynamodb:PutItem", Kind.RECORDS)
    account.error = ServiceError("ValidationException: x", code="ValidationException", status=400)
    the_unknown(await tried(account), "account-permission", "dynamodb:PutItem", "ValidationException")


async def test_an_explicit_deny_asks_for_its_removal() -> None:
    account = OneDenied(NAMES["target"])
    account.need = Need("dynamodb:PutItem", Kind.RECORDS)
    account.error = ServiceError("with an explicit deny in a policy", code="AccessDenied", status=403)
    assert findings(await tried(account))[0].fix.startswith("remove the policy statement that denies it")


def test_only_what_there_is_is_needed() -> None:
    kinds = {one.kind for one in needed(NAMES["target"], [Kind.STREAM, Kind.DEAD_LETTERS])}
    assert not kinds & {Kind.STREAM, Kind.DEAD_LETTERS, Kind.PROBE_ROLE, Kind.WORKER_ROLE}
    fenced = replace(NAMES["target"], probe_role="arn:aws:iam::1:role/probe")
    assert {one.kind for one in needed(fenced)} >= {Kind.PROBE_ROLE, Kind.STREAM}


async def test_what_a_worker_role_writes_is_not_tried_with_other_credentials_and_that_is_said() -> None:
    names = replace(NAMES["target"], worker_role="arn:aws:iam::1:role/worker")
    account = MemoryAccount(names, denied={"s3:PutObject", "s3:DeleteObject"})
    found = await permissions.check(account, names, ASKING, needed(names))
    the_unknown(found, "account-permission", "role/worker")
    assert Need("sts:AssumeRole", Kind.WORKER_ROLE) in account.tried


def test_who_asks_decides_partition_and_account() -> None:
    asking = Asking("arn:aws-cn:sts::123456789012:assumed-role/a/b")
    assert asking.arn(NAMES["source"], Kind.DOCUMENTS) == "arn:aws-cn:s3:::source-documents/*"
    stream = "arn:aws-cn:dynamodb:us-east-1:123456789012:table/source-records/stream/*"
    assert asking.arn(NAMES["source"], Kind.STREAM) == stream
    assert Asking("").arn(NAMES["source"], Kind.QUEUE) == "arn:aws:sqs:us-east-1:*:source-changes"
