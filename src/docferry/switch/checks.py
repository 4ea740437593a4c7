"""The checks before a switch: each with its figure, and what to do where it refuses. They change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docferry.domain.errors import Refused, TooEarly
from docferry.domain.gate import Gate, Writer
from docferry.domain.journal import Presence
from docferry.domain.switch import State, Switch, Turn
from docferry.filling import filled_before
from docferry.migration import Migration
from docferry.ports import Entry
from docferry.resume import COMPLETE, completed, seed_of
from docferry.stages.validate.level import Level
from docferry.stages.validate.walk import Scope
from docferry.stuck import Stuck
from docferry.switch.memory import ended_switches
from docferry.switch.terms import Terms

SEEN_WITHIN_S = 30.0
"""A client or a runner that was not seen for so long is not counted on."""
HEARTBEAT_WITHIN_S = 60.0
CANARY_WITHIN_S = 600.0
DWELL = "dwell"


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found. `hint` says what to do if it is not `ok`."""

    name: str
    figure: str
    ok: bool = True
    hint: str = ""


async def checked(migration: Migration, turn: Turn, terms: Terms) -> tuple[Check, ...]:
    """Make every check before a switch. Raises what the ledger and the feeds raise when they cannot be asked."""
    return (
        await _gates(migration, turn),
        await _dwell(migration, terms),
        *await standing(migration, terms),
        await validation(migration, terms.validation_age_s),
        await _reverse_path(migration),
        await clients_check(migration, terms),
        await _hard_fence(migration),
        await _token(migration),
        _pause(migration, terms),
    )


async def standing(migration: Migration, terms: Terms) -> tuple[Check, ...]:
    """Check how the sync stands in the direction now in force."""
    return (
        await _runner(migration),
        await _backfill(migration),
        await stuck_check(migration),
        await feeds_check(migration),
        await _lag(migration, terms),
    )


def refuse(checks: Sequence[Check]) -> None:
    """Raise Refused for the first check that is not ok, naming how many more there are.

    Raises TooEarly where nothing but the dwell refuses.
    """
    failed = [one for one in checks if not one.ok]
    if failed:
        more = f" (and {len(failed) - 1} more checks refuse)" if len(failed) > 1 else ""
        kind = TooEarly if {one.name for one in failed} == {DWELL} else Refused
        raise kind(f"{failed[0].name}: {failed[0].figure}{more}; nothing was changed", hint=failed[0].hint)


async def _gates(migration: Migration, turn: Turn) -> Check:
    source, target = await migration.source_gate.read(), await migration.target_gate.read()
    figure = f"{migration.source_region} {_said(source)}, {migration.target_region} {_said(target)}"
    if await completed(migration.ledger):
        return Check("gates", "the migration is complete, there is no way back", False, "docferry status shows it")
    if source is None or target is None:
        return Check("gates", "there are none yet", False, "docferry sync sets them up")
    if COMPLETE in (source.attempt, target.attempt):
        return Check("gates", "a completion has closed the way back", False, "docferry complete goes on with it")
    if target.writer is Writer.APPLICATION:
        done = "cutover" if turn is Turn.CUTOVER else "rollback"
        other = "rollback" if turn is Turn.CUTOVER else "cutover"
        return Check(
            "gates",
            f"{figure}: applications write in {migration.target_region} already, nothing to do for a {done}",
            False,
            f"docferry {other} turns back",
        )
    ok = source.writer is Writer.APPLICATION and target.writer is Writer.REPLICATOR
    return Check("gates", figure, ok, "" if ok else "docferry status shows what is under way")


def _said(gate: Gate | None) -> str:
    return f"{gate.writer.value} (epoch {gate.epoch})" if gate else "has no gate"


