"""Two regions in memory that take requests, for the tests of the live writers."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docferry.aws.http import Answer
from docferry.client import DocumentStore, Place, Region, Route
from docferry.demo.oplog import OperationLog
from docferry.demo.routed import Routed, Writer
from docferry.domain.errors import DocferryError
from docferry.domain.gate import Gate
from docferry.domain.gate import Writer as Side
from docferry.simulation.journal import MemoryJournal
from tests.unit.client.regions import Counted
from tests.unit.fakes import ManualClock


@dataclass
class Taking:
    """A client whose every request fails for good, or, without a failure, succeeds."""

    failure: DocferryError | None = None
    sent: list[str] = field(default_factory=list)
    where: set[str] = field(default_factory=set)

    async def send(self, service: str, method: str, path: str, **more: Any) -> Answer:
        self._sent(f"{method} {service}", path.split("/")[1], more)
        return Answer(200, {"x-amz-version-id": "v"}, b"<CopyObjectResult/>")

    async def json(self, service: str, target: str, payload: dict[str, Any], **more: Any) -> dict[str, object]:
        self._sent(target.rpartition(".")[2], payload["TableName"], more)
        return {}

    def _sent(self, what: str, where: str, more: dict[str, Any]) -> None:
        more["guard"]()
        self.sent.append(what)
        self.where.add(where)
        if self.failure:
            raise self.failure


class Places:
    """A source that is open and a target that is not, and what a live writer needs to write there."""

    def __init__(self, log: Path) -> None:
        self.clock = ManualClock()
        self.gates = {
            "source": Counted(self.clock, Gate(Side.APPLICATION, 1)),
            "target": Counted(self.clock, Gate(Side.REPLICATOR, 1)),
        }
        self.journals = {"source": MemoryJournal(), "target": MemoryJournal()}
        self.clients = {"source": Taking(), "target": Taking()}
        self.log = OperationLog(log)
        self.path = log

    def turn(self, name: str, side: Side, *, journal: bool = False) -> None:
        """Turn one region's gate."""
        self.gates[name].turn(side, journal=journal)

    def writer(self) -> Writer:
        """Return a live writer in a process of its own."""
        regions = {
            name: Region(self.gates[name], self.journals[name], Place("r", f"bucket-{name}", f"table-{name}"))
            for name in self.gates
        }
        route = Route(regions, self.clock)
        buckets = {name: f"bucket-{name}" for name in self.gates}
        store = DocumentStore(route, self.clients, buckets)  # type: ignore[arg-type]
        return Writer(Routed(store, self.clients), self.log, self.clock, "writer-0", "document_key")  # type: ignore[arg-type]
