"""How `make test` runs the whole suite: in two processes, within the time that CI gives it.

One has the tests of the infrastructure, which mostly wait for Terraform's provider. The other has all the rest,
one after another: first what only computes, and then, when the machine is quieter, what runs real processes
against the clock. No two of those run beside each other, for each would take the time that another measures.
"""

from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

WAITING = "tests/terraform/"
SIMULATED = ("tests/simulation/test_invariants.py", "tests/simulation/test_scenarios.py")
PACED = ("tests/faults/", "tests/integration/")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Gives out two scopes, each as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        return WAITING if nodeid.startswith(WAITING) else "the rest"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda one: (not one.nodeid.startswith(WAITING), one.nodeid.startswith(PACED)))
    for item in items:
        if item.nodeid.startswith(SIMULATED) or _again(item):
            # It runs what other tests run, and measuring that again takes longer than the test itself.
            item.add_marker("no_cover")


def _again(item: Any) -> bool:
    """Whether it is a further seed of a test whose first seed is measured."""
    seeded = isinstance(item, pytest.Function) and hasattr(item, "callspec")
    return seeded and bool(item.callspec.params.get("seed"))
