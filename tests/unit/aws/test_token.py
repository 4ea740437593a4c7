from datetime import UTC, datetime
from email.utils import formatdate
from urllib.parse import parse_qs

import orjson
import pytest
from aiohttp import web

from docferry.aws.http import AwsClient
from docferry.aws.token import WorkerRole
from tests.unit.aws.conftest import FakeAws
from tests.unit.aws.test_roles import GIVEN, ROLE
from tests.unit.fakes import ManualClock

AWS_AHEAD_S = 1_700_000_000.0
LASTS_S = 15.0


class Jumping(ManualClock):
    """A clock whose time of day jumps, and whose monotonic time does not."""

    skew_s = 0.0

    def now(self) -> float:
        return self.time + self.skew_s


def tells_time(aws: FakeAws, clock: ManualClock) -> None:
    async def answer(_: web.Request) -> web.Response:
        told = formatdate(AWS_AHEAD_S + clock.monotonic(), usegmt=True)
        return web.Response(body=GIVEN.format("key").encode(), headers={"Date": told})

    aws.answer = answer


def end_asked(aws: FakeAws) -> float:
    policy = orjson.loads(parse_qs(aws.seen[-1].body.decode())["Policy"][0])
    told = policy["Statement"][0]["Condition"]["DateLessThan"]["aws:CurrentTime"]
    return datetime.fromisoformat(told).astimezone(UTC).timestamp()


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
async def test_a_token_ends_when_it_was_promised_to_though_the_time_of_day_jumps(
    aws: FakeAws, client: AwsClient, jump_s: float
) -> None:
    clock = Jumping()
    tells_time(aws, clock)
    role = WorkerRole(client, ROLE, clock)
    await role.take("epoch-1.sync", LASTS_S)
    clock.skew_s = jump_s
    await role.take("epoch-1.sync", LASTS_S)
    assert abs(end_asked(aws) - (AWS_AHEAD_S + clock.monotonic() + LASTS_S)) <= 1.5
