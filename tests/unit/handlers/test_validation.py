import json
from typing import Any

import pytest

from docferry.domain.errors import GateRefused, InvalidInput, NeedsOperator, ServiceError
from docferry.domain.gate import Writer
from docferry.handlers.publishing import BUS
from docferry.stages.validate.walk import Scope
from tests.unit.handlers.conftest import Functions
from tests.unit.world import record

PARTS = {"ranges": [0, 1], "segments": [0, 1, 2, 3]}


def whole(functions: Functions) -> dict[str, Any]:
    begun = functions.validation({"step": "begin"})
    for number in begun["ranges"]:
        assert functions.validation({"step": "documents", "range": number})["done"]
    for number in begun["segments"]:
        assert functions.validation({"step": "records", "segment": number})["done"]
    return functions.validation({"step": "summary"})


def test_begin_names_the_parts(functions: Functions) -> None:
    assert functions.validation({"step": "begin"}) == PARTS


def test_equal_stores_have_no_differences(functions: Functions) -> None:
    assert whole(functions) == {"differences": 0, "documents": 40, "records": 40, "undecided": 0}


def test_a_document_that_differs_is_found(functions: Functions) -> None:
    functions.world.source.write("k01", b"changed", metadata={}, tags={})
    assert whole(functions)["differences"] == 1


def test_a_document_that_only_the_target_has_is_found(functions: Functions) -> None:
    functions.world.target.write("zzz", b"", metadata={}, tags={})
    assert whole(functions)["differences"] == 1


def test_a_document_that_the_target_lacks_is_found(functions: Functions) -> None:
    functions.world.target.erase("k39")
    assert whole(functions)["differences"] == 1


def test_metadata_and_tags_count(functions: Functions) -> None:
    functions.world.source.write("k01", b"1", metadata={"n": "1"}, tags={"a": "b"})
    functions.world.source.write("k02", b"2", metadata={"n": "other"}, tags={})
    assert whole(functions)["differences"] == 2


def test_records_that_differ_on_either_side_are_found(functions: Functions) -> None:
    functions.run(functions.world.target_records.put(record("only here", "1"), None))
    functions.run(functions.world.source_records.put(record("only there", "1"), None))
    assert whole(functions)["differences"] == 2


def test_a_part_says_what_it_has_found(functions: Functions) -> None:
    functions.world.target.erase("k01")
    functions.validation({"step": "begin"})
    assert functions.validation({"step": "documents", "range": 0}) == {"done": True, "differences": 1}


def test_a_part_without_time_is_not_done_and_goes_on(functions: Functions) -> None:
    functions.world.target.erase("k01")
    functions.validation({"step": "begin"})
    assert functions.validation({"step": "documents", "range": 0}, seconds=15.5)["done"] is False
    assert functions.validation({"step": "documents", "range": 0}) == {"done": True, "differences": 1}


def test_a_part_that_is_asked_for_again_says_the_same(functions: Functions) -> None:
    functions.validation({"step": "begin"})
    first = functions.validation({"step": "records", "segment": 2})
    assert functions.validation({"step": "records", "segment": 2}) == first


def test_a_sum_without_all_parts_is_refused(functions: Functions) -> None:
    functions.validation({"step": "begin"})
    functions.validation({"step": "documents", "range": 0})
    with pytest.raises(NeedsOperator, match="is not finished"):
        functions.validation({"step": "summary"})


def test_the_sum_is_published_and_kept(functions: Functions) -> None:
    counts = whole(functions)
    assert functions.published == [("Validation Finished", counts)]
    kept = functions.run(functions.world.ledger.read(Scope().name))
    assert kept
    assert kept["finished_at"] > 0


def test_the_differences_are_counted_as_a_metric(functions: Functions, capsys: pytest.CaptureFixture[str]) -> None:
    functions.world.target.erase("k01")
    whole(functions)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ValidationDifferences" in line]
    assert [one["ValidationDifferences"] for one in lines] == [[1.0]]


def test_a_bus_that_is_not_there_holds_up_nothing(functions: Functions) -> None:
    functions.target.fails = ServiceError("no such bus")
    assert whole(functions)["differences"] == 0


def test_without_a_bus_it_works_as_well(functions: Functions, environment: pytest.MonkeyPatch) -> None:
    environment.delenv(BUS)
    assert whole(functions)["differences"] == 0


@pytest.mark.parametrize("event", [{}, {"step": "dance"}, {"Records": [1]}])
def test_an_unknown_step_is_refused_and_the_known_ones_are_named(functions: Functions, event: Any) -> None:
    with pytest.raises(InvalidInput, match="which are begin, documents, records, summary"):
        functions.validation(event)


@pytest.mark.parametrize("number", [None, "0", -1, 1.5])
def test_a_part_without_a_number_is_refused(functions: Functions, number: Any) -> None:
    functions.validation({"step": "begin"})
    with pytest.raises(InvalidInput, match="no number of a part"):
        functions.validation({"step": "documents", "range": number})


def test_a_range_that_is_not_there_is_refused(functions: Functions) -> None:
    functions.validation({"step": "begin"})
    with pytest.raises(InvalidInput, match="no range 9"):
        functions.validation({"step": "documents", "range": 9})


def test_before_the_documents_are_divided_nothing_is_begun(fresh: Functions) -> None:
    with pytest.raises(GateRefused):
        fresh.validation({"step": "begin"})
    fresh.data_sync({"step": "prepare"})
    with pytest.raises(NeedsOperator, match="not divided"):
        fresh.validation({"step": "begin"})


def test_in_the_moment_of_a_switch_nothing_is_compared(functions: Functions) -> None:
    async def close() -> None:
        gate = await functions.world.target_gate.read()
        assert gate
        await functions.world.target_gate.change(gate, gate.turned(Writer.NOBODY))

    functions.run(close())
    with pytest.raises(GateRefused, match="switch is under way"):
        functions.validation({"step": "begin"})


def test_it_takes_no_lease_and_writes_to_neither_side(functions: Functions) -> None:
    versions = sum(len(one) for one in functions.world.target._versions.values())
    whole(functions)
    assert set(functions.leases) == {"validation"}
    assert functions.run(functions.world.ledger.read("lease/validation")) is None
    assert sum(len(one) for one in functions.world.target._versions.values()) == versions
