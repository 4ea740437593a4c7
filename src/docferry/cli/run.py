"""Runs the engine under a command: event loop, signals, and errors as one line and an exit code."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

from docferry.domain.errors import DocferryError

INTERRUPTED = 130
DEFECT = 70
DEBUG = "DOCFERRY_DEBUG"

T = TypeVar("T")


@contextmanager
def errors_as_one_line() -> Iterator[None]:
    """Turn docferry's errors into one line on stderr and their exit code."""
    try:
        yield
    except DocferryError as error:
        hint = f"; next: {error.hint}" if error.hint else ""
        said = " ".join(f"{error}{hint}".split())
        typer.echo(f"docferry: {said}", err=True)
        raise SystemExit(error.exit_code) from None
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("docferry: interrupted; run the same command again to go on", err=True)
        raise SystemExit(INTERRUPTED) from None
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())
        typer.echo(f"docferry: a defect of docferry's own: {said}; next: set {DEBUG}=1 to see where", err=True)
        raise SystemExit(DEFECT) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, on uvloop where it is installed."""
    # What was imported stays, and a listing makes thousands of small objects that go at once: the collector's
    # usual rhythm takes a fifth of a walk's CPU time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    with errors_as_one_line(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(work)


def run_until_stopped(work: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Run work that ends soon after the event it is given is set, which Ctrl-C and SIGTERM do.

    Exits with 130 after such an end.
    """

    async def stoppable() -> tuple[T, bool]:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, stop.set)
        return await work(stop), stop.is_set()

    result, stopped = run(stoppable())
    if stopped:
        typer.echo("docferry: stopped; run the same command again to go on", err=True)
        raise typer.Exit(INTERRUPTED)
    return result


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
