"""Each permission taken away alone, on an embedded AWS that does what policies say."""

import json

import aiohttp
import pytest

from docferry.account.permissions import Asking, check, needed
from docferry.account.port import Need
from docferry.aws.account import AwsAccount
from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.preflight.finding import Outcome
from docferry.simulation.account import named
from tests.integration.account.conftest import WHO, Guarded, Permission, permission_of

CASES = [(side, need) for side in ("source", "target") for need in needed(named(side))]


async def tried(guarded: Guarded, side: str, need: Need, without: Permission | None) -> list[Outcome]:
    """What is said of one permission."""
    keys, names = guarded.keys(without), guarded.names[side]
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    async with aiohttp.ClientSession() as session:
        client = AwsClient(
            session, lambda: credentials, SystemClock(), region=names.region, endpoint_url=guarded.url
        )
        asking = Asking(WHO, f"arn:aws:sqs:{names.region}:000000000000:{names.queue}-dead")
        return await check(AwsAccount(client, names, SystemClock()), names, asking, [need])


@pytest.mark.parametrize(("side", "need"), CASES, ids=[f"{side} {one.action} {one.kind}" for side, one in CASES])
async def test_what_is_taken_away_is_named_and_nothing_else(shared: Guarded, side: str, need: Need) -> None:
    permission = permission_of(shared.names[side], need)
    (found,) = await tried(shared, side, need, permission)
    statement = json.loads(found.fix.partition("allow it: ")[2])  # type: ignore[union-attr]
    assert statement == {"Effect": "Allow", "Action": permission.action, "Resource": permission.resource}
