"""Signed clients for both regions: the only place where clients are built."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from docferry.aws.http import AwsClient
from docferry.aws.roles import AssumedRole
from docferry.aws.signing import Credentials
from docferry.aws.token import RoleToken, WorkerRole
from docferry.aws.write_probe import WriteProbe
from docferry.clock import SystemClock
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.settings import Settings, Side

CONNECT_TIMEOUT_S = 3.0
PROBE_SESSION = "docferry-probe"

Keys = Callable[[], Credentials]
"""Gives the credentials as they are now: short-lived ones are renewed."""


@dataclass(frozen=True, slots=True)
class Prober:
    """A client with the credentials of a role, once they are taken."""

    role: AssumedRole
    client: AwsClient


@dataclass(frozen=True, slots=True)
class Connection:
    """Signed clients for both regions."""

    settings: Settings
    source: AwsClient
    target: AwsClient
    clock: SystemClock
    probers: tuple[Prober | None, Prober | None] = (None, None)
    """For the source and the target: who probes the hard fence, where there is one."""
    tokens: tuple[RoleToken, ...] = ()
    """Of the sides that have a worker role: guarded writes there are signed with them."""


@asynccontextmanager
async def opened(
    settings: Settings, keys: Callable[[Settings, Side], Keys], *, workers: bool = True
) -> AsyncIterator[Connection]:
    """Open the clients and close them at the end. `keys` finds each side's credentials. `workers` write as the
    worker roles where there are any, applications as themselves.

    Raises ServiceError if nothing answers at the endpoint, and what `keys` raises.
    """
    clock = SystemClock()
    _refuse_silent(settings.aws.endpoint_url)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        def client(side: Side, credentials: Keys, guarded: Keys | None = None) -> AwsClient:
            url = settings.aws.endpoint_url
            return AwsClient(session, credentials, clock, region=side.region, endpoint_url=url, guarded=guarded)

        def worker(side: Side, own: AwsClient) -> tuple[AwsClient, RoleToken | None]:
            if not workers or not side.worker_role:
                return own, None
            role, trial = (WorkerRole(own, side.worker_role, clock) for _ in range(2))
            probe = WriteProbe(own, client(side, trial), side.bucket, side.table)
            return client(side, keys(settings, side), role), RoleToken(role, trial, probe)

        def prober(side: Side, own: AwsClient) -> Prober | None:
            if not side.probe_role:
                return None
            role = AssumedRole(own, side.probe_role, PROBE_SESSION)
            return Prober(role, client(side, role))

        sides = settings.source, settings.target
        own = tuple(client(side, keys(settings, side)) for side in sides)
        (source, at_source), (target, at_target) = (worker(*one) for one in zip(sides, own, strict=True))
        probers = prober(settings.source, source), prober(settings.target, target)
        tokens = tuple(one for one in (at_source, at_target) if one)
        yield Connection(settings, source, target, clock, probers, tokens)


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
