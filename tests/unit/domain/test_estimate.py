from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docferry.domain.cost import NOT_COUNTED
from docferry.domain.document import Listed
from docferry.domain.errors import InvalidInput
from docferry.domain.estimate import Assumptions, Estimate, estimate
from docferry.domain.inventory import DocumentInventory, RecordInventory
from docferry.prices import load_prices


def estimated(assumed: Assumptions, *, documents: int = 0, size: int = 0, records: int = 0) -> Estimate:
    held, items = DocumentInventory(), RecordInventory()
    for n in range(documents):
        held.add(Listed(f"k{n}", "d41d8cd98f00b204e9800998ecf8427e", size, 0.0))
    for n in range(records):
        items.add({"id": {"S": str(n)}}, names_document=False)
    return estimate(held, items, assumed, load_prices(), between_regions=True)


def seconds(found: Estimate) -> dict[str, float | None]:
    return {one.name: one.seconds for one in found.phases}


def test_small_documents_are_bound_by_requests_and_large_ones_by_bytes() -> None:
    assumed = Assumptions(copies_per_s=100, megabytes_per_s=50)
    small, large = estimated(assumed, documents=1000, size=10), estimated(assumed, documents=1000, size=10**8)
    assert [(one.seconds, one.bound_by) for one in small.phases if one.name == "copy documents"] == [
        (10.0, "copies_per_s")
    ]
    assert [(one.seconds, one.bound_by) for one in large.phases if one.name == "copy documents"] == [
        (2000.0, "megabytes_per_s")
    ]


def test_a_measured_rate_takes_the_place_of_both() -> None:
    assumed = Assumptions(copies_per_s=1, megabytes_per_s=1, measured_documents_per_s=500)
    (copying,) = [
        one for one in estimated(assumed, documents=1000, size=10**9).phases if one.name == "copy documents"
    ]
    assert (copying.seconds, copying.bound_by) == (2.0, "measured_documents_per_s")


def test_each_rate_bounds_its_own_phase() -> None:
    assumed = Assumptions(listings_per_s=2, records_read_per_s=50, records_written_per_s=10, changes_per_s=0)
    found = seconds(estimated(assumed, documents=1001, records=100))
    assert (found["list documents"], found["read records"], found["write records"]) == (2.0, 2.0, 10.0)
    assert found["catch up"] == 0.0


def test_catching_up_takes_in_what_comes_while_it_is_done() -> None:
    assumed = Assumptions(records_read_per_s=100, records_written_per_s=100, changes_per_s=4, followed_per_s=6)
    found = estimated(assumed, records=1000)
    assert seconds(found)["catch up"] == pytest.approx(20 * 4 / 2)
    assert found.seconds == pytest.approx(60.0)


def test_echoes_take_time_only_where_they_come_faster_than_they_are_taken_off() -> None:
    assumed = Assumptions(measured_documents_per_s=400, echoes_per_s=100)
    assert seconds(estimated(assumed, documents=1000))["take off echoes"] == pytest.approx(10.0 - 2.5)
    assert seconds(estimated(replace(assumed, echoes_per_s=500), documents=1000))["take off echoes"] == 0.0


@pytest.mark.parametrize("followed", [1.0, 0.5])
def test_changes_faster_than_they_are_followed_are_never_caught_up(followed: float) -> None:
    found = estimated(Assumptions(changes_per_s=1.0, followed_per_s=followed), documents=1)
    assert found.seconds is None
    assert found.as_json()["seconds_to_cutover_ready"] is None


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 10**6))
def test_more_to_move_never_takes_less_time_or_money(documents: int, records: int, size: int) -> None:
    less = estimated(Assumptions(), documents=documents, records=records, size=size)
    more = estimated(Assumptions(), documents=documents + 1, records=records + 1, size=size)
    assert less.seconds is not None and more.seconds is not None
    assert more.seconds > less.seconds
    assert more.usd >= less.usd


def test_the_total_is_the_sum_of_the_lines_as_shown() -> None:
    shown = estimated(Assumptions(), documents=1234, records=99, size=56_789).as_json()
    assert Decimal(shown["usd"]) == sum(Decimal(one["usd"]) for one in shown["costs"])
    assert Decimal(shown["usd"]) > 0


def test_every_assumption_is_printed_with_its_unit_and_reason() -> None:
    shown = estimated(Assumptions(copies_per_s=7.5)).as_json()["assumptions"]
    assert shown["copies_per_s"]["value"] == 7.5
    assert all(one["unit"] and one["why"] for one in shown.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("copies_per_s", 0.0),
        ("copies_per_s", -1.0),
        ("followed_per_s", float("nan")),
        ("double_run_days", float("inf")),
        ("changes_per_s", -0.1),
        ("measured_documents_per_s", 0.0),
    ],
)
def test_a_rate_that_is_no_positive_number_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=name) as refused:
        Assumptions(**{name: value})
    assert refused.value.hint == "give a positive number"


def test_each_phase_says_what_binds_it() -> None:
    assert [(one.name, one.bound_by) for one in estimated(Assumptions()).phases] == [
        ("list documents", "listings_per_s"),
        ("copy documents", "copies_per_s"),
        ("take off echoes", "echoes_per_s"),
        ("read records", "records_read_per_s"),
        ("write records", "records_written_per_s"),
        ("catch up", "followed_per_s"),
    ]
    lagging = estimated(Assumptions(changes_per_s=2.0, followed_per_s=1.0)).phases[-1]
    assert lagging.as_json() == {
        "name": "catch up",
        "seconds": None,
        "bound_by": "changes_per_s is not below followed_per_s",
    }


def test_times_are_shown_to_a_tenth_of_a_second() -> None:
    shown = estimated(
        Assumptions(records_read_per_s=3, records_written_per_s=6, changes_per_s=0), records=1
    ).as_json()
    assert [one["seconds"] for one in shown["phases"]] == [0.0, 0.0, 0.0, 0.3, 0.2, 0.0]
    assert (shown["seconds_to_cutover_ready"], shown["phases"][3]["name"]) == (0.5, "read records")


def test_what_the_bill_leaves_out_is_said() -> None:
    assert estimated(Assumptions()).as_json()["not_counted"] == list(NOT_COUNTED)


@pytest.mark.parametrize("name", ["changes_per_s", "double_run_days"])
def test_an_application_may_be_at_rest_and_a_double_run_may_be_left_out(name: str) -> None:
    assert getattr(Assumptions(**{name: 0.0}), name) == 0.0
