"""What an application imports, to write where applications may write now: docs/client.md."""

from docferry.client.blocking import SyncDocumentStore, SyncRoute, connect_sync
from docferry.client.connecting import connect
from docferry.client.documents import Deleted, DocumentStore, Fetched, Stored
from docferry.client.leave import Held, Leave, Place, Region, Unanswered
from docferry.client.route import Route

__all__ = [
    "Deleted",
    "DocumentStore",
    "Fetched",
    "Held",
    "Leave",
    "Place",
    "Region",
    "Route",
    "Stored",
    "SyncDocumentStore",
    "SyncRoute",
    "Unanswered",
    "connect",
    "connect_sync",
]