async def _dwell(migration: Migration, terms: Terms) -> Check:
    last = await last_done(migration)
    if last is None:
        return Check(DWELL, "no switch before this one")
    ago = migration.clock.now() - last.ended_at
    return Check(
        DWELL,
        f"{ago:.1f} s since the last switch, {terms.dwell_s:g} s needed until its last requests are dead",
        ago >= terms.dwell_s,
        f"try again in {max(1.0, terms.dwell_s - ago):.0f} s",
    )


async def _runner(migration: Migration) -> Check:
    hint = "docferry sync, and let it run"
    lease = await migration.ledger.read("lease/sync")
    progress = await migration.ledger.read("progress")
    if not lease or not lease["owner"] or not progress:
        return Check("runner", "nobody follows the changes", False, hint)
    ago = migration.clock.now() - progress["at"]
    said = f"{lease['owner']}, seen {ago:.1f} s ago"
    return Check("runner", said, ago < SEEN_WITHIN_S, hint)


async def _backfill(migration: Migration) -> Check:
    seed = await seed_of(migration.ledger)
    ok = seed is not None and await filled_before(migration.ledger, seed)
    return Check("backfill", "done" if ok else "not done", ok, "let docferry sync go on; docferry status shows it")


async def stuck_check(migration: Migration) -> Check:
    """Check that AWS refuses no key."""
    # Read anew: another process may have noted one.
    held = await Stuck(migration.ledger).load()
    said = "no key" if not held else f"{len(held)} keys that AWS refuses, the first {held[0]['key']!r}"
    return Check("stuck", said, not held, "mend the cause; docferry status lists them")


async def feeds_check(migration: Migration) -> Check:
    """Check that nothing has come into a dead-letter queue."""
    pending = await migration.feeds.pending()
    said = f"{pending.waiting} waiting, {pending.in_flight} in flight, {pending.dead} in dead-letter queues"
    return Check("feeds", said, not pending.dead, "look at the dead letters and redrive them to the change queue")


async def validation(migration: Migration, age_s: float, since: float = 0.0) -> Check:
    """Check that the last validation of everything is clean, younger than `age_s`, and began after `since`."""
    hint, last = "docferry validate --level full", await _last_validation(migration)
    if last is None:
        return Check("validation", "there is no finished validation of level full", False, hint)
    ago = migration.clock.now() - last["finished_at"]
    said = f"{last['differences']} differences in {last['documents']} documents and {last['records']} records"
    if last["differences"]:
        return Check("validation", said, False, "docferry validate --repair, then docferry validate")
    seed = await seed_of(migration.ledger)
    if last["started_at"] < max(since, seed.began_at if seed else 0.0):
        return Check("validation", f"{said}, but begun before the last switch or backfill", False, hint)
    return Check("validation", f"{said}, {ago / 60:.0f} min ago (limit {age_s / 3600:g} h)", ago <= age_s, hint)


async def _last_validation(migration: Migration) -> Entry | None:
    entries = [await migration.ledger.read(Scope(level).name) for level in (Level.FULL, Level.BYTES)]
    finished = [one for one in entries if one and "finished_at" in one]
    return max(finished, key=lambda one: float(one["finished_at"]), default=None)


async def last_done(migration: Migration) -> Switch | None:
    """Return the last switch that was done."""
    done = [one for one in await ended_switches(migration.ledger) if one.state is State.DONE]
    return done[-1] if done else None


async def dirty_from(migration: Migration) -> int:
    """Return the epoch of the target's gate from which on written keys were in no clean validation.

    Runners note them under that epoch in the target's journal: since the last validation in this direction, or
    since the switch that began it.
    """
    switch, last = await last_done(migration), await _last_validation(migration)
    begun_here = switch is not None and switch.target_region == migration.source_region
    since = switch.opened_at if switch and begun_here else 0.0
    if last and last.get("to") == migration.target_region and last["started_at"] > since:
        return max(1, int(last["dirty_epoch"]))
    return switch.reverse_epoch if switch and begun_here else 1


