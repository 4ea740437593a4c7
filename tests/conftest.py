from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.sandbox.emulator import running


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def client_of(session: aiohttp.ClientSession, endpoint: str, region: str) -> AwsClient:
    credentials = Credentials("test", "test")
    return AwsClient(session, lambda: credentials, SystemClock(), region=region, endpoint_url=endpoint)


@pytest.fixture
async def client(session: aiohttp.ClientSession, endpoint: str) -> AwsClient:
    return client_of(session, endpoint, "eu-west-1")


@pytest.fixture
async def source_client(session: aiohttp.ClientSession, endpoint: str) -> AwsClient:
    """A client of another region, for whatever plays the source."""
    return client_of(session, endpoint, "us-east-1")
