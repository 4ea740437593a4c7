"""Clients for the demo's applications, from the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import botocore.session
from botocore.credentials import Credentials as BotocoreCredentials

from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.clock import SystemClock
from docferry.domain.errors import ServiceError
from docferry.settings import Settings, Side

CONNECTIONS = 64


def credentials_of(settings: Settings, side: Side) -> BotocoreCredentials:
    """Return the credentials of one side; an endpoint on this machine takes any, so none are looked for there.

    Raises ServiceError if there are none.
    """
    aws = settings.aws
    profile = side.profile or aws.profile
    if not profile and not aws.credentials_file and _on_loopback(aws.endpoint_url):
        return BotocoreCredentials("test", "test")
    session = botocore.session.Session(profile=profile or None)
    if aws.credentials_file:
        session.set_config_variable("credentials_file", aws.credentials_file)
    found = session.get_credentials()
    if found is None:
        raise ServiceError(
            f"there are no credentials for {side.region}", hint="set aws.profile or aws.credentials_file"
        )
    return found


def _on_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def application_client(settings: Settings, side: Side) -> AsyncIterator[AwsClient]:
    """Open the client with which an application reaches one side."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        yield AwsClient(
            session,
            _refreshed(credentials_of(settings, side)),
            SystemClock(),
            region=side.region,
            endpoint_url=settings.aws.endpoint_url,
        )


def _refreshed(held: BotocoreCredentials) -> Callable[[], Credentials]:
    def current() -> Credentials:
        frozen = held.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    return current