async def _heartbeat(migration: Migration) -> dict[str, Any]:
    progress = await migration.ledger.read("progress") or {}
    # A heartbeat of the other direction says nothing about this one.
    same = progress.get("from") == migration.source_region
    return (progress.get("heartbeat") or {}) if same else {}


async def _lag(migration: Migration, terms: Terms) -> Check:
    beat, hint = await _heartbeat(migration), "docferry status shows the runner; let it catch up"
    lag_s, seen_at = beat.get("lag_s"), beat.get("seen_at", 0.0)
    ago = migration.clock.now() - seen_at
    if lag_s is None or ago > HEARTBEAT_WITHIN_S:
        return Check("lag", "no heartbeat came through lately", False, hint)
    said = f"{lag_s:.2f} s from acknowledged to visible, {ago:.0f} s ago (limit {terms.max_lag_s:g} s)"
    return Check("lag", said, lag_s <= terms.max_lag_s, hint)


async def _reverse_path(migration: Migration) -> Check:
    at = (await _heartbeat(migration)).get("reverse_proved_at") or 0.0
    ago = migration.clock.now() - at
    if not at or ago > CANARY_WITHIN_S:
        hint = f"see that changes in {migration.target_region} reach its queue, and that the source can be written"
        return Check("reverse path", "no canary came back lately", False, hint)
    return Check("reverse path", f"a canary came back {ago:.0f} s ago")


async def living_clients(migration: Migration) -> tuple[Presence, ...]:
    """Return the clients that were seen lately where applications write now."""
    now = migration.clock.now()
    clients = await migration.source_journal.clients()
    return tuple(one for one in clients if now - one.seen_at <= SEEN_WITHIN_S)


async def clients_check(migration: Migration, terms: Terms) -> Check:
    """Check that there are clients, and that none takes longer than the switch waits for."""
    clients = await living_clients(migration)
    slow = [one for one in clients if one.lease_s > terms.lease_s or one.deadline_s > terms.deadline_s]
    if slow:
        said = f"{slow[0].client} has a lease of {slow[0].lease_s:g} s and a deadline of {slow[0].deadline_s:g} s"
        hint = f"give all client.lease_s = {terms.lease_s:g} and client.deadline_s = {terms.deadline_s:g}, at most"
        return Check("clients", f"{said}, which is longer than this switch waits", False, hint)
    said = f"{len(clients)} with a lease"
    if terms.without_client:
        return Check("clients", f"{said}; others write without the client, so the feeds must fall silent too")
    hint = "start the applications with docferry.client, or say --without-client and read docs/without-client.md"
    return Check("clients", said if clients else "no application holds a lease", bool(clients), hint)


async def _hard_fence(migration: Migration) -> Check:
    if migration.source_fence is None:
        return Check("hard fence", "none: who ignores the gate is not denied")
    why = await migration.source_fence.refusal()
    hint = "see the hard fence in docs/cutover-protocol.md; without probe roles there is none"
    return Check("hard fence", why or f"may be closed in {migration.source_region}", not why, hint)


async def _token(migration: Migration) -> Check:
    if not migration.tokens:
        return Check("fencing token", "none: what a dead worker sent is stopped by its condition only")
    for token in migration.tokens:
        if why := await token.refusal():
            hint = "see the fencing token in docs/cutover-protocol.md; without worker roles there is none"
            return Check("fencing token", why, False, hint)
    return Check("fencing token", "tried: with one that is over, no store takes a write")


def _pause(migration: Migration, terms: Terms) -> Check:
    fenced_s = terms.fence_lead_s if migration.source_fence else terms.armed_lease_s
    needed_s = fenced_s + (migration.tuning.settle_s if terms.without_client else 0.0)
    said = f"at most {terms.max_pause_s:g} s, of which {needed_s:.2f} s are waited in any case"
    if terms.max_pause_s > terms.deadline_s:
        said += f"; writes of applications fail unsent after {terms.deadline_s:g} s"
    return Check("pause", said, needed_s < terms.max_pause_s, "raise --max-pause (Terraform: max_pause_s)")
