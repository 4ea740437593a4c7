"""A whole migration whose every request may be throttled, reset, slow, cut off, or done without saying so."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.comparing import same
from tests.faults.harm import ALL, Weather
from tests.faults.proxy import Proxy
from tests.integration.cli.conftest import PLAIN, Site, site_at
from tests.integration.switch.driving import World
from tests.integration.switch.outside import Outside, until

CLIENT = {"lease_s": 0.5, "deadline_s": 120.0}
TERMS = ("--yes", "--max-lag", "30", "--max-pause", "60", "--json")
SHARE = 0.03
RUNNER = {"lease_s": 6.0, "settle_s": 0.5, "visibility_s": 3}
"""A lease as it is by default: one that a single bad second ends would be lost again and again."""
PATIENT_S = 60.0
REFUSED = 3


@pytest.fixture
def world(endpoint: str, tmp_path: Path) -> Iterator[World]:
    """A migration that has not begun; its application and everything that judges go to the embedded AWS itself."""
    site = site_at(endpoint, tmp_path)
    site.configure(client=CLIENT, runner=RUNNER)
    site.fill(PLAIN[:40])
    made = World(site, Outside(site.settings))
    try:
        yield made
    finally:
        made.close()


def again_until_done(run: Callable[[], int], attempts: int = 6) -> None:
    """Run a command that bad weather may make refuse, as people do who read that nothing is lost."""
    codes: list[int] = []
    while len(codes) < attempts:
        codes.append(run())
        if codes[-1] == 0:
            return
        assert codes[-1] == REFUSED, codes
    raise AssertionError(codes)


def switch(world: World, proxy: Proxy, turn: str) -> None:
    def once() -> int:
        world.dwelt()
        until(world.at_work, PATIENT_S)
        return world.run(turn, *TERMS, "--endpoint-url", proxy.url).code

    again_until_done(once)


def validate(site: Site, proxy: Proxy) -> None:
    def once() -> int:
        said = site.run("validate", "--level", "full", "--json", "--endpoint-url", proxy.url)
        assert said.code == REFUSED or said.json["differences"] == 0, said
        return said.code

    again_until_done(once)


def nothing_lost(world: World) -> None:
    until(world.at_work, PATIENT_S)
    world.stop_writing()
    world.drained()
    same(world.outside)


@pytest.mark.long
def test_a_whole_migration_in_bad_weather_loses_nothing(world: World, proxy: Proxy) -> None:
    proxy.rule = weather = Weather(7, SHARE)
    world.runner = world.command("sync", "--endpoint-url", proxy.url)
    until(world.caught_up, PATIENT_S)
    for turn in ("cutover", "rollback"):
        world.write()
        # A change that is tried again takes longer than a difference is given, as the small settling time is here.
        nothing_lost(world)
        validate(world.site, proxy)
        world.write()
        switch(world, proxy, turn)
        nothing_lost(world)
    assert world.runner.process.poll() is None, world.runner.lines
    assert weather.kinds == {one.__name__ for one in ALL}
