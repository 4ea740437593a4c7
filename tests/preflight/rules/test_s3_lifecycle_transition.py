"""Lifecycle actions are in an order that S3 takes."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("s3-lifecycle-transition")


def lifecycle(*blocks: str, head: str = "") -> str:
    lines = "\n".join(blocks)
    return f'{head}resource "aws_s3_bucket_lifecycle_configuration" "a" {{\nrule {{\nid = "r"\n{lines}\n}}\n}}\n'


def to(storage_class: str, days: object) -> str:
    return f'transition {{\nstorage_class = "{storage_class}"\ndays = {days}\n}}'


def dated(storage_class: str, date: str) -> str:
    return f'transition {{\nstorage_class = "{storage_class}"\ndate = "{date}"\n}}'


def noncurrent(storage_class: str, days: int, more: str = "") -> str:
    return (
        f'noncurrent_version_transition {{\nstorage_class = "{storage_class}"\nnoncurrent_days = {days}{more}\n}}'
    )


def expire(what: str) -> str:
    return f"expiration {{\n{what}\n}}"


def forget(days: int, more: str = "") -> str:
    return f"noncurrent_version_expiration {{\nnoncurrent_days = {days}{more}\n}}"


LATE, EARLY = "2031-01-01T00:00:00Z", "2030-01-01T00:00:00Z"
KEEP = "\nnewer_noncurrent_versions = 5"

REFUSED = [
    ("a colder class first", lifecycle(to("GLACIER", 90), to("DEEP_ARCHIVE", 60)), [(10, 1)]),
    ("a colder class first, written last", lifecycle(to("DEEP_ARCHIVE", 60), to("GLACIER", 90)), [(6, 1)]),
    ("two classes on one day", lifecycle(to("STANDARD_IA", 60), to("GLACIER_IR", 60)), [(10, 1)]),
    (
        "a wrong order of three",
        lifecycle(to("GLACIER_IR", 30), to("GLACIER", 200), to("DEEP_ARCHIVE", 90)),
        [(14, 1)],
    ),
    ("a class twice", lifecycle(to("GLACIER", 30), to("GLACIER", 90)), [(9, 1)]),
    ("expired before", lifecycle(to("GLACIER", 90), expire("days = 60")), [(9, 1)]),
    ("expired on the day", lifecycle(to("GLACIER", 90), expire("days = 90")), [(9, 1)]),
    ("expired between two", lifecycle(to("GLACIER", 10), to("DEEP_ARCHIVE", 99), expire("days = 60")), [(13, 1)]),
    ("expired before, by date", lifecycle(dated("GLACIER", LATE), expire(f'date = "{EARLY}"')), [(9, 1)]),
    ("days and a date", lifecycle(to("GLACIER", 30), expire(f'date = "{LATE}"')), [(9, 1)]),
    ("days and a date in two transitions", lifecycle(to("GLACIER", 1), dated("DEEP_ARCHIVE", LATE)), [(10, 1)]),
    ("days and a date in one", lifecycle(expire(f'days = 5\ndate = "{LATE}"')), [(5, 1)]),
    ("versions out of order", lifecycle(noncurrent("GLACIER", 90), noncurrent("DEEP_ARCHIVE", 30)), [(10, 1)]),
    ("versions gone before", lifecycle(noncurrent("GLACIER", 90), forget(30)), [(9, 1)]),
    ("days as texts", lifecycle(to("GLACIER", '"90"'), expire('days = "60"')), [(9, 1)]),
    (
        "from a local",
        lifecycle(to("GLACIER", 90), expire("days = local.d"), head="locals {\nd = 60\n}\n"),
        [(12, 1)],
    ),
    (
        "in a rule of the bucket",
        'resource "aws_s3_bucket" "a" {\nlifecycle_rule {\n'
        + "\n".join((to("GLACIER", 90), expire("days = 60"), "}\n}")),
        [(8, 1)],
    ),
    (
        "in a rule made by dynamic",
        'resource "aws_s3_bucket_lifecycle_configuration" "a" {\ndynamic "rule" {\nfor_each = var.r\ncontent {\n'
        + to("GLACIER", 90)
        + "\n"
        + expire("days = 60")
        + "\n}\n}\n}",
        [(10, 1)],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_s3_refuses_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    found = checked(tmp_path, hcl, RULE).findings
    assert at(found) == expected
    assert {one.severity for one in found} == {Severity.HIGH}


TAKEN = [
    ("nothing but an expiration", lifecycle(expire("days = 1"))),
    (
        "in order",
        lifecycle(to("STANDARD_IA", 30), to("GLACIER", 90), to("DEEP_ARCHIVE", 180), expire("days = 365")),
    ),
    ("in order, written in another", lifecycle(to("GLACIER", 90), to("STANDARD_IA", 30))),
    ("at once", lifecycle(to("GLACIER", 0), expire("days = 1"))),
    ("archived early", lifecycle(to("GLACIER_IR", 1), to("DEEP_ARCHIVE", 2))),
    ("dates in order", lifecycle(dated("GLACIER", EARLY), expire(f'date = "{LATE}"'))),
    ("days, and a marker", lifecycle(dated("GLACIER", EARLY), expire("expired_object_delete_marker = true"))),
    ("versions by days, objects by date", lifecycle(forget(30), expire(f'date = "{LATE}"'))),
    ("objects and versions each for themselves", lifecycle(to("GLACIER", 90), forget(30))),
    ("versions that are counted", lifecycle(noncurrent("GLACIER", 60, KEEP), forget(30))),
    ("versions that are kept by number", lifecycle(noncurrent("GLACIER", 60), forget(30, KEEP))),
    ("days that are not known", lifecycle(to("GLACIER", "var.d"), expire("days = 1"), head='variable "d" {}\n')),
    ("a class that is not known", lifecycle("transition {\nstorage_class = var.c\ndays = 9\n}", to("GLACIER", 9))),
    ("two classes that no page compares", lifecycle(to("GLACIER_IR", 30), to("ONEZONE_IA", 60))),
    (
        "a transition that may not be there",
        lifecycle(
            'dynamic "transition" {\nfor_each = var.t\ncontent {\nstorage_class = "GLACIER"\ndays = 90\n}\n}',
            expire("days = 60"),
        ),
    ),
    (
        "two rules",
        lifecycle(to("GLACIER", 90)).removesuffix("}\n") + "rule {\n" + expire("days = 60") + "\n}\n}\n",
    ),
]


@pytest.mark.parametrize("hcl", [case[1] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_what_s3_takes_or_is_not_known_is_not_found(tmp_path: Path, hcl: str) -> None:
    assert checked(tmp_path, hcl, RULE).findings == ()


EARLIER = [
    ("infrequent access after some days", lifecycle(to("STANDARD_IA", 29)), [(6, 1)]),
    ("in one zone", lifecycle(to("ONEZONE_IA", 0)), [(6, 1)]),
    ("versions", lifecycle(noncurrent("STANDARD_IA", 7)), [(6, 1)]),
    ("archived soon after", lifecycle(to("STANDARD_IA", 30), to("GLACIER", 45)), [(10, 1)]),
    ("archived after 30 days", lifecycle(to("STANDARD_IA", 30), to("GLACIER", 60)), []),
    ("after 30 days", lifecycle(to("STANDARD_IA", 30)), []),
    ("tiered at once", lifecycle(to("INTELLIGENT_TIERING", 0)), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in EARLIER], ids=[case[0] for case in EARLIER])
def test_what_s3_refused_until_2026_is_found_as_less(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    found = checked(tmp_path, hcl, RULE).findings
    assert at(found) == expected
    assert {one.severity for one in found} <= {Severity.MEDIUM}


def test_what_hangs_on_a_variable_is_not_certain(tmp_path: Path) -> None:
    hcl = lifecycle(to("GLACIER", 90), expire("days = var.d"), head='variable "d" {\ndefault = 60\n}\n')
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [False]


def test_an_action_that_is_there_by_a_variable_is_not_certain(tmp_path: Path) -> None:
    content = 'content {\nstorage_class = "GLACIER"\ndays = 90\n}'
    maybe = f'dynamic "transition" {{\nfor_each = var.t ? [1] : []\n{content}\n}}'
    hcl = lifecycle(maybe, expire("days = 60"), head='variable "t" {\ndefault = true\n}\n')
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [False]
