import asyncio
import os
import signal
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from docferry.aws.dynamodb import API
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
from docferry.settings import Settings, Side
from tests.unit.demo.logs import settings_at

PLAIN = tuple(LocalDocument(f"documents/{n}.txt", body=f"body {n}".encode()) for n in range(30))
DOCUMENTS = (*PLAIN, *odd())


@dataclass(frozen=True)
class Demo:
    """A source that was filled, the log of that, and how it went."""

    settings: Settings
    log: Path
    ingested: Ingested

    async def judge(self) -> Judgement:
        return await judge(self.settings, self.log)

    def against(self, target: Side) -> "Demo":
        return Demo(self.settings.model_copy(update={"target": target}), self.log, self.ingested)


async def create(client: AwsClient, side: Side) -> None:
    place = f"<LocationConstraint>{side.region}</LocationConstraint>"
    body = f"<CreateBucketConfiguration>{place}</CreateBucketConfiguration>".encode()
    await client.send("s3", "PUT", path_of(side.bucket), body=body)
    versioned = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    await client.send("s3", "PUT", path_of(side.bucket), query={"versioning": ""}, body=versioned)
    names = ("owner", "record_id")
    await client.json(
        "dynamodb",
        API + "CreateTable",
        {
            "TableName": side.table,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in names],
            "KeySchema": [
                {"AttributeName": name, "KeyType": kind}
                for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
            ],
        },
    )


@pytest.fixture
async def demo(client: AwsClient, endpoint: str, tmp_path: Path) -> Demo:
    # A target that is the source itself is the only one that is always right.
    held = settings_at(endpoint)
    name = uuid.uuid4().hex
    source = held.source.model_copy(update={"bucket": f"b-{name}", "table": f"t-{name}"})
    settings = held.model_copy(update={"source": source, "target": source})
    await create(client, source)
    log = tmp_path / "log"
    return Demo(settings, log, await ingest(settings, DOCUMENTS, log, lambda done, total: None))


@pytest.fixture
async def application(demo: Demo) -> AsyncIterator[AwsClient]:
    async with application_client(demo.settings, demo.settings.target) as client:
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


async def test_an_empty_target_has_lost_everything(demo: Demo, client: AwsClient, endpoint: str) -> None:
    name = uuid.uuid4().hex
    empty = demo.settings.source.model_copy(update={"bucket": f"b-{name}", "table": f"t-{name}"})
    await create(client, empty)
    judgement = await demo.against(empty).judge()
    assert judgement.lost_writes == demo.ingested.documents + demo.ingested.records
    assert judgement.source_differences == 0
    assert judgement.examples[0].verdict is Verdict.LOST


async def test_a_target_without_its_bucket_is_an_error_and_no_loss(demo: Demo) -> None:
    absent = demo.settings.source.model_copy(update={"bucket": "b-absent"})
    with pytest.raises(ServiceError, match="b-absent"):
        await demo.against(absent).judge()


async def test_one_changed_byte_and_one_changed_tag_are_stale_writes(demo: Demo, application: AwsClient) -> None:
    bucket = demo.settings.target.bucket
    async with looking(demo.settings, demo.settings.target) as look:
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
    await application.send("s3", "PUT", path_of(demo.settings.target.bucket, gone), body=b"back")
    judgement = await demo.judge()
    assert (judgement.lost_writes, judgement.stale_writes, judgement.resurrected_deletes) == (0, 0, 1)
    assert judgement.examples[0].key == gone


async def test_the_lag_to_a_target_that_is_the_source_is_next_to_nothing(demo: Demo) -> None:
    stop = asyncio.Event()
    async with writing(Job(demo.settings, demo.log)):
        sampling = asyncio.create_task(lag.sample(demo.settings, demo.log, stop))
        await asyncio.sleep(2.0)
    stop.set()
    lags = await sampling
    assert len(lags.samples) > 10
    assert lags.unseen == 0
    median = lags.quantile(0.5)
    assert median is not None and 0 <= median < 0.5
