"""A permission is taken away while docferry is at work: it says so, or notes the keys, and loses nothing."""

from pathlib import Path

import pytest

from tests.faults.comparing import documents, records, same
from tests.integration.account.conftest import Guarded, Permission, permissions_of
from tests.integration.cli.conftest import PLAIN, site_at
from tests.integration.switch.driving import Command, told
from tests.integration.switch.outside import Outside, until

TAKEN = (
    ("target", "s3:PutObject", "documents", 4),
    ("target", "dynamodb:PutItem", "-control", 5),
    pytest.param("source", "s3:GetObject", "documents", 4, marks=pytest.mark.long),
    pytest.param("target", "dynamodb:PutItem", "-records", 4, marks=pytest.mark.long),
    pytest.param("source", "sqs:ReceiveMessage", "", 5, marks=pytest.mark.long),
)
"""On which side, what, on what is so named, and the exit code then: either keys are refused or the caller is."""
WORKS_FOR = 10
"""Documents that are brought before."""


@pytest.fixture
def guarded(strict: str, tmp_path: Path) -> Guarded:
    made = Guarded(strict, site_at(strict, tmp_path))
    # It must not be a busy machine that stops the first run.
    made.site.configure(runner={"lease_s": 5.0})
    made.site.fill(PLAIN[:60])
    return made


@pytest.mark.parametrize(("side", "action", "what", "code"), TAKEN)
def test_what_is_no_longer_allowed_is_named_and_once_it_is_again_the_same_command_goes_on(
    guarded: Guarded, side: str, action: str, what: str, code: int
) -> None:
    outside = Outside(guarded.site.settings)
    before = documents(outside, "source"), records(outside, "source")
    (taken,) = [one for one in permissions_of(guarded.names[side]) if is_one(one, action, what)]
    guarded.become()
    at_work = Command(guarded.site.start("sync", "--once", "--rate-limit", "5"))
    s3, bucket = outside.client("s3", "target"), outside.side("target").bucket
    until(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"] >= WORKS_FOR)
    guarded.keys(without=taken)
    said = at_work.ended()
    told(said, code, action, "next: ")
    guarded.become()
    again = guarded.site.run("sync", "--once", "--json")
    guarded.be_root()
    assert (again.code, again.json["caught_up"], again.json["conflicts"]) == (0, True, 0), again
    assert before == (documents(outside, "source"), records(outside, "source"))
    assert same(outside) > 60


def is_one(permission: Permission, action: str, what: str) -> bool:
    return permission.action == action and what in permission.resource
