import asyncio
import os
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from docferry.aws.dynamodb import DynamoRecords
from docferry.aws.gate import DynamoGate
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.demo import lag
from docferry.demo.access import application_client
from docferry.demo.documents import LocalDocument, odd
from docferry.demo.ingest import Ingested, ingest
from docferry.demo.job import Job
from docferry.demo.judge import Judgement, Verdict, judge
from docferry.demo.look import looking
from docferry.demo.oplog import Begin, Tail
from docferry.demo.records import keys_of
from docferry.demo.writer_process import writing
from docferry.domain.errors import ServiceError
from docferry.domain.gate import Gate, Writer
from docferry.settings import Settings
from tests.integration.cli.conftest import site_at

PLAIN = tuple(LocalDocument(f"documents/{n}.txt", body=f"body {n}".encode()) for n in range(30))
DOCUMENTS = (*PLAIN, *odd())


@dataclass(frozen=True)
class Demo:
    """A source that was filled and is open to applications, the log of that, and how it went.

    `settings` are those of the writers, `judged` those of whoever looks.
    """

    settings: Settings
    judged: Settings
    log: Path
    ingested: Ingested

    async def judge(self) -> Judgement:
        return await judge(self.judged, self.log)

    def against(self, **target: str) -> "Demo":
        side = self.settings.source.model_copy(update=target)
        return replace(self, judged=self.judged.model_copy(update={"target": side}))


@pytest.fixture
async def demo(client: AwsClient, source_client: AwsClient, endpoint: str, tmp_path: Path) -> Demo:
    settings = site_at(endpoint, tmp_path).settings
    ingested = await ingest(settings, DOCUMENTS, tmp_path / "log", lambda done, total: None)
    for opened, side, writer in (
        (source_client, settings.source, Writer.APPLICATION),
        (client, settings.target, Writer.REPLICATOR),
    ):
        await DynamoGate(DynamoRecords(opened, side.control_table)).change(None, Gate(writer, 1))
    # A target that is the source itself is the only one that is always right.
    judged = settings.model_copy(update={"target": settings.source})
    return Demo(settings, judged, tmp_path / "log", ingested)


@pytest.fixture
async def application(demo: Demo) -> AsyncIterator[AwsClient]:
    async with application_client(demo.judged, demo.judged.target) as client:
        yield client


async def write_for(demo: Demo, seconds: float) -> None:
    async with writing(Job(demo.settings, demo.log, writers=4, rate=200.0, seed=1)):
        await asyncio.sleep(seconds)


async def test_everything_ingested_is_at_the_source_byte_for_byte(demo: Demo) -> None:
    assert demo.ingested.documents == len(DOCUMENTS)
    assert demo.ingested.bytes == sum(len(one.read()) for one in DOCUMENTS)
    assert demo.ingested.records == sum(len(keys_of(one.key)) for one in DOCUMENTS) + 1
    judgement = await demo.judge()
    assert judgement.clean, judgement
    assert judgement.writes_ingested == demo.ingested.documents + demo.ingested.records + 1
    async with looking(demo.settings, demo.settings.source) as look:
        parted = await look.document("odd/two-parts.bin")
    assert parted and parted.tags["department"]


async def test_live_writers_do_everything_and_the_oracle_agrees_with_the_source(demo: Demo) -> None:
    await write_for(demo, 3.0)
    lines = [line for line in Tail(demo.log).read() if isinstance(line, Begin) and line.by != "ingest"]
    kinds = Counter(line.kind for line in lines)
    assert set(kinds) == {"create", "recreate", "overwrite", "metadata", "retag", "record", "delete"}
    writers = defaultdict(set)
    for line in lines:
        writers[line.key].add(line.by)
    assert max(map(len, writers.values())) >= 3, "different writers meet on one key"
    assert {one.key for one in DOCUMENTS} & set(writers), "writers touch what was ingested"
    judgement = await demo.judge()
    assert judgement.clean, judgement
    assert judgement.writes_acknowledged == len(lines) > 300
    assert 0 < judgement.max_write_pause_s < 30


async def test_writers_follow_a_switch_and_hold_in_between(
    demo: Demo, client: AwsClient, source_client: AwsClient
) -> None:
    # Nothing is carried here, so what the writers find at the target is new to it: only that is asked of them.
    source = DynamoGate(DynamoRecords(source_client, demo.settings.source.control_table))
    target = DynamoGate(DynamoRecords(client, demo.settings.target.control_table))
    async with writing(Job(demo.settings, demo.log, writers=4, rate=100.0, seed=1)):
        await source.change(Gate(Writer.APPLICATION, 1), Gate(Writer.NOBODY, 2))
        await asyncio.sleep(2.0)
        await target.change(Gate(Writer.REPLICATOR, 1), Gate(Writer.APPLICATION, 2))
        await asyncio.sleep(1.5)
    judgement = await demo.judge()
    assert 0.8 <= judgement.max_write_pause_s <= 4.0
    async with looking(demo.settings, demo.settings.target) as look:
        written = {record["written_by"]["S"] for record in (await look.records()).values()}
    assert written == {f"writer-{number}" for number in range(4)}


