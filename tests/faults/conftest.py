"""Real processes under faults: what makes them shorter or longer."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docferry.sandbox.emulator import running
from tests.faults.proxy import Proxy, proxying
from tests.integration.cli.conftest import PLAIN, Site, site_at
from tests.integration.switch.conftest import world_at
from tests.integration.switch.driving import World


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every", action="store_true", help="each moment before its effect and after, either way")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("every", default=False):
        items[:] = [one for one in items if one.get_closest_marker("long") is None]


@pytest.fixture
def every(request: pytest.FixtureRequest) -> bool:
    """Whether there is time for everything. The option is known only where this folder was asked for by name."""
    return bool(request.config.getoption("every", default=False))


@pytest.fixture(scope="session")
def strict() -> Iterator[str]:
    """An embedded AWS that does what policies say."""
    with running(permissions=True) as url:
        yield url


@pytest.fixture
def proxy(endpoint: str) -> Iterator[Proxy]:
    with proxying(endpoint) as made:
        yield made


@pytest.fixture
def site(endpoint: str, tmp_path: Path) -> Site:
    """A migration that has not begun, between small stores."""
    made = site_at(endpoint, tmp_path)
    made.fill(PLAIN[:24])
    return made


@pytest.fixture
def world_of(endpoint: str, tmp_path: Path) -> Iterator[Callable[[dict[str, float]], World]]:
    """Make migrations that are ready for a cutover, for one test alone."""
    with contextlib.ExitStack() as stack:
        yield lambda client: stack.enter_context(world_at(endpoint, tmp_path, client))
