"""Signed clients for both regions: the only place where clients are built."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
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
ACCESS_SESSION = "docferry"

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
    _refuse_silent(settings.aws.endpoint_url)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        making = _Making(settings, keys, session, SystemClock())
        try:
            source, target = await making.end(settings.source, workers), await making.end(settings.target, workers)
            yield Connection(
                settings,
                source.client,
                target.client,
                making.clock,
                (source.prober, target.prober),
                tuple(one.token for one in (source, target) if one.token),
            )
        finally:
            for one in making.renewals:
                one.cancel()


@dataclass(frozen=True, slots=True)
class _End:
    client: AwsClient
    prober: Prober | None
    token: RoleToken | None


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes the clients of both sides. `renewals` go on until they are cancelled."""

    settings: Settings
    keys: Callable[[Settings, Side], Keys]
    session: aiohttp.ClientSession
    clock: SystemClock
    renewals: list[asyncio.Task[None]] = field(default_factory=list)

    async def end(self, side: Side, workers: bool) -> _End:
        # Other roles of the side trust us, and not the role by which we reach it.
        own = self.keys(self.settings, side)
        asking = self._client(side, own)
        reached = await self._reached(side, asking) if side.role else own
        plain = self._client(side, reached)
        prober = self._prober(side, asking)
        if not workers or not side.worker_role:
            return _End(plain, prober, None)
        role, trial = (WorkerRole(asking, side.worker_role, self.clock, side.external_id) for _ in range(2))
        probe = WriteProbe(plain, self._client(side, trial), side.bucket, side.table)
        return _End(self._client(side, reached, role), prober, RoleToken(role, trial, probe))

    async def _reached(self, side: Side, asking: AwsClient) -> Keys:
        role = AssumedRole(asking, side.role, ACCESS_SESSION, side.external_id)
        try:
            await role.fresh(self.clock)
        except ServiceError as error:
            raise ServiceError(
                f"the role {side.role}, by which {side.region} is reached, may not be assumed: {error}; "
                "nothing was changed",
                hint="compare its trust policy and external_id; see docs/troubleshooting.md, Two accounts",
            ) from error
        self.renewals.append(asyncio.create_task(role.keep_fresh(self.clock)))
        return role

    def _prober(self, side: Side, asking: AwsClient) -> Prober | None:
        if not side.probe_role:
            return None
        role = AssumedRole(asking, side.probe_role, PROBE_SESSION, side.external_id)
        return Prober(role, self._client(side, role))

    def _client(self, side: Side, credentials: Keys, guarded: Keys | None = None) -> AwsClient:
        url = self.settings.aws.endpoint_url
        return AwsClient(
            self.session, credentials, self.clock, region=side.region, endpoint_url=url, guarded=guarded
        )


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
