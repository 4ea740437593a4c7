"""Signed clients for both regions: the only place where clients are built."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.settings import Settings, Side

CONNECT_TIMEOUT_S = 3.0

Keys = Callable[[], Credentials]
"""Gives the credentials as they are now: short-lived ones are renewed."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Signed clients for both regions."""

    settings: Settings
    source: AwsClient
    target: AwsClient
    clock: SystemClock


@asynccontextmanager
async def opened(settings: Settings, keys: Callable[[Settings, Side], Keys]) -> AsyncIterator[Connection]:
    """Open the clients and close them at the end. `keys` finds each side's credentials.

    Raises ServiceError if nothing answers at the endpoint, and what `keys` raises.
    """
    clock = SystemClock()
    _refuse_silent(settings.aws.endpoint_url)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        def client(side: Side) -> AwsClient:
            return AwsClient(
                session,
                keys(settings, side),
                clock,
                region=side.region,
                endpoint_url=settings.aws.endpoint_url,
            )

        yield Connection(settings, client(settings.source), client(settings.target), clock)


def _refuse_silent(endpoint_url: str) -> None:
    if not endpoint_url:
        return
    place = urlsplit(endpoint_url)
    if not place.hostname:
        raise InvalidInput(f"{endpoint_url!r} is no URL of an endpoint", hint="such as http://127.0.0.1:4566")
    try:
        port = place.port or (443 if place.scheme == "https" else 80)
        socket.create_connection((place.hostname, port), CONNECT_TIMEOUT_S).close()
    except (OSError, ValueError) as error:
        raise ServiceError(
            f"nothing answers at {endpoint_url}: {error}; nothing was changed",
            hint="start it (docferry sandbox start) or correct the endpoint URL",
        ) from error
