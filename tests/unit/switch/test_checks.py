from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import Refused, TooEarly
from docferry.domain.journal import Presence
from docferry.domain.switch import Turn
from docferry.ports import Pending
from docferry.simulation.token import MemoryToken
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.switch.checks import DWELL, Check, checked, refuse
from docferry.switch.complete import complete
from docferry.switch.terms import Terms
from docferry.workflow import validate
from tests.unit.switch.moving import TERMS, Moving, approved, lost, moving

Spoil = Callable[[Moving], Awaitable[None]]


async def entry(world: Moving, name: str, **changes: object) -> None:
    held = await Checkpoint.load(world.ledger, name)
    await held.save({**held.entry, **changes})


async def _no_runner(world: Moving) -> None:
    await entry(world, "lease/sync", owner="")


async def _not_filled(world: Moving) -> None:
    await entry(world, "backfill/0/records/", done=False)


async def _stuck(world: Moving) -> None:
    await entry(world, "stuck", keys=[{"kind": "document", "key": "k", "reason": "no"}])


async def _dead_letters(world: Moving) -> None:
    async def pending() -> Pending:
        return Pending(0, 0, 3)

    world.source_feed.pending = pending  # type: ignore[method-assign]


async def _not_validated(world: Moving) -> None:
    await (await Checkpoint.load(world.ledger, Scope(Level.FULL).name)).save({})


async def _differences(world: Moving) -> None:
    await entry(world, Scope(Level.FULL).name, differences=2)


async def _old_validation(world: Moving) -> None:
    await entry(world, Scope(Level.FULL).name, finished_at=world.clock.now() - 25 * 3600)


async def _lag(world: Moving) -> None:
    progress = await world.ledger.read("progress") or {}
    await entry(world, "progress", heartbeat={**progress["heartbeat"], "lag_s": 3.0})


async def _no_heartbeat(world: Moving) -> None:
    progress = await world.ledger.read("progress") or {}
    await entry(world, "progress", heartbeat={**progress["heartbeat"], "seen_at": 1.0})


async def _no_canary(world: Moving) -> None:
    progress = await world.ledger.read("progress") or {}
    await entry(world, "progress", heartbeat={**progress["heartbeat"], "reverse_proved_at": 0.0})


async def _no_client(world: Moving) -> None:
    world.source_journal._clients.clear()


async def _slow_client(world: Moving) -> None:
    slow = Presence("slow", "source", 1, False, 5.0, 10.0, world.clock.now())
    await world.source_journal.present(slow)


async def _patient_client(world: Moving) -> None:
    patient = Presence("patient", "source", 1, False, 1.0, 600.0, world.clock.now())
    await world.source_journal.present(patient)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_no_runner, "runner: nobody follows"),
        (_not_filled, "backfill: not done"),
        (_stuck, "stuck: 1 keys"),
        (_dead_letters, "feeds: .* 3 in dead-letter queues"),
        (_not_validated, "validation: there is no finished"),
        (_differences, "validation: 2 differences"),
        (_old_validation, "validation: .* 1500 min ago"),
        (_lag, "lag: 3.00 s"),
        (_no_heartbeat, "lag: no heartbeat"),
        (_no_canary, "reverse path: no canary"),
        (_no_client, "clients: no application"),
        (_slow_client, "clients: slow has a lease of 5 s"),
        (_patient_client, "clients: patient has .* deadline of 600 s"),
    ],
)
async def test_each_check_refuses_with_its_figure_and_what_to_do_and_changes_nothing(
    spoil: Spoil, said: str
) -> None:
    async with moving() as (world, applications):
        await spoil(world)
        with pytest.raises(Refused, match=said) as refused:
            await world.switch()
        assert refused.value.hint
        assert await world.writers() == ("application", "replicator")
        assert await lost(world, applications, "source", "target") == {}


async def test_a_pause_that_cannot_be_kept_at_all_is_refused() -> None:
    async with moving() as (world, _):
        with pytest.raises(Refused, match=r"pause: at most 0\.2 s"):
            await world.switch(terms=replace(TERMS, max_pause_s=0.2))


