"""Migrations at work, watched from outside."""

import contextlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import PLAIN, site_at
from tests.integration.switch.driving import PATIENT, RUNNER, World
from tests.integration.switch.outside import Outside, Watcher, until

FAILED = pytest.StashKey[bool]()


@contextlib.contextmanager
def world_at(endpoint: str, directory: Path, client: dict[str, float]) -> Iterator[World]:
    """A migration that is ready for a cutover, but for an application."""
    site = site_at(endpoint, directory)
    site.configure(client=client, runner=RUNNER)
    made = World(site, Outside(site.settings))
    try:
        site.fill(PLAIN[:20])
        made.sync()
        until(made.caught_up)
        made.validate()
        yield made
        made.end_application()
        # What was right once must still be: nothing stale came late.
        for judge in made.judges:
            assert not [*judge.wrong("source"), *judge.wrong("target")]
    finally:
        made.close()


@pytest.fixture(scope="session")
def shared(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One migration for most tests, with requests that may live for long."""
    with world_at(endpoint, tmp_path_factory.mktemp("switch"), PATIENT) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def world(shared: World, request: pytest.FixtureRequest) -> Iterator[World]:
    """The shared migration, ready for a switch, with a watcher that finds nothing wrong."""
    shared.ready()
    # What has changed since is compared in each switch, and would become more with each test.
    shared.validate()
    with watched(shared):
        yield shared
    assert shared.runner
    if shared.runner.process.poll() is not None:
        lines = shared.runner.lines
        shared.sync()
        raise AssertionError(lines)
    if request.node.stash.get(FAILED, False):
        shared.end_application()


@contextlib.contextmanager
def watched(world: World) -> Iterator[Watcher]:
    """Watch the gates, and fail at the end if anything was wrong with them."""
    watcher = Watcher(world.outside)
    try:
        yield watcher
    finally:
        watcher.stop()
    watcher.check()
    assert watcher.looks


@pytest.fixture
def own(endpoint: str, tmp_path: Path) -> Iterator[Callable[[dict[str, float]], World]]:
    """Make migrations for one test alone."""
    with contextlib.ExitStack() as stack:
        yield lambda client: stack.enter_context(world_at(endpoint, tmp_path, client))


@pytest.fixture
def turn(world: World) -> str:
    """The switch that is possible now: the same in either direction."""
    return "cutover" if world.active == "source" else "rollback"
