import asyncio
import io

import pytest
from rich.console import Console
from stamina.instrumentation import RetryDetails

from docferry.cli import render
from docferry.cli.retries import Retries
from docferry.domain.errors import Retryable


@pytest.mark.parametrize(
    ("held", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 1024**5, "5.0 PiB"), (2**70, "1048576.0 PiB")],
)
def test_bytes_are_shown_in_the_largest_unit_there_is(held: int, shown: str) -> None:
    assert render.size(held) == shown


@pytest.mark.parametrize(
    ("held", "shown"), [(None, "–"), (0.0049, "5 ms"), (1, "1.0 s"), (119.94, "119.9 s"), (600, "10 min")]
)
def test_durations_are_shown_as_a_person_reads_them(held: float | None, shown: str) -> None:
    assert render.seconds(held) == shown


def test_one_of_a_thing_is_no_plural() -> None:
    assert [render.count(n, "difference") for n in (0, 1, 1234)] == [
        "0 differences",
        "1 difference",
        "1,234 differences",
    ]


@pytest.fixture
def retries(monkeypatch: pytest.MonkeyPatch) -> Retries:
    made = Retries()
    monkeypatch.setattr(render, "RETRIES", made)
    return made


@pytest.mark.parametrize("terminal", [True, False])
async def test_progress_is_shown_on_terminals_and_elsewhere(
    monkeypatch: pytest.MonkeyPatch, retries: Retries, terminal: bool
) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(render, "err", Console(file=shown, force_terminal=terminal, width=120))
    monkeypatch.setattr(render, "PLAIN_EVERY_S", 0.01)
    async with render.live(lambda: ("half way", 5, 10)):
        await asyncio.sleep(0.3)
        assert "half way" in shown.getvalue()
        retries.note(RetryDetails("send", (), {}, 1, 0.1, 0.0, Retryable("nothing\nanswers")))
        await asyncio.sleep(0.4)
    assert "trying again: nothing answers" in shown.getvalue()


def test_named_facts_are_one_a_line_and_end_without_blanks() -> None:
    assert render.rows([("phase", "sync"), ("a longer name", "x" * 200), ("lag", "")]) == (
        "phase          sync\na longer name  " + "x" * 200 + "\nlag"
    )
