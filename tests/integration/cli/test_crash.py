import asyncio
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from docferry.demo.job import Job
from docferry.demo.judge import judge
from docferry.demo.writer_process import writing
from docferry.domain.reserved import RESERVED
from tests.integration.cli.conftest import Site, site_at

KILLS = 10


def versions(site: Site) -> int:
    """Count all versions and delete markers at the target, but those of heartbeats."""
    target = site.settings.target
    body = site.send(target, "GET", f"/{target.bucket}", query={"versions": "", "max-keys": "1000"})
    return body.count(b"<VersionId>") - body.count(RESERVED.encode())


def wait_until_at_work(process: "subprocess.Popen[str]", site: Site, done: int = 1) -> None:
    deadline = time.monotonic() + 20
    while versions(site) < done:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_killed_at_ten_moments_beside_writers_it_ends_as_if_never_killed(endpoint: str, tmp_path: Path) -> None:
    site = site_at(endpoint, tmp_path)
    site.fill()
    moments = random.Random(7)

    async def kill_and_resume() -> None:
        async with writing(Job(site.settings, site.log, writers=4, rate=60.0, seed=7)) as writers:
            for _ in range(KILLS):
                process = site.start("sync", "--rate-limit", "60")
                await asyncio.sleep(moments.uniform(0.3, 3.5))
                process.kill()
                process.communicate()
                assert process.returncode == -signal.SIGKILL
            await writers.stop()

    asyncio.run(kill_and_resume())
    ended = site.run("sync", "--once", "--json")
    assert (ended.code, ended.json["caught_up"], ended.json["stuck"]) == (0, True, 0), ended
    checked = site.run("validate", "--json")
    assert (checked.code, checked.json["differences"]) == (0, 0), checked.out
    judgement = asyncio.run(judge(site.settings, site.log))
    assert judgement.clean, judgement
    assert judgement.writes_acknowledged > 300


def test_a_killed_backfill_is_gone_on_with_and_copies_nothing_twice(filled: Site) -> None:
    for done in (30, 60):
        process = filled.start("sync", "--rate-limit", "60")
        wait_until_at_work(process, filled, done)
        process.kill()
        process.communicate()
    assert filled.run("sync", "--once").code == 0
    documents = filled.run("validate", "--json").json["documents"]
    assert versions(filled) == documents


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_a_signal_stops_it_in_two_seconds_and_the_next_run_goes_on(filled: Site, number: signal.Signals) -> None:
    process = filled.start("sync", "--rate-limit", "60", "--json")
    wait_until_at_work(process, filled)
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate()
    assert time.monotonic() - began < 2
    assert (process.returncode, err) == (130, "docferry: stopped; run the same command again to go on\n")
    # The lease was given back: the next one does not have to wait for it to run out.
    assert filled.run("sync", "--once").code == 0
    assert filled.run("validate").code == 0


def test_a_second_runner_is_refused_and_the_first_is_not_disturbed(filled: Site) -> None:
    first = filled.start("sync")
    wait_until_at_work(first, filled)
    second = filled.run("sync", "--once")
    assert (second.code, second.out) == (3, "")
    assert "another process is at work" in second.err
    assert f":{first.pid}" in second.err
    assert first.poll() is None
    first.send_signal(signal.SIGINT)
    first.communicate()
    assert first.returncode == 130
