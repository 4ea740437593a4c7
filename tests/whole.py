"""How `make test` runs the whole suite: in two processes, within the time that CI gives it.

One has the tests of the infrastructure, which mostly wait for Terraform's provider. The other begins with what is
short, file by file. Then comes what runs real processes against the clock, one after another: no two of those run
side by side, for each would take the time that another measures. Whoever is done takes what only computes, and for
long, with what the other leaves of the processors.
"""

import os
from typing import Any

import pytest
from coverage import Coverage
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

WAITING = "tests/terraform/"
MEASURED = ("tests/unit/", "tests/contract/", "tests/preflight/")
"""Coverage is measured of what is short and in one process: being measured takes three times as long."""
IN_PARTS = (
    "tests/simulation/test_many_seeds.py",
    "tests/simulation/test_invariants.py",
    "tests/model/",
    "tests/mutants/",
)
"""Each of their tests computes for long by itself."""
LONG = (
    *IN_PARTS,
    "tests/simulation/",
    "tests/unit/switch/test_crash.py",
    "tests/unit/switch/test_fencing.py",
    "tests/unit/switch/test_workers.py",
)
"""They only compute, and wait for nothing."""
PATIENCE = 15
PACED = (
    "tests/faults/",
    "tests/integration/cli/",
    "tests/integration/switch/",
    "tests/integration/test_demo_writers.py",
)


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Gives out tests as they were collected: what waits and what is paced as a whole, all else by file."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(PACED):
            return "paced"
        if nodeid.startswith(IN_PARTS):
            return nodeid
        return WAITING if nodeid.startswith(WAITING) else str(super()._split_scope(nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    # pytest-cov starts a measurement in each process and then a second, and pauses only that for `no_cover`: the
    # first would go on, and what only computes would take three times as long.
    if hasattr(session.config, "workerinput") and (first := Coverage.current()):
        first.stop()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    for item in items:
        if not item.nodeid.startswith(MEASURED) or item.nodeid.startswith(LONG) or _again(item):
            item.add_marker("no_cover")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.nodeid.startswith(LONG):
        # Nothing else comes after it in this process.
        os.setpriority(os.PRIO_PROCESS, 0, PATIENCE)


def _place(item: pytest.Item) -> tuple[bool, bool, bool]:
    starts = item.nodeid.startswith
    return not starts(WAITING), starts(LONG), starts(PACED)


def _again(item: Any) -> bool:
    """Whether it is a further seed of a test whose first seed is measured."""
    seeded = isinstance(item, pytest.Function) and hasattr(item, "callspec")
    return seeded and bool(item.callspec.params.get("seed"))
