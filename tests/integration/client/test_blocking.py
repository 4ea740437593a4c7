import asyncio
import threading
import time

import pytest

from docferry.client import Leave, SyncDocumentStore, Unanswered, connect_sync
from docferry.settings import Client
from tests.integration.cli.conftest import Site
from tests.integration.client.regions import Region


async def test_threads_share_a_store_without_an_event_loop_of_their_own(
    site: Site, source: Region, target: Region
) -> None:
    await asyncio.to_thread(from_threads, site)


def from_threads(site: Site) -> None:
    failed: list[BaseException] = []

    def use(store: SyncDocumentStore, name: str) -> None:
        try:
            for number in range(5):
                key = f"{name}/{number}"
                assert store.put(key, key.encode(), tags={"a": "b"}).region == "source"
                found = store.get(key)
                assert found and found.body == key.encode()
            store.tag(f"{name}/0", {})
            store.delete(f"{name}/0")
            assert store.get(f"{name}/0") is None
            assert store.route.write(lambda leave: leave.region, records=[{"id": {"S": "1"}}]) == "source"
            assert store.route.read(lambda leave: leave.place.aws_region) == site.settings.source.region
        except BaseException as error:
            failed.append(error)

    with connect_sync(site.config, client="threads") as store:
        assert store.route.client == "threads"
        threads = [threading.Thread(target=use, args=(store, name)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert failed == []


async def test_a_thread_is_told_at_the_deadline_that_the_outcome_is_unknown(
    site: Site, source: Region, target: Region
) -> None:
    def slow(leave: Leave) -> None:
        time.sleep(1.5)

    def use() -> float:
        settings = site.settings.model_copy(update={"client": Client(deadline_s=1.0)})
        with connect_sync(settings=settings) as store:
            began = time.monotonic()
            with pytest.raises(Unanswered):
                store.route.write(slow)
            return time.monotonic() - began

    assert await asyncio.to_thread(use) < 1.4
