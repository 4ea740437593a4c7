"""How results and progress are shown: data on stdout, progress on stderr."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column

from docferry.cli.retries import RETRIES
from docferry.domain.errors import InvalidInput

REFRESH_S = 0.25
PLAIN_EVERY_S = 10.0
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, highlight=False)


def as_json(result: Mapping[str, Any]) -> None:
    """Print a result as JSON."""
    json.dump(result, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def lines_to(output: Path | None) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Give what writes one JSON a line to a file, or to nowhere. Raises InvalidInput if it cannot be written."""
    if output is None:
        yield lambda _: None
        return
    try:
        # Records and metadata are shown in it: a new file is for its owner only.
        file = open(output, "w", encoding="utf-8", opener=_private)  # noqa: SIM115
    except OSError as error:
        raise InvalidInput(f"cannot write {output}: {error.strerror}", hint="name another file") from error
    with file:
        yield lambda one: print(json.dumps(one, ensure_ascii=False), file=file)


def size(count: float) -> str:
    """Show bytes as a person reads them."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if unit == 0 else f"{count:.1f} {_UNITS[unit]}"


def rows(named: Iterable[tuple[str, str]]) -> str:
    """Show named facts, one a line and never wrapped: a terminal wraps them, a file or a pipe must not."""
    held = list(named)
    width = max((len(name) for name, _ in held), default=0)
    return "\n".join(f"{name:<{width}}  {said}".rstrip() for name, said in held)


def count(number: int, noun: str) -> str:
    """Show how many of something there are, such as `1 difference`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def seconds(value: float | None) -> str:
    """Show a duration, or a dash where none was measured."""
    if value is None:
        return "–"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min"


State = tuple[str, float, float | None]
"""What is going on, how far it is, and how far it will go if that is known."""


@asynccontextmanager
async def live(state: Callable[[], State]) -> AsyncIterator[None]:
    """Show progress while the body runs: a bar on a terminal, a line now and then elsewhere."""
    task = asyncio.ensure_future(_draw(state) if err.is_terminal else _lines(state))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _draw(state: Callable[[], State]) -> None:
    # The times come first: what is said last is what a narrow terminal cuts off.
    times = (TimeElapsedColumn(), TextColumn("ETA"), TimeRemainingColumn())
    said = TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    with Progress(SpinnerColumn(), BarColumn(16), *times, said, console=err, transient=True, expand=True) as bar:
        shown = bar.add_task("", total=None)
        while True:
            description, done, total = state()
            description = RETRIES.said or description
            bar.update(shown, description=description, completed=done)
            # `update` takes no total for one that stays as it is, and a phase that is done stops no clock.
            bar.tasks[0].total, bar.tasks[0].finished_time = total, None
            await asyncio.sleep(REFRESH_S)


async def _lines(state: Callable[[], State]) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(PLAIN_EVERY_S)
        err.print(f"{time.monotonic() - began:6.0f} s  {RETRIES.said or state()[0]}", markup=False, soft_wrap=True)


class Rate:
    """How many a second, over the last few seconds."""

    def __init__(self, window_s: float = 5.0) -> None:
        self._window_s = window_s
        self._points: list[tuple[float, float]] = []

    def __call__(self, count: float) -> float:
        """Take a count in and return its rate."""
        now = time.monotonic()
        self._points.append((now, count))
        while len(self._points) > 2 and now - self._points[1][0] > self._window_s:
            self._points.pop(0)
        (began, first), (ended, last) = self._points[0], self._points[-1]
        return (last - first) / (ended - began) if ended > began else 0.0
