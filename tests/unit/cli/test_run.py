import asyncio
import os
import signal

import pytest
import typer

from docferry.cli.run import errors_as_one_line, run_until_stopped, until_stopped
from docferry.domain.errors import DocferryError, InvalidInput, NeedsOperator, Refused, ServiceError


@pytest.mark.parametrize(
    ("error", "code"), [(InvalidInput("x"), 2), (Refused("x"), 3), (NeedsOperator("x"), 4), (ServiceError("x"), 5)]
)
def test_each_error_is_one_line_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: DocferryError, code: int
) -> None:
    error.hint = "mend it\nthen try again"
    with pytest.raises(SystemExit) as ended, errors_as_one_line():
        raise error
    assert ended.value.code == code
    assert capsys.readouterr() == ("", "docferry: x; next: mend it then try again\n")


def test_a_defect_is_one_line_too_unless_asked_where(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit) as ended, errors_as_one_line():
        raise KeyError("oops")
    assert ended.value.code == 70
    assert "a defect of docferry's own" in capsys.readouterr().err
    monkeypatch.setenv("DOCFERRY_DEBUG", "1")
    with pytest.raises(KeyError), errors_as_one_line():
        raise KeyError("oops")


def test_an_interrupt_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, errors_as_one_line():
        raise KeyboardInterrupt
    assert ended.value.code == 130
    assert "run the same command again" in capsys.readouterr().err


def test_a_signal_sets_the_event_and_the_end_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 5)

    with pytest.raises(typer.Exit) as ended:
        run_until_stopped(work)
    assert ended.value.exit_code == 130
    assert "run the same command again" in capsys.readouterr().err


async def test_work_without_a_stop_of_its_own_is_cancelled() -> None:
    stop = asyncio.Event()
    stop.set()
    with pytest.raises(asyncio.CancelledError):
        await until_stopped(asyncio.sleep(60), stop)
    assert await until_stopped(asyncio.sleep(0, "done"), asyncio.Event()) == "done"
