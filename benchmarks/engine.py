"""docferry's own contestant: one pass of its document backfill, `python -m benchmarks.engine URL SOURCE TARGET`.

Everything is what `docferry sync` uses, built by docferry's own wiring: signed requests, the lease renewed while
it works, checkpoints, marks and gates in a control table. Only the change feeds and the records are left out,
because the peers have neither. Run again on the same ledger it makes a later pass, in which the listing decides;
with `later` at the end it makes a later pass although there was no first one.
"""

import asyncio
import sys
import time

import orjson

from docferry.checkpoint import Checkpoint
from docferry.cli.run import run as as_a_command
from docferry.holding import holding
from docferry.preparing import set_up_gates
from docferry.profiles import connected
from docferry.progress import Progress
from docferry.settings import Aws, Settings, Side
from docferry.stages.backfill import DocumentBackfill
from docferry.wiring import build


def settings(url: str, source: str, target: str) -> Settings:
    """Return settings for two buckets of one endpoint."""
    return Settings(
        aws=Aws(endpoint_url=url), source=_side(source, "us-east-1"), target=_side(target, "eu-west-1")
    )


def _side(bucket: str, region: str) -> Side:
    table, queue = f"{bucket}-records", f"{bucket}-changes"
    control, conflicts = f"{bucket}-control", f"{bucket}-conflicts"
    return Side(
        region=region,
        bucket=bucket,
        table=table,
        queue=queue,
        control_table=control,
        conflicts_table=conflicts,
        journal_table="-",
    )


async def run(url: str, source: str, target: str, first: str = "first") -> dict[str, float]:
    """Make one pass; return its seconds and counts."""
    progress = Progress()
    async with connected(settings(url, source, target)) as connection:
        migration = (await build(connection, progress)).forward
        await set_up_gates(migration)
        await migration.lease.acquire()
        checkpoint = await Checkpoint.load(migration.ledger, "backfill/documents/")
        if first == "later":
            await checkpoint.save({"passes": 1, "done": True})
        backfill = DocumentBackfill(
            migration.documents,
            checkpoint,
            progress,
            migration.throttle,
            migration.stuck,
            window=migration.tuning.window,
        )
        started = time.perf_counter()
        await holding(migration.lease, asyncio.ensure_future(backfill.run()))
        pass_s = time.perf_counter() - started
    return {"pass_s": pass_s, "copied": progress.documents_copied, "same": progress.documents_same}


if __name__ == "__main__":
    sys.stdout.write(orjson.dumps(as_a_command(run(*sys.argv[1:]))).decode() + "\n")
