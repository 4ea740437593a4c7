"""Whether a sync may go on from where the ledger says the last one stood, and how it begins again."""

from dataclasses import dataclass

from docferry.checkpoint import Checkpoint
from docferry.domain.errors import Conflict, InvalidInput, Refused
from docferry.migration import Migration, Sync
from docferry.phase import note_begun
from docferry.ports import Entry, Ledger
from docferry.stages.follow import unheard

RETENTION_MARGIN = 0.95
"""Of a feed's retention: a runner that comes back later than this must not trust the feed any more."""
FOLLOW = "follow"
COMPLETE = "complete"
_IDENTITY = "identity"


async def completed(ledger: Ledger) -> bool:
    """Tell whether the migration was declared complete: then nothing is carried any more, in either direction."""
    return await ledger.read(COMPLETE) is not None


async def refuse_other_stores(migration: Migration) -> None:
    """Raise Refused if the ledger belongs to a migration between other stores; a first run claims it."""
    held = await migration.ledger.read(_IDENTITY)
    if held is None:
        try:
            await migration.ledger.write(_IDENTITY, migration.identity, None)
        except Conflict:
            await refuse_other_stores(migration)
        return
    if held != migration.identity:
        raise Refused(
            f"the control table belongs to a migration from {_between(held)}, not from "
            f"{_between(migration.identity)}; nothing was written",
            hint="correct docferry.toml, or give this migration a control table of its own",
        )


def _between(identity: Entry) -> str:
    sides = (f"{identity[side]['bucket']} and {identity[side]['table']}" for side in ("source", "target"))
    return " to ".join(sides)


@dataclass(frozen=True, slots=True)
class Seed:
    """One beginning: the backfills that go with it have its `number`, changes are listened to since `began_at`."""

    number: int
    began_at: float

    def backfill(self, name: str, prefix: str) -> str:
        """Return the name of a backfill's checkpoint."""
        return f"backfill/{self.number}/{name}/{prefix}"


async def seed_of(ledger: Ledger) -> Seed | None:
    """Return the seed that is in force, None before the first sync."""
    entry = await ledger.read(FOLLOW)
    return Seed(entry["seed"], entry["began_at"]) if entry else None


async def begin(migration: Migration, asked: Sync) -> Seed:
    """Make ready to go on, or to begin again where asked to, and return the seed.

    A new seed makes all backfills before it void at once. Raises InvalidInput for a new beginning of a part,
    NeedsOperator if changes may have expired unread.
    """
    if asked.reseed and asked.prefix:
        raise InvalidInput(
            "--reseed looks at everything: changes outside the prefix may have gone unheard too",
            hint="leave out --prefix",
        )
    for checkpoint in migration.feed_checkpoints:
        # They were read before the lease was ours.
        await checkpoint.reload()
    follow = await Checkpoint.load(migration.ledger, FOLLOW)
    held = follow.entry
    if asked.reseed or not held:
        # The old seed is made one that is refused before anything is forgotten: killed in between, nobody goes on
        # from it.
        if held:
            await follow.save({**held, "polled_at": 0.0})
        for checkpoint in migration.feed_checkpoints:
            await checkpoint.save({})
        seed = Seed(held.get("seed", -1) + 1, migration.clock.now())
        await follow.save({"seed": seed.number, "began_at": seed.began_at})
        await note_begun(migration.ledger)
        return seed
    await _refuse_gap(migration, held)
    return Seed(held["seed"], held["began_at"])


async def _refuse_gap(migration: Migration, follow: Entry) -> None:
    last = follow.get("polled_at", follow["began_at"])
    kept_s = await migration.feeds.retention_s() * RETENTION_MARGIN
    if migration.clock.now() - last > kept_s:
        raise unheard(f"nobody listened to the change feeds for more than {kept_s / 3600:.0f} hours")
