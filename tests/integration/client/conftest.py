"""Two regions on the embedded AWS whose gates a test turns, and a client of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from docferry.aws.http import AwsClient
from docferry.client import DocumentStore, connect
from docferry.domain.gate import Writer
from tests.integration.cli.conftest import Site, site_at
from tests.integration.client.regions import Region


@pytest.fixture
def site(endpoint: str, tmp_path: Path) -> Site:
    made = site_at(endpoint, tmp_path)
    made.configure(client={"lease_s": 0.2, "deadline_s": 10.0})
    return made


@pytest.fixture
async def source(site: Site, source_client: AwsClient) -> Region:
    region = Region(source_client, site.settings.source)
    await region.turn(Writer.APPLICATION)
    return region


@pytest.fixture
async def target(site: Site, client: AwsClient) -> Region:
    region = Region(client, site.settings.target)
    await region.turn(Writer.REPLICATOR)
    return region


@pytest.fixture
async def store(site: Site, source: Region, target: Region) -> AsyncIterator[DocumentStore]:
    async with connect(site.config) as opened:
        yield opened
