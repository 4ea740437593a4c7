"""The live suite: what was deployed, seen from outside, with nothing in place of anything.

It knows a flat file of outputs (`docferry outputs --flat > flat-outputs.json`), named in DOCFERRY_OUTPUTS, and
finds AWS as the AWS CLI does. It writes documents and records under names of its own, and leaves a migration that
is turned back to the source: meant for a deployment to try things on.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.live.deployed import OUTPUTS, Deployed, eventually, read

# Without a deployment there is nothing to collect, rather than something to skip.
collect_ignore_glob = [] if os.environ.get(OUTPUTS) else ["test_*.py"]


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """What was deployed, its gates set up and its runner asked to follow, as a first migration does."""
    found = read(Path(os.environ[OUTPUTS]))
    eventually(lambda: prepared(found))
    eventually(lambda: found.step("target", "data_sync", "plan")["done"])
    # The schedule would do so within a minute.
    found.begin("target", "data_sync", "follow")
    return found


def prepared(deployed: Deployed) -> dict[str, Any]:
    """Set the gates up; nothing while the schedule's runner, which does so as well, is about to begin."""
    said, error = deployed.answer("target", "data_sync", step="prepare")
    if error == "Retryable":
        return {}
    assert not error, said
    return said
