from decimal import Decimal

import pytest

from docferry.domain.cost import GB, Bill, CostLine
from docferry.domain.document import Listed
from docferry.domain.inventory import DocumentInventory, RecordInventory
from docferry.prices import load_prices

DIGEST = "d41d8cd98f00b204e9800998ecf8427e"


def bill(*, between: bool = True, changes: str = "0", days: str = "30") -> Bill:
    documents, records = DocumentInventory(), RecordInventory()
    for n in range(1500):
        documents.add(Listed(f"k{n}", DIGEST, GB // 64, 0.0, "STANDARD"))
    for n in range(500):
        documents.add(Listed(f"p{n}", f"{DIGEST}-8", GB // 64, 0.0, "STANDARD_IA"))
    for n in range(1000):
        records.add({"id": {"S": f"{n:0>1534}"}}, names_document=True)
    return Bill(documents, records, between, Decimal(changes), Decimal(days))


def line(held: Bill, what: str) -> CostLine:
    found = [one for one in held.lines(load_prices()) if one.what == what]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("what", "quantity", "usd"),
    [
        ("backfill: listings", "6", "0.0000"),
        ("backfill: copies (STANDARD)", "1500", "0.0075"),
        ("backfill: copies (STANDARD_IA)", "5000", "0.0500"),
        ("backfill: looks at documents in parts", "6000", "0.0024"),
        ("backfill: record reads", "2375", "0.0003"),
        ("backfill: record writes", "2000", "0.0012"),
        ("backfill: notes of what docferry wrote", "3000", "0.0019"),
        ("one full validation: looks", "8000", "0.0032"),
    ],
)
def test_what_a_backfill_and_a_validation_ask_for_is_counted(what: str, quantity: str, usd: str) -> None:
    found = line(bill(), what)
    assert (found.quantity, found.usd) == (Decimal(quantity), Decimal(usd))


def test_storage_is_counted_by_class_for_as_long_as_both_sides_are_kept() -> None:
    month, half = (
        line(bill(days=days), "double run: documents kept twice (STANDARD_IA)") for days in ("30", "15")
    )
    assert (month.price, month.usd) == ("s3_storage_standard_ia", Decimal("0.0977"))
    assert half.quantity * 2 == month.quantity


def test_bytes_are_charged_for_between_regions_only() -> None:
    paid = line(bill(), "backfill: bytes between the regions")
    assert paid.usd == Decimal("0.6250")
    assert not [one for one in bill(between=False).lines(load_prices()) if one.price == "s3_transfer"]


def test_following_grows_with_the_changes_and_is_nothing_without_any() -> None:
    assert not [one for one in bill().lines(load_prices()) if one.what.startswith("following")]
    queue = line(bill(changes="2", days="10"), "following: queue requests")
    assert (queue.quantity, queue.usd) == (Decimal(3 * 2 * 10 * 86_400), Decimal("2.0736"))
    writes = line(bill(changes="2", days="10"), "following: record writes and notes")
    assert writes.quantity == Decimal(4 * 2 * 10 * 86_400)


def test_an_empty_store_costs_nothing() -> None:
    empty = Bill(DocumentInventory(), RecordInventory(), True, Decimal(0), Decimal(14))
    assert empty.lines(load_prices()) == ()


def test_quantities_and_money_are_shown_as_plain_text() -> None:
    shown = CostLine("what", "s3_get", Decimal("1E+3"), "request", Decimal("0.0004")).as_json()
    assert shown == {"what": "what", "price": "s3_get", "quantity": "1000.000", "unit": "request", "usd": "0.0004"}


def test_every_line_of_the_bill_has_its_own_price_and_is_counted_from_what_is_moved() -> None:
    changes, month = Decimal(30 * 86_400), Decimal(1)
    gb, records_gb = Decimal(2000) / 64, Decimal(1000 * 1536) / GB
    expected = [
        ("backfill: bytes between the regions", "s3_transfer", gb, "GB"),
        ("backfill: listings", "s3_list", Decimal(6), "request"),
        ("backfill: copies (STANDARD)", "s3_copy", Decimal(1500), "request"),
        ("backfill: copies (STANDARD_IA)", "s3_copy_standard_ia", Decimal(5000), "request"),
        ("backfill: reading from the class (STANDARD_IA)", "s3_retrieval_standard_ia", gb / 4, "GB"),
        ("backfill: looks at documents in parts", "s3_get", Decimal(6000), "request"),
        ("backfill: record reads", "dynamodb_read", Decimal(2375), "read unit"),
        ("backfill: record writes", "dynamodb_write", Decimal(2000), "write unit"),
        ("backfill: notes of what docferry wrote", "dynamodb_write", Decimal(3000), "write unit"),
        ("backfill: echoes, queue requests", "sqs_request", Decimal(2400), "request"),
        ("backfill: echoes, notes read", "dynamodb_read", Decimal(2000), "read unit"),
        ("following: bytes between the regions", "s3_transfer", changes * gb / 2000, "GB"),
        ("following: copies", "s3_copy", changes, "request"),
        ("following: looks", "s3_get", 8 * changes, "request"),
        ("following: record reads", "dynamodb_read", 6 * changes, "read unit"),
        ("following: record writes and notes", "dynamodb_write", 4 * changes, "write unit"),
        ("following: queue requests", "sqs_request", 3 * changes, "request"),
        ("one full validation: listings", "s3_list", Decimal(4), "request"),
        ("one full validation: looks", "s3_get", Decimal(8000), "request"),
        ("one full validation: record reads", "dynamodb_read", Decimal(750), "read unit"),
        ("double run: documents kept twice (STANDARD)", "s3_storage", 3 * gb / 4 * month, "GB-month"),
        ("double run: documents kept twice (STANDARD_IA)", "s3_storage_standard_ia", gb / 4 * month, "GB-month"),
        ("double run: records kept twice", "dynamodb_storage", records_gb * month, "GB-month"),
    ]
    lines = bill(changes="1", days="30").lines(load_prices())
    assert [(one.what, one.price, one.quantity, one.unit) for one in lines] == expected
    half = {one.what: one.quantity for one in bill(changes="1", days="15").lines(load_prices())}
    assert half["double run: records kept twice"] * 2 == records_gb


def test_a_single_document_and_record_are_their_own_mean() -> None:
    documents, records = DocumentInventory(), RecordInventory()
    documents.add(Listed("k", DIGEST, GB, 0.0))
    records.add({"id": {"S": "x" * 5000}}, names_document=True)
    held = Bill(documents, records, True, Decimal(1), Decimal(1))
    assert line(held, "following: bytes between the regions").quantity == 86_400
    assert line(held, "following: record writes and notes").quantity == (5 + 2) * 86_400
