"""Starts the live writers in a process of their own, and stops them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from docferry.demo.job import Job
from docferry.demo.writers import STOP_S
from docferry.domain.errors import ServiceError

START_S = 30.0


@dataclass(frozen=True, slots=True)
class WriterProcess:
    """The running writers; what they have to complain about is in `complaints`."""

    child: asyncio.subprocess.Process
    complaints: Path

    async def stop(self) -> None:
        """Let operations in flight end, then return; a second call does nothing.

        Raises ServiceError if the writers failed, now or before: what they had logged by then holds.
        """
        if self.child.stdin:
            self.child.stdin.close()
        try:
            code = await asyncio.wait_for(self.child.wait(), STOP_S + START_S)
        except TimeoutError:
            self.child.kill()
            code = await self.child.wait()
        if code:
            said = self.complaints.read_text(errors="replace").strip().rpartition("\n")[2]
            raise ServiceError(f"the live writers ended with code {code}: {said or 'they said nothing'}")


@asynccontextmanager
async def writing(job: Job) -> AsyncIterator[WriterProcess]:
    """Start the writers, give them once they write, and stop them at the end at the latest.

    Raises ServiceError if they do not start, or failed while they ran.
    """
    complaints = job.log.with_suffix(".stderr")
    size = job.log.stat().st_size
    with complaints.open("wb") as stderr:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "docferry.demo.writers"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=stderr,
            # The job holds the settings in force; the environment must not have another say.
            env={name: value for name, value in os.environ.items() if not name.startswith("DOCFERRY_")},
        )
    process = WriterProcess(child, complaints)
    try:
        assert child.stdin
        child.stdin.write(job.dumps())
        await _until_longer(process, job.log, size)
        yield process
    finally:
        await process.stop()


async def _until_longer(process: WriterProcess, log: Path, size: int) -> None:
    waited_s = 0.0
    while log.stat().st_size <= size:
        if process.child.returncode is not None or waited_s > START_S:
            await process.stop()
            raise ServiceError("the live writers wrote nothing")
        await asyncio.sleep(0.05)
        waited_s += 0.05
