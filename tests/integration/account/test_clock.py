"""A clock that is wrong, against an embedded AWS that looks at the time of a signature."""

import aiohttp
import pytest

from docferry.account import reach
from docferry.aws.account import AwsAccount
from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.preflight.finding import Finding, Severity
from tests.integration.account.conftest import Guarded


class Ahead(SystemClock):
    """A clock that is so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds


@pytest.mark.parametrize(
    ("seconds", "severity", "said"),
    [
        (0.0, None, ""),
        (90.0, Severity.MEDIUM, "ahead of"),
        (-90.0, Severity.MEDIUM, "behind"),
        (400.0, Severity.HIGH, "ahead of"),
        (1200.0, Severity.HIGH, "refused as signed at another time"),
        (-1200.0, Severity.HIGH, "refused as signed at another time"),
    ],
)
async def test_a_clock_is_judged_by_what_the_services_say(
    shared: Guarded, seconds: float, severity: Severity | None, said: str
) -> None:
    names, clock, held = shared.names["source"], Ahead(seconds), shared.keys()
    keys = Credentials(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])
    async with aiohttp.ClientSession() as session:
        client = AwsClient(session, lambda: keys, clock, region=names.region, endpoint_url=shared.url)
        found = await reach.check(AwsAccount(client, names, clock), names)
    # The role may not list streams, and a denial tells no time; the embedded STS looks at no signature.
    told = {one.subject.partition(" ")[0] for one in found} - {"sts", "streams.dynamodb"}
    assert told == ({"s3", "dynamodb", "sqs"} if severity else set())
    for one in found:
        assert isinstance(one, Finding), one
        assert (one.rule, one.severity) == ("account-clock", severity)
        # The embedded AWS tells anybody who they are, however a request for that is signed.
        assert said in one.message or one.subject.startswith("sts")


async def test_a_wrong_key_is_not_taken_for_a_wrong_clock(shared: Guarded) -> None:
    names, keys = shared.names["source"], Credentials("AKIANOBODYKNOWSTHIS0", "wrong")
    async with aiohttp.ClientSession() as session:
        client = AwsClient(session, lambda: keys, SystemClock(), region=names.region, endpoint_url=shared.url)
        found = await reach.check(AwsAccount(client, names, SystemClock()), names)
    assert {(one.rule, one.subject.partition(" ")[0]) for one in found} == {
        ("account-credentials", one) for one in reach.SERVICES
    }
