"""Sees things through that must not be left half done."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from docferry.bounded import ended

T = TypeVar("T")


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """Do the work to its end, also when the caller is cancelled meanwhile; that is raised afterwards.

    A request that is given up may take effect all the same, when nobody looks any more for what it left.
    """
    task = asyncio.ensure_future(work)
    # Nobody asks what became of it once the caller is cancelled.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    await ended(task)
    return task.result()
