"""SIGKILL at every checkpoint and at every step of a switch, right before its effect and right after.

The proxy kills the docferry process when the request passes that writes the checkpoint, the ledger or a gate: so
the moment is exact, and nothing of the process knows of it. Who runs the same command again goes on, and then both
sides are compared by boto3 alone. Each death is followed by the next run. Without `--every`, every other comes
after the effect; with it, each comes before and after.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

import pytest

from tests.faults.comparing import documents, records, same
from tests.faults.harm import Death
from tests.faults.proxy import Asked, Proxy
from tests.integration.cli.conftest import Site
from tests.integration.switch.driving import YES, Command, World, told
from tests.integration.switch.outside import Outside, until


@dataclass(frozen=True)
class Moment:
    """A write to a control table by its name, where the rest is what the ledger or the gate says then."""

    control: str
    says: str = ""
    after: bool = False

    def __call__(self, asked: Asked) -> bool:
        if not asked.control.startswith(self.control):
            return False
        return not self.says or self.says in asked.body.decode().replace("\\", "")

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.control} {self.says}"


def alternating(*moments: Moment) -> list[Moment]:
    """Let every other death come after the effect."""
    return [replace(one, after=number % 2 == 1) for number, one in enumerate(moments)]


def both(*moments: Moment) -> list[Moment]:
    return [replace(one, after=after) for one in moments for after in (False, True)]


CHECKPOINTS = (
    Moment("ledger#identity"),
    Moment("gate", "replicator"),
    Moment("gate", "application"),
    Moment("ledger#lease/sync"),
    Moment("ledger#follow"),
    Moment("ledger#history"),
    Moment("ledger#backfill/0/documents"),
    Moment("ledger#backfill/0/records"),
    Moment("ledger#feed/source/records"),
    Moment("ledger#progress"),
)
STEPS = (
    Moment("ledger#switch", '"step":"arm"'),
    Moment("gate", '"journal":{"BOOL":true}'),
    Moment("ledger#switch", '"step":"fence"'),
    Moment("gate", "nobody"),
    Moment("ledger#drain/asked"),
    Moment("ledger#switch", '"step":"close"'),
    Moment("ledger#switch", '"step":"verify"'),
    Moment("ledger#switch", '"step":"open"'),
    Moment("gate", '"writer":{"S":"application"}'),
    Moment("gate", '"writer":{"S":"replicator"}'),
    Moment("ledger#switches"),
    Moment("ledger#switch", '"state":"done"'),
)
BEFORE_THE_FENCE = 2
"""So many of them: a death there costs the whole wait for the journal again."""
CLIENT = {"lease_s": 0.5, "deadline_s": 300.0}
"""Writers are held for the whole chain of deaths, and none is to give up meanwhile."""


def killed(proxy: Proxy, moment: Moment, start: Callable[..., Command]) -> None:
    """Start a command that is killed at a moment, and see that it was."""
    death = Death(moment, moment.after)
    proxy.rule = death
    command = start("--endpoint-url", proxy.url)
    death.of(command.process.pid)
    said = command.ended()
    assert (said.code, death.done.is_set()) == (-signal.SIGKILL, True), f"not {moment}: {said}"


def change(outside: Outside, number: int) -> None:
    """Let an application do some of everything at the source: put, overwrite, delete, and a record."""
    bucket, table = outside.side("source").bucket, outside.side("source").table
    s3, dynamodb = outside.client("s3", "source"), outside.client("dynamodb", "source")
    s3.put_object(
        Bucket=bucket, Key=f"documents/{number:04}.txt", Body=b"anew", Metadata={"n": f"{number}"}, Tagging="a=b"
    )
    s3.put_object(Bucket=bucket, Key=f"added/ü {number}", Body=f"{number}".encode(), ContentType="text/x")
    s3.delete_object(Bucket=bucket, Key=f"added/ü {number - 2}")
    dynamodb.put_item(TableName=table, Item={"owner": {"S": "o"}, "record_id": {"S": f"{number}"}})
    dynamodb.delete_item(TableName=table, Key={"owner": {"S": "o"}, "record_id": {"S": f"{number - 2}"}})


def test_a_sync_killed_at_every_checkpoint_ends_as_if_never_killed(site: Site, proxy: Proxy, every: bool) -> None:
    outside, numbers = Outside(site.settings), count()
    for moment in both(*CHECKPOINTS) if every else alternating(*CHECKPOINTS):
        change(outside, next(numbers))
        killed(proxy, moment, lambda *more: Command(site.start("sync", "--once", *more)))
    before = documents(outside, "source"), records(outside, "source")
    ended = site.run("sync", "--once", "--json")
    assert (ended.code, ended.json["caught_up"], ended.json["conflicts"]) == (0, True, 0), ended
    assert before == (documents(outside, "source"), records(outside, "source"))
    assert same(outside) > 30


def test_a_validation_killed_at_its_checkpoint_is_gone_on_with(site: Site, proxy: Proxy) -> None:
    assert site.run("sync", "--once").code == 0
    for moment in both(Moment("ledger#validate/")):
        killed(proxy, moment, lambda *more: Command(site.start("validate", *more)))
    ended = site.run("validate", "--json")
    assert (ended.code, ended.json["differences"], ended.json["resumed"]) == (0, 0, True), ended
    assert ended.json["documents"] == len(documents(Outside(site.settings), "source"))


def gone_on_with(world: World, turn: str) -> None:
    before = world.active
    again = world.run(turn, *YES, "--json")
    if again.code == 3 and world.active != before:
        # It had been done to the end, and only the last line of its history was missing.
        told(again, 3, "nothing was changed")
    else:
        assert (again.code, again.json["state"]) == (0, "done"), again


def nothing_lost(world: World) -> None:
    """Judge what the application wrote, and compare both sides whole once everything is carried."""
    world.stop_writing()
    until(world.at_work)
    world.drained()
    same(world.outside)


@pytest.mark.parametrize("turn", ["cutover", pytest.param("rollback", marks=pytest.mark.long)])
def test_a_switch_killed_again_and_again_at_each_of_its_steps_loses_nothing(
    world_of: Callable[[dict[str, float]], World], proxy: Proxy, every: bool, turn: str
) -> None:
    world = world_of(CLIENT)
    world.turn_to("source" if turn == "cutover" else "target")
    world.dwelt(by_s=2 * CLIENT["deadline_s"])
    world.write()
    for moment in both(*STEPS) if every else alternating(*STEPS[BEFORE_THE_FENCE:]):
        killed(proxy, moment, lambda *more: world.command(turn, *YES, *more))
        assert world.outside.writers().count("application") <= 1
    gone_on_with(world, turn)
    nothing_lost(world)
