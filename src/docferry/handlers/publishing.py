"""Events of docferry's own on the event bus, for whoever wants to know or to act."""

import os
from collections.abc import Mapping
from typing import Any

import orjson

from docferry.connection import Connection
from docferry.domain.errors import DocferryError
from docferry.handlers.telemetry import logger

BUS = "DOCFERRY_EVENT_BUS"
"""The environment variable that names the bus, in the target's region; none if it is empty."""
SOURCE = "docferry"


async def publish(connection: Connection, kind: str, detail: Mapping[str, Any]) -> None:
    """Put one event on the bus. What fails is logged: the work it tells of is done, and in the ledger."""
    bus = os.environ.get(BUS, "")
    if not bus:
        return
    entry = {
        "EventBusName": bus,
        "Source": SOURCE,
        "DetailType": kind,
        "Detail": orjson.dumps(detail).decode(),
    }
    try:
        said = await connection.target.json("events", "AWSEvents.PutEvents", {"Entries": [entry]})
    except DocferryError as error:
        logger.warning("an event was not published", event=kind, error=str(error))
        return
    if said.get("FailedEntryCount"):
        logger.warning("an event was not published", event=kind, error=said.get("Entries"))
