"""How `make test` runs the whole suite: in several processes, on few cores, within the time that CI gives it.

A file is run by one process, with all that its fixtures set up, and so are all files of a place in `TOGETHER`.
"""

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

PACED = (
    "tests/terraform/test_stack",
    "tests/integration/switch/",
    "tests/integration/",
    "tests/terraform/",
)
"""Where real processes work against the clock, or are waited for: begun first, in this order."""
TOGETHER = ("tests/integration/switch/", "tests/integration/")
"""Places of which no two tests run beside each other, for each would take the time that another measures."""
LONG = ("tests/unit/switch/", "tests/model/")
"""What takes long of the rest: all would wait for it if it were begun last."""
GIVES_WAY = 5
"""How nice the rest is: it needs nothing but a processor, and no clock runs beside it."""


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Gives out files, and places of TOGETHER as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda one: _rank(one.nodeid))
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec") and item.callspec.params.get("seed"):
            # It runs what its first seed runs, and measuring that again takes longer than the test itself.
            item.add_marker("no_cover")


def pytest_runtest_setup(item: pytest.Item) -> None:
    # As nothing that is paced is given out after the rest, this need not be taken back.
    if not item.nodeid.startswith(PACED) and not os.nice(0):
        os.nice(GIVES_WAY)


def _rank(nodeid: str) -> int:
    places = (*PACED, *LONG)
    return next((rank for rank, place in enumerate(places) if nodeid.startswith(place)), len(places))
