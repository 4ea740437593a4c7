from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.terraform.needed import ready

NEEDS_STATES = "tests/terraform/test_state.py"


@pytest.fixture(scope="session")
def bootstrapping(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["Future[dict[str, Any]]"]:
    """Bootstrap being applied, aside: the provider waits almost a minute until a lifecycle counts as stable."""
    terraform = ready(tmp_path_factory.mktemp("bootstrap"), endpoint, module="bootstrap")
    variables = {
        "environment": "states",
        "region": "eu-west-1",
        "endpoint_url": endpoint,
        "lock_table_enabled": True,
        "force_destroy": True,
    }
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(terraform.apply, variables)


@pytest.fixture(scope="session")
def _begun_early(request: pytest.FixtureRequest) -> None:
    """Lets bootstrap be applied beside something else that takes as long, if a later test needs it."""
    if any(NEEDS_STATES in one.nodeid for one in request.session.items):
        request.getfixturevalue("bootstrapping")
