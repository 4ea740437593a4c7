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
async def client(endpoint: str) -> AsyncIterator[AwsClient]:
    async with aiohttp.ClientSession() as session:
        credentials = Credentials("test", "test")
        yield AwsClient(session, lambda: credentials, SystemClock(), region="eu-west-1", endpoint_url=endpoint)
