"""A replica is in another region than its table."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("global-table-own-region")


def provider(region: str, alias: str = "") -> str:
    named = f'  alias = "{alias}"\n' if alias else ""
    return f'provider "aws" {{\n{named}  region = {region}\n}}\n'


def table(*regions: str, more: str = "") -> str:
    """Return a table, whose first replica's region is on line 3."""
    replicas = "".join(f"  replica {{\n    region_name = {one}\n  }}\n" for one in regions)
    return f'resource "aws_dynamodb_table" "t" {{\n{replicas}{more}}}\n'


def separate(more: str = "", of: str = "aws_dynamodb_table.t.arn") -> str:
    return f'resource "aws_dynamodb_table_replica" "r" {{\n  global_table_arn = {of}\n{more}}}\n'


IRELAND, FRANKFURT = '"eu-west-1"', '"eu-central-1"'
BOTH = provider(IRELAND) + provider(FRANKFURT, "target")
AT_TARGET = "  provider = aws.target\n"
DYNAMIC = (
    '  dynamic "replica" {\n    for_each = var.r\n    content {\n      region_name = replica.value\n    }\n  }\n'
)

CASES = [
    ("another region", table(FRANKFURT) + BOTH, []),
    ("its own", table(IRELAND) + BOTH, [(3, 5)]),
    ("its own, as the second", table(FRANKFURT, IRELAND) + BOTH, [(6, 5)]),
    ("its own, of another provider", table(FRANKFURT, more=AT_TARGET) + BOTH, [(3, 5)]),
    ("the default one, of another provider", table(IRELAND, more=AT_TARGET) + BOTH, []),
    ("a region that is not known", table(IRELAND) + 'variable "r" {}\n' + provider("var.r"), []),
    ("a provider that is elsewhere", table(IRELAND, more="  provider = aws.other\n") + BOTH, []),
    ("no provider", table(IRELAND), []),
    ("a region of the resource", table(IRELAND, more='  region = "us-east-1"\n') + BOTH, []),
    ("its own, of the resource", table('"us-east-1"', more='  region = "us-east-1"\n') + BOTH, [(3, 5)]),
    ("regions of a list that is not known", table(more=DYNAMIC) + BOTH, []),
    ("from a local", table("local.r") + BOTH + "locals {\n  r = " + IRELAND + "\n}\n", [(3, 5)]),
    ("a replica of its own, at the target", separate(AT_TARGET) + table() + BOTH, []),
    ("a replica of its own, with the same provider", separate() + table() + BOTH, [(1, 1)]),
    ("a replica of its own, with no provider here", separate() + table(), [(1, 1)]),
    ("a replica of its own, both at the target", separate(AT_TARGET) + table(more=AT_TARGET), [(1, 1)]),
    (
        "a replica of its own, with another provider in the same region",
        separate(AT_TARGET) + table() + provider(IRELAND) + provider(IRELAND, "target"),
        [(1, 1)],
    ),
    ("a replica of its own, with its region", separate('  region = "eu-west-3"\n') + table() + BOTH, []),
    (
        "a replica of a table elsewhere",
        separate(of='"arn:aws:dynamodb:eu-west-1:111122223333:table/t"') + BOTH,
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_replica_where_its_table_is_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_the_message_tells_of_the_region_and_not_of_the_provider(tmp_path: Path) -> None:
    hcl = separate(AT_TARGET) + table() + provider(IRELAND) + provider(IRELAND, "target")
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.message == "a replica of `aws_dynamodb_table.t` where the table itself is"


def test_the_default_of_a_variable_is_not_certain(tmp_path: Path) -> None:
    hcl = table(IRELAND) + 'variable "r" {\n  default = "eu-west-1"\n}\n' + provider("var.r")
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [False]


def test_providers_are_told_apart_in_json_too(tmp_path: Path) -> None:
    text = (
        '{"provider": {"aws": [{"region": "eu-west-1"}, {"alias": "target", "region": "eu-central-1"}]},\n'
        '"resource": {"aws_dynamodb_table": {"t": {"name": "t"}},\n'
        '"aws_dynamodb_table_replica": {"r": {"provider": "aws.target", '
        '"global_table_arn": "${aws_dynamodb_table.t.arn}"}}}}'
    )
    assert checked(tmp_path / "a", {"main.tf.json": text}, RULE).findings == ()
    same = text.replace('"provider": "aws.target", ', "")
    assert [
        one.place.line for one in checked(tmp_path / "b", {"main.tf.json": same}, RULE).findings if one.place
    ] == [3]
