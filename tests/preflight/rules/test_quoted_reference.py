"""A reference and a type are written without quotes."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("quoted-reference")
CRITICAL, LOW = Severity.CRITICAL, Severity.LOW


def variable(kind: str) -> str:
    return f'variable "a" {{\n  type = {kind}\n}}\n'


def resource(*lines: str) -> str:
    return "\n".join(('resource "aws_sqs_queue" "q" {', *(f"  {one}" for one in lines), "}\n"))


def lifecycle(ignored: str) -> str:
    return resource("lifecycle {", f"  ignore_changes = {ignored}", "}")


OLD = 'terraform {\n  required_version = "~> 0.11.0"\n}\n'
NOT_YET = 'terraform {\n  required_version = "~> 0.13.0"\n}\n'
CASES = [
    ("a type", variable('"string"'), [CRITICAL], variable("string")),
    ("a list", variable('"list"'), [CRITICAL], variable("list(any)")),
    ("a type that is none", variable('"number"'), [], ""),
    ("a type without quotes", variable("string"), [], ""),
    ("a type where it is still taken", variable('"map"') + NOT_YET, [LOW], variable("map(any)") + NOT_YET),
    ("a type where it is wanted", variable('"string"') + OLD, [], ""),
    (
        "what is waited for",
        resource('depends_on = ["aws_sns_topic.t", aws_sns_topic.u]'),
        [LOW],
        resource("depends_on = [aws_sns_topic.t, aws_sns_topic.u]"),
    ),
    (
        "one of several",
        resource('depends_on = ["aws_sns_topic.t[\\"a\\"]"]'),
        [LOW],
        resource('depends_on = [aws_sns_topic.t["a"]]'),
    ),
    ("a provider", resource('provider = "aws.west"'), [LOW], resource("provider = aws.west")),
    ("what is ignored", lifecycle('["tags"]'), [LOW], lifecycle("[tags]")),
    ("everything ignored", lifecycle('["*"]'), [CRITICAL], lifecycle("all")),
    (
        "everything ignored in what there is none of",
        resource("count = 0", "lifecycle {", '  ignore_changes = ["*"]', "}"),
        [CRITICAL],
        resource("count = 0", "lifecycle {", "  ignore_changes = all", "}"),
    ),
    ("everything ignored, as it is written now", lifecycle("all"), [], ""),
    (
        "a module's providers",
        'module "m" {\n  source    = "./m"\n  providers = { aws = "aws.west" }\n}\n',
        [LOW],
        'module "m" {\n  source    = "./m"\n  providers = { aws = aws.west }\n}\n',
    ),
    ("a module's own argument", 'module "m" {\n  source   = "./m"\n  provider = "github"\n}\n', [], ""),
]


@pytest.mark.parametrize(
    ("hcl", "expected", "mended"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_quotes_are_found_and_taken_away(tmp_path: Path, hcl: str, expected: list[Severity], mended: str) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert [one.severity for one in result.findings] == expected
    assert fixed(tmp_path, result) == (mended or hcl)


def test_references_of_a_file_are_one_finding(tmp_path: Path) -> None:
    hcl = resource('provider = "aws.west"', 'depends_on = ["aws_sns_topic.t", "aws_sns_topic.u"]')
    result = checked(
        tmp_path, {"main.tf": hcl, "b.tf": resource('provider = "aws.x"').replace('"q"', '"r"')}, RULE
    )
    assert sorted(one.message for one in result.findings) == [
        '`"aws.x"` stands in quotes',
        '`"aws_sns_topic.t"` stands in quotes, and 2 more in this file',
    ]
    assert sum(len(one.edits) for one in result.findings) == 4


def test_a_finding_is_at_what_stands_in_quotes(tmp_path: Path) -> None:
    assert at(checked(tmp_path, variable('"string"'), RULE).findings) == [(2, 10)]


def test_json_has_quotes_everywhere(tmp_path: Path) -> None:
    files = {"main.tf.json": '{"variable": {"a": {"type": "string"}}}'}
    assert checked(tmp_path, files, RULE).findings == ()


CALL = 'module "m" {\n  source = "./m"\n}\n'


@pytest.mark.parametrize(
    ("callers", "expected"),
    [
        ({"main.tf": CALL + OLD}, 0),
        ({"main.tf": CALL}, 1),
        ({"main.tf": CALL + OLD, "example/main.tf": CALL.replace("./m", "../m")}, 1),
        ({"main.tf": CALL + OLD, "m/circle.tf": CALL.replace("./m", "../")}, 0),
        ({"main.tf": CALL, "m/circle.tf": CALL.replace("./m", "../")}, 1),
    ],
    ids=["an old one", "any", "an old one and any", "an old one that it calls", "any that it calls"],
)
def test_what_calls_a_module_says_which_terraform_reads_it(
    tmp_path: Path, callers: dict[str, str], expected: int
) -> None:
    result = checked(tmp_path, callers | {"m/main.tf": variable('"string"')}, RULE)
    assert len(result.findings) == expected
