"""The stores of a sandbox in both regions, as a real pair of regions would have them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.sandbox.buckets import bucket, notifications
from docferry.sandbox.queues import queues
from docferry.sandbox.store import Store
from docferry.sandbox.tables import tables
from docferry.settings import Settings, Side

# On loopback: the proxies of the environment are not meant for it, and who does not answer will not do so later.
_CONFIG = Config(
    proxies={},
    connect_timeout=3,
    read_timeout=20,
    retries={"total_max_attempts": 2},
    s3={"addressing_style": "path"},
)


def create(settings: Settings, *, notify: bool = True) -> tuple[str, ...]:
    """Create what is missing of buckets, tables and queues, and their notifications unless told not to.

    Returns the names of what was created. Raises InvalidInput if the settings do not name an endpoint, so that
    nothing is ever created in AWS itself, and ServiceError for whatever the endpoint refuses.
    """
    return _created(settings, chain(_stores(settings), _notifications(settings) if notify else ()))


def notify(settings: Settings) -> tuple[str, ...]:
    """Let the buckets, which exist, notify their queues from now on. Returns and raises as `create` does."""
    return _created(settings, _notifications(settings))


def missing(settings: Settings) -> tuple[str, ...]:
    """Return the names of what `create` would create. Raises as it does."""
    with _translated(settings):
        return tuple(one.name for one in chain(_stores(settings), _notifications(settings)) if not one.exists())


def _created(settings: Settings, wanted: Iterable[Store]) -> tuple[str, ...]:
    created = []
    with _translated(settings):
        for one in wanted:
            if not one.exists():
                one.create()
                created.append(one.name)
    return tuple(created)


def _stores(settings: Settings) -> Iterator[Store]:
    for side in (settings.source, settings.target):
        yield from bucket(_client(settings, side, "s3"), side)
        yield from tables(_client(settings, side, "dynamodb"), side)
        yield from queues(_client(settings, side, "sqs"), side)


def _notifications(settings: Settings) -> Iterator[Store]:
    for side in (settings.source, settings.target):
        yield from notifications(_client(settings, side, "s3"), _client(settings, side, "sqs"), side)


@cache
def _loader() -> Loader:
    # Reading what botocore knows of a service takes longer than everything else here.
    return create_loader()


def _client(settings: Settings, side: Side, service: str) -> Any:
    session = botocore.session.Session(profile=side.profile or settings.aws.profile or None)
    session.register_component("data_loader", _loader())
    if settings.aws.credentials_file:
        session.set_config_variable("credentials_file", settings.aws.credentials_file)
    return boto3.Session(botocore_session=session, region_name=side.region).client(
        service, endpoint_url=settings.aws.endpoint_url, config=_CONFIG
    )


@contextmanager
def _translated(settings: Settings) -> Iterator[None]:
    endpoint = settings.aws.endpoint_url
    if not endpoint:
        raise InvalidInput("the settings name no endpoint; stores are created in a sandbox only")
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ServiceError(f"the embedded AWS at {endpoint} refused: {error}") from error
