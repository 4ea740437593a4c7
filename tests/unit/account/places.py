"""Both sides of a fake account that is as it should be, for tests to take things away from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docferry.account.canaries import Nest
from docferry.account.pair import Asked, End, Pair
from docferry.account.permissions import Asking
from docferry.account.run import everything
from docferry.domain.record import KeySchema
from docferry.preflight.finding import Finding, Outcome, Severity, Undecided
from docferry.simulation.account import WHO, MemoryAccount, MemoryCanaries, MemoryEvents, named
from docferry.simulation.documents import MemoryDocuments
from docferry.simulation.provenance import MemoryProvenance
from docferry.simulation.records import MemoryRecords
from tests.unit.fakes import ManualClock


@dataclass
class Place:
    """One side."""

    account: MemoryAccount
    canaries: MemoryCanaries
    events: MemoryEvents
    documents: MemoryDocuments
    records: MemoryRecords

    @property
    def end(self) -> End:
        return End(self.account.names, self.account, self.canaries, self.events, self.documents, self.records)

    @property
    def nest(self) -> Nest:
        return Nest(self.account, self.canaries, self.account.names, Asking(WHO))


class Places:
    """Both sides, what docferry wrote, and what was told."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.provenance = MemoryProvenance()
        self.source = self._place("source", None)
        self.target = self._place("target", self.source)
        self.source.canaries.other, self.target.canaries.other = self.target.canaries, self.source.canaries
        self.told: list[str] = []

    def _place(self, side: str, source: Place | None) -> Place:
        canaries, events = MemoryCanaries(self.clock), MemoryEvents(self.clock)
        canaries.events = events.changes.append
        documents = MemoryDocuments(source.documents if source else None, page_rows=3)
        records = MemoryRecords(KeySchema("id"), page_items=3)
        return Place(MemoryAccount(named(side)), canaries, events, documents, records)

    @property
    def sides(self) -> tuple[Place, Place]:
        return self.source, self.target

    @property
    def pair(self) -> Pair:
        return Pair(self.source.end, self.target.end, self.provenance, self.clock)

    async def checked(self, **asked: Any) -> list[Outcome]:
        """Make every check."""
        return await everything(self.pair, Asked(run="run", **asked), self.told.append)

    @property
    def left(self) -> list[str]:
        """The keys of all canaries in either bucket, once for each version."""
        return [key for one in self.sides for key, stack in one.canaries.stacks.items() for _ in stack]


def findings(outcomes: Sequence[Outcome], rule: str = "") -> list[Finding]:
    """The findings of a rule, or all."""
    return [one for one in outcomes if isinstance(one, Finding) and one.rule.startswith(rule)]


def the_finding(outcomes: Sequence[Outcome], rule: str, severity: Severity, *words: str) -> Finding:
    """The only outcome is a finding of that rule and severity, with these words in it."""
    (one,) = outcomes
    assert isinstance(one, Finding), one
    assert (one.rule, one.severity) == (rule, severity)
    for word in words:
        assert word in f"{one.subject} {one.message} {one.fix}", one
    return one


def the_unknown(outcomes: Sequence[Outcome], rule: str, *words: str) -> None:
    """The only outcome is that a rule cannot tell."""
    (one,) = outcomes
    assert isinstance(one, Undecided), one
    assert one.rule == rule
    for word in words:
        assert word in f"{one.subject} {one.what_is_unknown}", one
