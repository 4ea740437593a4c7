import asyncio

import pytest

from docferry.account.pair import Asked
from docferry.account.run import RULES, read_only
from docferry.domain.errors import Retryable
from docferry.preflight.finding import Severity, Undecided
from docferry.simulation.account import denied
from tests.unit.account.places import Places, findings, the_finding


async def test_an_account_as_it_should_be_is_found_so_and_nothing_is_left() -> None:
    places = Places()
    assert await places.checked() == []
    assert places.left == []
    assert any("canaries removed from source-documents: 4 versions" in one for one in places.told)


async def test_what_only_reads_puts_no_canary_and_tries_no_permission() -> None:
    places = Places()
    places.target.account.settings["versioning"] = {}
    found = await read_only(places.pair, Asked(run="run"), places.told.append)
    the_finding(found, "account-versioning", Severity.HIGH, "s3://target-documents")
    assert places.source.account.tried == places.target.account.tried == []
    assert not places.source.canaries.stacks and not places.target.canaries.stacks


@pytest.mark.parametrize("side", [0, 1])
async def test_where_a_service_does_not_answer_nothing_more_is_asked(side: int) -> None:
    places = Places()
    places.sides[side].account.failing["s3"] = Retryable("connection refused")
    found = await places.checked()
    the_finding(findings(found), "account-unreachable", Severity.CRITICAL, "connection refused")
    assert places.source.account.tried == []
    assert "the rest was not looked at: mend this first" in places.told
    # Or a report would let them pass for proved.
    unknown = [one for one in found if isinstance(one, Undecided)]
    assert {one.rule for one in unknown} == {one.id for one in RULES[3:]}
    assert all("account-unreachable has to be mended first" in one.what_is_unknown for one in unknown)


@pytest.mark.parametrize("name", ["target-documents", "target-journal", "target-changes"])
async def test_what_is_not_there_is_the_only_thing_that_is_found(name: str) -> None:
    places = Places()
    places.target.account.absent.add(name)
    found = await places.checked()
    the_finding(findings(found), "account-missing", Severity.HIGH, name, "target.")
    assert {one.rule for one in found if isinstance(one, Undecided)} == {one.id for one in RULES[4:]}


async def test_a_check_that_cannot_be_made_is_undecided_and_the_others_are_made() -> None:
    places = Places()
    places.target.account.ttl = None
    places.source.account.settings["versioning"] = {"Status": ["Suspended"]}
    rules = [one.rule for one in await places.checked()]
    assert sorted(rules) == ["account-configuration", "account-versioning"]


@pytest.mark.parametrize("operation", ["put", "get", "copy", "remove"])
async def test_canaries_are_removed_when_a_step_fails(operation: str) -> None:
    places = Places()
    for one in places.sides:
        one.canaries.refusals[operation] = denied("kms:GenerateDataKey", "arn:aws:kms:eu-west-1:1:key/k")
    assert findings(await places.checked(), "account-") or operation == "remove"
    assert places.left == []


async def test_canaries_are_removed_when_it_is_cut_off_however_often() -> None:
    places = Places()
    # The event never comes, so that it waits.
    places.source.canaries.events = lambda change: None
    task = asyncio.ensure_future(places.checked(event_s=1e9))
    while not places.left:
        await asyncio.sleep(0)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert places.left == []
    assert any(one.startswith("canaries removed") for one in places.told)


def test_every_rule_has_a_name_of_its_own_that_says_where_it_belongs() -> None:
    names = [one.id for one in RULES]
    assert len(set(names)) == len(names)
    assert all(one.startswith("account-") for one in names)
