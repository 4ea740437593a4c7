"""What canaries prove: encryption, conditions, copies, replication, events."""

import pytest

from docferry.account import events, replication, written
from docferry.domain.errors import ServiceError
from docferry.preflight.finding import Outcome, Severity
from docferry.simulation.account import denied
from tests.unit.account.places import Places, the_finding, the_unknown
from tests.unit.account.test_canaries import rule

KEY = "arn:aws:kms:eu-west-1:000000000000:key/k"


@pytest.mark.parametrize(
    ("operation", "action"), [("put", "kms:GenerateDataKey"), ("get", "kms:Decrypt"), ("put", "s3:PutObject")]
)
async def test_a_refusal_names_the_statement_that_is_missing(operation: str, action: str) -> None:
    places = Places()
    places.target.canaries.refusals[operation] = denied(action, KEY if "kms" in action else "")
    found = await written.check(places.target.nest, b"1")
    said = the_finding(found, "account-encryption", Severity.HIGH, "target-documents", f'"Action": "{action}"')
    assert (KEY if "kms" in action else "arn:aws:s3:::target-documents/.docferry/*") in said.fix


async def test_a_disabled_key_is_told_in_the_words_of_aws() -> None:
    places = Places()
    places.target.canaries.refusals["put"] = ServiceError("KMS.DisabledException: k", code="KMS.DisabledException")
    found = await written.check(places.target.nest, b"1")
    the_finding(found, "account-encryption", Severity.HIGH, "KMS.DisabledException", "the key's state")


async def test_what_comes_back_another_is_a_finding() -> None:
    places = Places()
    nest = places.target.nest

    def overwrite(key: str) -> None:
        places.target.canaries.push(key, b"other")

    places.target.canaries.replicas = lambda key, body: overwrite(key)
    the_finding(await written.check(nest, b"1"), "account-encryption", Severity.HIGH, "not what was put")


async def test_conditions_that_are_ignored_are_each_a_warning() -> None:
    places = Places()
    assert await written.check(places.target.nest, b"1") == []
    places.target.canaries.conditions = False
    put, delete = await written.check(places.target.nest, b"1")
    the_finding([put], "account-conditional-writes", Severity.MEDIUM, "PutObject with If-None-Match")
    the_finding([delete], "account-conditional-writes", Severity.MEDIUM, "DeleteObject with If-Match")
    copy = await written.check_copy(places.source.nest, places.target.nest, b"1")
    the_finding(copy, "account-conditional-writes", Severity.MEDIUM, "CopyObject with If-None-Match")


async def test_a_condition_that_may_not_be_tried_is_undecided() -> None:
    places = Places()
    places.target.canaries.refusals["remove"] = denied("s3:DeleteObject")
    the_unknown(await written.check(places.target.nest, b"1"), "account-conditional-writes", "s3:DeleteObject")


async def test_a_copy_is_told_of_the_side_that_refuses() -> None:
    places = Places()
    source, target = places.source.nest, places.target.nest
    assert await written.check_copy(source, target, b"1") == []
    places.target.canaries.refusals["copy"] = denied("s3:GetObject", "arn:aws:s3:::source-documents/k")
    found = await written.check_copy(source, target, b"1")
    the_finding(found, "account-encryption", Severity.HIGH, "s3://target-documents", "source-documents/k")
    places.source.canaries.refusals["put"] = denied("s3:PutObject")
    found = await written.check_copy(source, target, b"1")
    the_finding(found, "account-encryption", Severity.HIGH, "s3://source-documents")


def replicating(delay_s: float | None) -> Places:
    """With a rule from source to target that takes so long, or does not replicate."""
    places = Places()
    places.source.account.settings["replication"] = rule("target-documents")
    began = places.clock.now()

    async def late(key: str) -> object:
        if delay_s is not None and places.clock.now() - began >= delay_s:
            return await places.source.canaries.get(key)
        return None

    places.target.canaries.get = late  # type: ignore[assignment]
    return places


async def replicated(places: Places, *, native: bool = False) -> list[Outcome]:
    nests = places.source.nest, places.target.nest
    return await replication.check(*nests, b"1", places.clock, 60.0, native=native, tell=places.told.append)


async def test_a_rule_that_replicates_is_measured() -> None:
    places = replicating(7.2)
    assert await replicated(places) == []
    assert places.told == ["replication from source-documents to target-documents took 7.5 s"]


async def test_a_rule_that_takes_longer_than_is_waited_is_undecided() -> None:
    the_unknown(await replicated(replicating(61.0)), "account-replication", "within 60 s")


@pytest.mark.parametrize(("native", "severity"), [(False, Severity.MEDIUM), (True, Severity.HIGH)])
async def test_a_rule_that_fails_is_a_finding(native: bool, severity: Severity) -> None:
    places = replicating(None)
    places.source.canaries.replication = "FAILED"
    the_finding(await replicated(places, native=native), "account-replication", severity, "source-documents")


async def test_replication_is_tried_where_there_is_a_rule_and_else_said_to_be_unused() -> None:
    places = Places()
    places.source.account.settings["replication"] = rule("target-documents")
    target = places.target.canaries

    def replica(key: str, body: bytes) -> None:
        target.push(key, body)

    places.source.canaries.replicas = replica
    assert await places.checked() == []
    assert places.left == []
    assert [one for one in places.told if "replication" in one] == [
        "replication from source-documents to target-documents took 0.0 s"
    ]
    unused = Places()
    await unused.checked()
    assert "no replication rule is there, and docferry's engine needs none" in unused.told


async def test_an_event_that_comes_is_no_finding_and_the_rest_is_given_back() -> None:
    places = Places()
    found = await events.check(places.source.nest, places.source.events, b"1", places.clock, 90.0)
    assert found == []
    assert places.source.events.given_back == 1


async def test_an_event_that_does_not_come_in_time_is_a_finding() -> None:
    places = Places()
    places.source.canaries.events = lambda change: None
    began = places.clock.now()
    found = await events.check(places.source.nest, places.source.events, b"1", places.clock, 90.0)
    the_finding(found, "account-event", Severity.MEDIUM, "source-changes", "90 s")
    assert 90.0 <= places.clock.now() - began < 95.0
    assert places.source.events.given_back == 1


async def test_a_full_queue_hides_the_event_so_that_none_is_put() -> None:
    places = Places()
    places.source.events.others = events.MANY + 1
    found = await events.check(places.source.nest, places.source.events, b"1", places.clock, 90.0)
    the_unknown(found, "account-event", "201 messages wait")
    assert places.left == []


async def test_a_queue_that_another_takes_from_is_let_alone() -> None:
    places = Places()
    places.source.canaries.events = lambda change: None
    assert await places.checked(queues_taken=True) == []
    assert places.source.events.given_back == 0
