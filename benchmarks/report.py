"""What is shown: one table a section, whether its targets were met, and the same as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.runs import Run

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Target:
    """One aim and how this run did by it. `met` is None if it could not be told, for want of a peer."""

    aim: str
    found: str
    met: bool | None

    def shown(self) -> str:
        """Say it in one line."""
        verdict = {True: "MET", False: "FELL SHORT", None: "UNKNOWN"}[self.met]
        return f"{verdict}: {self.aim}: {self.found}"


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that was measured. Every row has one text a column; `runs` are the figures behind them."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


def row_of_error(section: Section, client: str, error: str) -> None:
    """Add the row of a client that failed or is not here."""
    section.rows.append((client, *[MISSING] * (len(section.columns) - 1)))
    section.notes.append(f"{client}: {error}")


def ratio(one: float, other: float) -> str:
    """Say how many times `other` goes into `one`."""
    return f"{one / other:.2f}" if other else MISSING


def at_most(aim: str, value: float, limit: float, unit: str) -> Target:
    """Judge a figure that must not be above a limit."""
    return Target(aim, f"{value:.2f} {unit} against {limit:.2f}", value <= limit)


def at_least(aim: str, value: float, limit: float, unit: str) -> Target:
    """Judge a figure that must not be below a limit."""
    return Target(aim, f"{value:,.0f} {unit} against {limit:,.0f}", value >= limit)


def show(console: Console, section: Section) -> None:
    """Print a section."""
    table = Table(title=section.title, title_justify="left", title_style="bold")
    for number, column in enumerate(section.columns):
        table.add_column(column, justify="right" if number else "left")
    for row in section.rows:
        table.add_row(*row)
    console.print(table)
    for line in (*section.notes, *(one.shown() for one in section.targets)):
        console.print(Text(f"  {line}"))
    console.print()


def as_json(facts: dict[str, Any], sections: Sequence[Section]) -> dict[str, Any]:
    """Return everything that was measured, runs included, as plain values."""
    return {"facts": facts, "sections": [asdict(one) for one in sections]}
