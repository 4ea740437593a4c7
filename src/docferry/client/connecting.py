"""From docferry.toml to a document store: what an application calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.journal import DynamoJournal
from docferry.client.documents import DocumentStore
from docferry.client.leave import Place, Region
from docferry.client.route import Route
from docferry.connection import Connection
from docferry.profiles import connected
from docferry.settings import Settings, Side, load

SOURCE, TARGET = "source", "target"
"""What the regions are called: as the settings call them."""


@asynccontextmanager
async def connect(
    config: str | Path | None = None, *, client: str = "", settings: Settings | None = None
) -> AsyncIterator[DocumentStore]:
    """Open the documents that docferry.toml names, and close everything at the end. One a process is enough.

    `config` is the file, `docferry.toml` in the current directory unless given; `settings` take its place.
    `client` names this process to switches, and must be its own; without it host, process id and a random part do.

    Raises InvalidInput, naming the setting, if the settings are wrong, and ServiceError if there are no
    credentials or nothing answers at the endpoint.
    """
    held = settings or load(Path(config) if config else None)
    # What an application writes is its own, whatever docferry.toml says of workers.
    async with connected(held, workers=False) as connection:
        route = Route(
            {SOURCE: _region(connection, connection.source, held.source),
             TARGET: _region(connection, connection.target, held.target)},
            connection.clock,
            lease_s=held.client.lease_s,
            deadline_s=held.deadline_s,
            client=client,
        )  # fmt: skip
        try:
            yield DocumentStore(
                route,
                {SOURCE: connection.source, TARGET: connection.target},
                {SOURCE: held.source.bucket, TARGET: held.target.bucket},
            )
        finally:
            await route.close()


def _region(connection: Connection, client: AwsClient, side: Side) -> Region:
    return Region(
        DynamoGate(DynamoRecords(client, side.control_table)),
        DynamoJournal(DynamoRecords(client, side.journal_table), connection.clock),
        Place(side.region, side.bucket, side.table),
    )
