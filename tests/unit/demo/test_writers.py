import random
from collections import Counter
from pathlib import Path

import pytest

from docferry.demo.documents import PREFIX
from docferry.demo.job import Job
from docferry.demo.oplog import OperationLog
from docferry.demo.oracle import read
from docferry.demo.records import note_key
from docferry.demo.writers import WEIGHTS, Store, choose, known, operate, pick
from docferry.domain.change import Kind
from docferry.domain.errors import ServiceError
from tests.unit.demo.logs import document, operation, record, settings_at
from tests.unit.demo.places import Places

KEYS = [f"{PREFIX}{n}" for n in range(100)]


def a_store(**held: object) -> Store:
    return Store({**{key: document() for key in KEYS}, **held}, KEYS, KEYS[:5], 0)  # type: ignore[dict-item]


def test_a_job_survives_the_way_to_its_process() -> None:
    job = Job(settings_at("http://127.0.0.1:1"), Path("/tmp/log"), writers=3, rate=20.0, seed=9)
    assert Job.loads(job.dumps()) == job


def test_the_writers_start_from_what_the_log_leaves_behind(tmp_path: Path) -> None:
    with OperationLog(tmp_path / "log") as log:
        for line in [
            *operation(1, document(b"a"), key="here"),
            *operation(2, document(), key="gone"),
            *operation(3, None, key="gone"),
            *operation(4, document(), key="doubtful", acknowledged=False),
            *operation(5, record(5), key=note_key(0).name, store=Kind.RECORD),
        ]:
            log.write(line)
    store, last_op = known(tmp_path / "log", 0)
    assert store.held == {"here": document(b"a"), "gone": None, "doubtful": None}
    assert (store.unsure, store.notes, last_op) == ({"doubtful"}, 1, 5)


def test_the_same_seed_chooses_the_same() -> None:
    def chosen(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [pick(a_store(), rng) for _ in range(50)]

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)


def test_writers_meet_on_hot_keys_and_reach_ingested_and_live_ones() -> None:
    rng, store = random.Random(0), a_store()
    picked = Counter(pick(store, rng) for _ in range(5000))
    live = [key for key in picked if key.startswith(f"{PREFIX}live/")]
    assert len(live) > 300
    assert set(KEYS) <= set(picked)
    assert min(picked[key] for key in store.hot) > 3 * max(picked[key] for key in KEYS[5:])


def test_a_document_that_is_there_sees_every_kind_of_operation() -> None:
    rng = random.Random(0)
    assert {choose(a_store(), KEYS[0], rng) for _ in range(500)} == set(WEIGHTS)


@pytest.mark.parametrize(("key", "kind"), [("never", "create"), ("gone", "recreate")])
def test_a_document_that_is_not_there_is_created(key: str, kind: str) -> None:
    store = a_store(gone=None)
    assert {choose(store, key, random.Random(n)) for n in range(20)} == {kind}


def test_after_a_failed_request_only_what_settles_the_whole_document_is_done() -> None:
    store = a_store()
    store.unsure.add(KEYS[0])
    assert {choose(store, KEYS[0], random.Random(n)) for n in range(50)} == {"overwrite", "delete"}


async def test_a_failed_request_is_in_the_log_and_leaves_its_document_in_doubt(tmp_path: Path) -> None:
    store, places = Store({}, [], [], 0), Places(tmp_path / "log")
    writer, client = places.writer(), places.clients["source"]
    client.failure = ServiceError("no")
    with pytest.raises(ServiceError):
        await operate(writer, store, random.Random(0))
    (key,) = store.unsure
    assert read(places.path).failed == 1
    client.failure = None
    rng = random.Random(0)
    while store.unsure:
        await operate(writer, store, rng)
    assert read(places.path).documents[key].maybes


async def test_a_document_comes_before_its_record_and_goes_after_it(tmp_path: Path) -> None:
    store, places = Store({}, [], [], 0), Places(tmp_path / "log")
    writer, sent = places.writer(), places.clients["source"].sent
    orders, rng = set(), random.Random(0)
    for _ in range(2000):
        sent.clear()
        await operate(writer, store, rng)
        orders.add(tuple(dict.fromkeys(sent)))
    assert orders == {("PUT s3", "PutItem"), ("PUT s3",), ("PutItem",), ("DeleteItem", "DELETE s3")}