async def test_writers_that_are_killed_leave_a_log_that_can_still_be_judged_by(demo: Demo) -> None:
    with pytest.raises(ServiceError, match="code -9"):
        async with writing(Job(demo.settings, demo.log, rate=400.0)) as process:
            await asyncio.sleep(0.5)
            process.child.kill()
            await process.child.wait()
    judgement = await demo.judge()
    assert judgement.writes_acknowledged > 50
    assert judgement.clean, judgement


async def test_sigterm_ends_the_writers_with_nothing_left_open(demo: Demo) -> None:
    async with writing(Job(demo.settings, demo.log, rate=400.0)) as process:
        await asyncio.sleep(0.3)
        os.kill(process.child.pid, signal.SIGTERM)
        assert await asyncio.wait_for(process.child.wait(), 20) == 0
    lines = list(Tail(demo.log).read())
    assert sum(isinstance(line, Begin) for line in lines) * 2 == len(lines)


ORPHANING = """
import asyncio, os, signal, sys
from docferry.demo.job import Job
from docferry.demo.writer_process import writing

async def main():
    async with writing(Job.loads(sys.stdin.buffer.readline())):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_writers_whose_parent_is_killed_finish_and_fall_silent(demo: Demo) -> None:
    job = Job(demo.settings, demo.log, rate=400.0)
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", ORPHANING, stdin=asyncio.subprocess.PIPE)
    await parent.communicate(job.dumps())
    assert parent.returncode == -signal.SIGKILL
    size = -1
    async with asyncio.timeout(20):
        while size != demo.log.stat().st_size:
            size = demo.log.stat().st_size
            await asyncio.sleep(1.0)
    lines = list(Tail(demo.log).read())
    assert sum(isinstance(line, Begin) for line in lines) * 2 == len(lines)
    assert (await demo.judge()).writes_acknowledged > 0


async def test_writers_that_cannot_write_say_why(demo: Demo) -> None:
    broken = demo.settings.model_copy(update={"aws": demo.settings.aws.model_copy(update={"profile": "nobody"})})
    with pytest.raises(ServiceError, match="nobody"):
        async with writing(Job(broken, demo.log)):
            pass


async def test_an_empty_target_has_lost_everything(demo: Demo) -> None:
    judgement = await demo.against(**demo.settings.target.model_dump()).judge()
    assert judgement.lost_writes == demo.ingested.documents + demo.ingested.records
    assert judgement.source_differences == 0
    assert judgement.examples[0].verdict is Verdict.LOST


async def test_a_target_without_its_bucket_is_an_error_and_no_loss(demo: Demo) -> None:
    with pytest.raises(ServiceError, match="b-absent"):
        await demo.against(bucket="b-absent").judge()


async def test_one_changed_byte_and_one_changed_tag_are_stale_writes(demo: Demo, application: AwsClient) -> None:
    bucket = demo.judged.target.bucket
    async with looking(demo.judged, demo.judged.target) as look:
        held = await look.document(PLAIN[0].key)
    assert held
    headers = {"content-type": held.content_type, "x-amz-meta-generation": held.metadata["generation"]}
    tags = "&".join(f"{name}={value.replace(' ', '%20')}" for name, value in held.tags.items())
    changed = headers | {"x-amz-tagging": tags}
    await application.send("s3", "PUT", path_of(bucket, PLAIN[0].key), headers=changed, body=b"body 1")
    await application.send("s3", "DELETE", path_of(bucket, PLAIN[1].key), query={"tagging": ""})
    judgement = await demo.judge()
    assert {one.key for one in judgement.examples} == {PLAIN[0].key, PLAIN[1].key}
    assert (judgement.lost_writes, judgement.stale_writes, judgement.resurrected_deletes) == (0, 2, 0)


async def test_what_was_deleted_and_comes_back_is_a_resurrected_delete(demo: Demo, application: AwsClient) -> None:
    await write_for(demo, 2.0)
    last = {line.key: line for line in Tail(demo.log).read() if isinstance(line, Begin)}
    gone = next(key for key, line in last.items() if line.state is None and key.startswith("documents/"))
    await application.send("s3", "PUT", path_of(demo.judged.target.bucket, gone), body=b"back")
    judgement = await demo.judge()
    assert (judgement.lost_writes, judgement.stale_writes, judgement.resurrected_deletes) == (0, 0, 1)
    assert judgement.examples[0].key == gone


async def test_the_lag_to_a_target_that_is_the_source_is_next_to_nothing(demo: Demo) -> None:
    stop = asyncio.Event()
    async with writing(Job(demo.settings, demo.log)):
        sampling = asyncio.create_task(lag.sample(demo.judged, demo.log, stop))
        await asyncio.sleep(2.0)
    stop.set()
    lags = await sampling
    assert len(lags.samples) > 10
    assert lags.unseen == 0
    median = lags.quantile(0.5)
    assert median is not None and 0 <= median < 0.5
