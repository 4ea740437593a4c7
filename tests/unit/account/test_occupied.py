from collections.abc import Sequence

from docferry.account import occupied
from docferry.domain.change import Kind
from docferry.domain.record import Item, digest
from docferry.ports import Mark, intended
from docferry.preflight.finding import Outcome, Severity
from tests.unit.account.places import Places, findings, the_finding


async def documents(places: Places) -> list[Outcome]:
    source, target = places.source.documents, places.target.documents
    names = places.target.account.names
    return await occupied.check_documents(source, target, places.provenance, names, places.told.append)


async def records(places: Places) -> list[Outcome]:
    source, target = places.source.records, places.target.records
    names = places.target.account.names
    return await occupied.check_records(source, target, places.provenance, names, places.told.append)


def write(places: Places, side: str, keys: Sequence[str], body: bytes = b"1") -> None:
    for key in keys:
        getattr(places, side).documents.write(key, body, metadata={}, tags={})


def item(key: str, value: str = "1") -> Item:
    return {"id": {"S": key}, "value": {"S": value}}


async def test_an_empty_target_is_fine_and_what_was_looked_at_is_said() -> None:
    places = Places()
    assert await documents(places) == await records(places) == []
    assert places.told == [
        "target-documents: 0 documents listed, of which 0 are not docferry's",
        "target-records: 0 records scanned, of which 0 are not docferry's",
    ]


async def test_what_docferry_put_there_is_fine_however_it_is_known() -> None:
    places = Places()
    write(places, "target", ["a", "b"])
    a, b = await places.target.documents.look("a"), await places.target.documents.look("b")
    assert a and b
    await places.provenance.note(Kind.DOCUMENT, [intended("a", a.etag), Mark("b", b.version)])
    await places.target.records.put(item("r"), None)
    await places.provenance.note(Kind.RECORD, [Mark(digest({"id": {"S": "r"}}), digest(item("r")))])
    assert await documents(places) == await records(places) == []


async def test_documents_of_others_are_counted_and_those_that_would_be_written_over_are_named() -> None:
    places = Places()
    write(places, "source", ["a", "b"])
    write(places, "target", ["a", "other"])
    write(places, "target", ["b"], b"another")
    found = the_finding(await documents(places), "account-occupied", Severity.MEDIUM, "target-documents")
    assert "of all 3 documents, 3 are not docferry's (a, b, other)" in found.message
    assert "would write over 1 of the 3 (b)" in found.message


async def test_one_document_of_others_is_one() -> None:
    places = Places()
    write(places, "target", ["other"])
    found = the_finding(await documents(places), "account-occupied", Severity.MEDIUM, "target-documents")
    assert "1 is not docferry's (other); none" in found.message


async def test_records_of_others_are_counted_and_those_that_would_be_written_over_are_named() -> None:
    places = Places()
    for key, value in (("same", "1"), ("other", "2"), ("alone", "1")):
        await places.target.records.put(item(key, value), None)
    for key in ("same", "other"):
        await places.source.records.put(item(key), None)
    found = the_finding(await records(places), "account-occupied", Severity.MEDIUM, "target-records")
    assert "of all 3 records, 3 are not docferry's" in found.message
    assert 'would write over 1 of the 3 ({"id":{"S":"other"}})' in found.message


async def test_of_a_large_target_the_first_pages_are_looked_at_and_that_is_said() -> None:
    places = Places()
    write(places, "target", [f"{n:02}" for n in range(20)])
    for n in range(20):
        await places.target.records.put(item(f"{n:02}"), None)
    (of_documents,), (of_records,) = findings(await documents(places)), findings(await records(places))
    assert "of the first 9 documents, 9 are not docferry's (00, 01, 02, …)" in of_documents.message
    assert "of the first 9 records, 9 are not docferry's" in of_records.message
    assert "none of them would be written over" in of_documents.message


async def test_once_applications_write_at_the_target_it_is_theirs() -> None:
    places = Places()
    write(places, "target", ["a"])
    assert await places.checked(begun_at_target=True) == []
    assert [one.rule for one in await places.checked()] == ["account-occupied"]
