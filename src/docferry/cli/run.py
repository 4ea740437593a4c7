"""Runs the engine under a command: event loop, signals, and errors as one line and an exit code."""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

from docferry.cli.retries import show_retries
from docferry.domain.errors import DocferryError, ServiceError

INTERRUPTED = 130
DEFECT = 70
STOP_WITHIN_S = 1.3
DEBUG = "DOCFERRY_DEBUG"

T = TypeVar("T")


@contextmanager
def errors_as_one_line() -> Iterator[None]:
    """Turn docferry's errors into one line on stderr and their exit code."""
    try:
        yield
    except DocferryError as error:
        typer.echo(f"docferry: {_one_line(error)}", err=True)
        raise SystemExit(error.exit_code) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("docferry: interrupted; run the same command again to go on", err=True)
        raise SystemExit(INTERRUPTED) from None
    except OSError as error:
        typer.echo(f"docferry: {error}; next: mend that, then run the same command again", err=True)
        raise SystemExit(ServiceError.exit_code) from None
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())
        typer.echo(f"docferry: a defect of docferry's own: {said}; next: set {DEBUG}=1 to see where", err=True)
        raise SystemExit(DEFECT) from None


def _one_line(error: DocferryError) -> str:
    hint = f"; next: {error.hint}" if error.hint else ""
    return " ".join(f"{error}{hint}".split())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, on uvloop where it is installed."""
    # What was imported stays, and a listing makes thousands of small objects that go at once: the collector's
    # usual rhythm takes a fifth of a walk's CPU time.
    show_retries()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    with errors_as_one_line(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(work)


def run_until_stopped(
    work: Callable[[asyncio.Event], Coroutine[Any, Any, T]], show: Callable[[T], None] | None = None
) -> T:
    """Run work that ends soon after the event it is given is set, which Ctrl-C and SIGTERM do.

    What has not ended STOP_WITHIN_S later is cancelled. After such an end it exits with 130, whatever came of it;
    what came of it until then is shown first.
    """

    async def stoppable() -> tuple[list[T], bool]:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, stop.set)
        task = asyncio.ensure_future(work(stop))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            stopping.cancel()
            return [await task], False
        return await _stopped(task), True

    results, stopped = run(stoppable())
    if stopped:
        if show and results:
            show(results[0])
        typer.echo("docferry: stopped; run the same command again to go on", err=True)
        raise typer.Exit(INTERRUPTED)
    return results[0]


async def _stopped(task: "asyncio.Future[T]") -> list[T]:
    await asyncio.wait({task}, timeout=STOP_WITHIN_S)
    task.cancel()
    try:
        return [await task]
    except asyncio.CancelledError:
        return []
    except DocferryError as error:
        typer.echo(f"docferry: {_one_line(error)}", err=True)
        return []


async def until_stopped(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T:
    """Do work that has no stop of its own, cancelling it once the event is set."""
    task = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        return await task
    finally:
        stopping.cancel()
        task.cancel()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
