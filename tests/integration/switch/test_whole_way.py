"""The whole way there, back, there again and to the end, by command, beside an application that never stops."""

from collections.abc import Callable
from typing import Any

from tests.integration.switch.conftest import watched
from tests.integration.switch.driving import World, told
from tests.integration.switch.outside import until

SHORT = {"lease_s": 0.5, "deadline_s": 3.0}
DWELL_S = 4.5


def switched(world: World, turn: str, phase: str) -> dict[str, Any]:
    """Do one switch, and see that everything about it is as it should be, while writers go on."""
    until(world.at_work)
    said = world.run(turn, "--yes", "--json")
    assert said.code == 0, said.err
    assert (said.json["state"], said.json["drained"], said.json["verified"]) == ("done", True, True)
    assert said.json["journalled"] > 0
    assert 0.1 < said.json["pause_s"] < SHORT["deadline_s"]
    status = world.site.run("status", "--json").json
    assert status["phase"] == phase
    assert status["direction"]["from"] == world.outside.side(world.active).region
    assert status["switches"][-1]["turn"] == turn
    assert not any(gate["journal"] for gate in status["gates"].values())
    return status


def test_there_back_there_again_and_complete_lose_nothing_beside_an_application(
    own: Callable[[dict[str, float]], World],
) -> None:
    world = own(SHORT)
    with watched(world):
        assert world.site.run("status", "--json").json["phase"] == "sync"
        judge = world.write()
        switched(world, "cutover", "cutover")
        told(world.run("rollback", "--yes"), 3, "dwell: ", "4.5 s needed", "nothing was changed")
        world.validate()
        world.elapsed(DWELL_S)
        switched(world, "rollback", "sync")
        world.validate()
        world.elapsed(DWELL_S)
        switched(world, "cutover", "cutover")
        learned = world.stop_writing()
        assert learned.acknowledged > 150
        assert learned.longest_s < SHORT["deadline_s"]
        world.validate()
        world.write()
        until(world.at_work)
        world.dying("sent:replicator:nobody", "complete", "--yes")
        assert "docferry complete goes on with it" in world.site.run("status").out
        told(world.run("rollback", "--yes"), 3, "a completion has closed the way back", "docferry complete")
        assert world.run("complete", "--yes").code == 0
        world.end_application()
    assert world.site.run("status", "--json").json["phase"] == "completed"
    assert world.outside.writers() == ("nobody", "application")
    assert world.runner
    assert world.runner.ended().code == 0
    # Its last writes are carried back no more.
    world.judges.clear()
    assert not judge.learned().failed
    assert not judge.wrong("target")
    nothing_goes_after_the_end(world)


def nothing_goes_after_the_end(world: World) -> None:
    before = world.outside.everything()
    for command in ("cutover", "rollback", "sync"):
        more = [] if command == "sync" else ["--yes"]
        told(world.site.run(command, *more), 3, "complete")
    told(world.site.run("rollback", "--abort"), 3, "complete")
    assert world.outside.everything() == before
