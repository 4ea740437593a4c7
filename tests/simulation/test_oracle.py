from docferry.drill.oracle import Found, Operation, Oracle

KEY = "document k"


class Time:
    def __init__(self) -> None:
        self.us = 0

    def __call__(self) -> int:
        self.us += 10
        return self.us


def written(oracle: Oracle, *, deletes: bool = False, acknowledged: bool = True) -> Operation:
    done = oracle.begun("put", (KEY,), deletes=deletes)
    oracle.landed(done, counts=True)
    if acknowledged:
        oracle.acknowledged(done)
    return done


def test_the_last_acknowledged_write_must_be_found() -> None:
    oracle = Oracle(Time())
    first, last = written(oracle), written(oracle)
    assert oracle.verdict(KEY, Found(last.number)) == ""
    assert "still holds operation 0" in oracle.verdict(KEY, Found(first.number))
    assert "is gone" in oracle.verdict(KEY, Found(None))


def test_what_was_deleted_must_not_come_back() -> None:
    oracle = Oracle(Time())
    first = written(oracle)
    written(oracle, deletes=True)
    assert oracle.verdict(KEY, Found(None)) == ""
    assert "still holds" in oracle.verdict(KEY, Found(first.number))


def test_a_write_without_an_answer_may_be_found_or_not() -> None:
    oracle = Oracle(Time())
    first, unknown = written(oracle), written(oracle, acknowledged=False)
    assert oracle.verdict(KEY, Found(first.number)) == ""
    assert oracle.verdict(KEY, Found(unknown.number)) == ""


def test_a_write_without_an_answer_that_landed_before_a_later_one_is_stale() -> None:
    oracle = Oracle(Time())
    unknown = written(oracle, acknowledged=False)
    written(oracle)
    assert "still holds" in oracle.verdict(KEY, Found(unknown.number))


def test_of_two_writes_at_the_same_time_either_may_be_found() -> None:
    oracle = Oracle(Time())
    one, other = oracle.begun("put", (KEY,)), oracle.begun("put", (KEY,))
    for done in (one, other):
        oracle.landed(done, counts=True)
    for done in (other, one):
        oracle.acknowledged(done)
    assert [oracle.verdict(KEY, Found(done.number)) for done in (one, other)] == ["", ""]


def test_what_lands_where_nobody_reads_any_more_counts_for_nothing() -> None:
    oracle = Oracle(Time())
    late = oracle.begun("put", (KEY,))
    written(oracle)
    oracle.landed(late, counts=False)
    assert "still holds" in oracle.verdict(KEY, Found(late.number))


def test_a_reader_need_not_see_what_was_acknowledged_after_it_asked() -> None:
    time = Time()
    oracle = Oracle(time)
    first = written(oracle)
    asked_us = time()
    written(oracle)
    assert oracle.verdict(KEY, Found(first.number), before_us=asked_us) == ""
    assert oracle.verdict(KEY, Found(first.number), before_us=time()) != ""


def test_wrong_bytes_and_strangers_are_found() -> None:
    oracle = Oracle(Time())
    put = oracle.ingested((KEY,), etag="right")
    assert "other bytes" in oracle.verdict(KEY, Found(put.number, "wrong"))
    assert "never wrote there" in oracle.verdict(KEY, Found(17))


def test_what_was_reported_as_not_sent_and_landed_is_told() -> None:
    oracle = Oracle(Time())
    done = written(oracle, acknowledged=False)
    assert list(oracle.told_wrongly()) == []
    done.sent_nothing = True
    assert len(list(oracle.told_wrongly())) == 1


def test_what_one_side_lacks_is_told_by_when_it_was_acknowledged() -> None:
    oracle = Oracle(Time())
    first, second, third = written(oracle), written(oracle), written(oracle)
    assert oracle.missing(lambda _: Found(third.number)) == []
    assert oracle.missing(lambda _: Found(first.number)) == [second.acknowledged_us, third.acknowledged_us]