@pytest.mark.parametrize(("max_pause_s", "told"), [(TERMS.deadline_s, False), (TERMS.deadline_s + 1, True)])
async def test_a_pause_that_applications_do_not_wait_for_is_told(max_pause_s: float, told: bool) -> None:
    async with moving() as (world, _):
        found = await checked(world.migration(), Turn.CUTOVER, replace(TERMS, max_pause_s=max_pause_s))
        (pause,) = [one for one in found if one.name == "pause"]
        assert ("writes of applications fail unsent" in pause.figure, pause.ok) == (told, True)


async def test_without_a_client_the_feeds_have_to_be_silent_while_writers_are_held() -> None:
    async with moving(applications=1) as (world, applications):
        world.source_journal._clients.clear()
        switch = await world.switch(terms=replace(TERMS, without_client=True))
        assert switch.pause_s > world.migration().tuning.settle_s
        assert await lost(world, applications, "source", "target") == {}


async def test_what_is_there_already_is_no_cutover_and_there_is_no_rollback_before_one() -> None:
    async with moving() as (world, _):
        with pytest.raises(Refused, match="applications write in source-region already"):
            await world.switch(Turn.ROLLBACK)
        await world.switch()
        with pytest.raises(Refused, match="applications write in target-region already"):
            await world.switch()


async def test_complete_needs_a_validation_after_the_switch_and_then_ends_the_way_back() -> None:
    async with moving() as (world, applications):
        with pytest.raises(Refused, match="applications do not write at the target"):
            await complete(world.directions("switch"), TERMS, approved)
        await world.switch()
        await world.clock.sleep(3.0)
        with pytest.raises(Refused, match="begun before the last switch"):
            await complete(world.directions("switch"), TERMS, approved)
        await validate(world.directions().reverse, Scope(Level.FULL), lambda _: None)
        assert all(one.ok for one in await complete(world.directions("switch"), TERMS, approved))
        assert await world.writers() == ("nobody", "application")
        with pytest.raises(Refused, match="the migration is complete"):
            await world.switch(Turn.ROLLBACK)
        assert await complete(world.directions("switch"), TERMS, approved) == ()
        assert await lost(world, applications, "target") == {}


def test_what_is_waited_for_is_longer_than_what_applications_were_given() -> None:
    terms = Terms(lease_s=1.0, deadline_s=10.0)
    assert terms.full_lease_s > 1.0
    assert terms.armed_lease_s > 0.25
    assert terms.dwell_s > 10.0


def test_only_where_nothing_but_time_is_wanting_it_is_too_early() -> None:
    early, wrong = Check(DWELL, "10 s", ok=False), Check("lag", "3 s", ok=False)
    with pytest.raises(TooEarly):
        refuse([early, Check("lag", "0 s")])
    for checks in ([wrong], [early, wrong]):
        with pytest.raises(Refused) as refused:
            refuse(checks)
        assert type(refused.value) is Refused


async def test_a_switch_is_refused_until_what_was_sent_before_the_last_one_is_dead() -> None:
    async with moving() as (world, _):

        async def dwell() -> Check:
            found = await checked(world.directions("switch").reverse, Turn.ROLLBACK, TERMS)
            return next(one for one in found if one.name == DWELL)

        ended_at = (await world.switch()).ended_at
        await world.clock.sleep(ended_at + TERMS.dwell_s - 0.5 - world.clock.now())
        early = await dwell()
        assert (early.ok, early.hint) == (False, "try again in 1 s")
        with pytest.raises(Refused, match="dwell"):
            await world.switch(Turn.ROLLBACK)
        await world.clock.sleep(0.6)
        assert (await dwell()).ok


async def test_tokens_are_tried_on_both_sides_before_a_switch() -> None:
    async with moving() as (world, _):
        tokens = MemoryToken(world.clock), MemoryToken(world.clock)
        migration = replace(world.directions("switch").forward, tokens=tokens)

        async def said() -> Check:
            (found,) = [
                one for one in await checked(migration, Turn.CUTOVER, TERMS) if one.name == "fencing token"
            ]
            return found

        assert (await said()).ok
        tokens[1].why_not = "a write with a token that is over was not denied"
        assert ((await said()).ok, (await said()).figure) == (False, tokens[1].why_not)
