"""What is referred to is declared."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("undeclared")


def output(value: str) -> str:
    return f'output "o" {{\n  value = {value}\n}}\n'


DECLARED = (
    'variable "v" {}\nlocals { l = 1 }\nresource "aws_s3_bucket" "b" {}\ndata "aws_region" "r" {}\n'
    'module "m" {\n  source = "./m"\n}\n'
)
CHECK = (
    'check "c" {\n  data "aws_region" "inside" {}\n  assert {\n'
    '    condition = data.aws_region.inside.name == "x"\n    error_message = "x"\n  }\n}\n'
)
CASES = [
    ("a variable", output("var.v"), []),
    ("a variable that there is not", output("var.w"), [(2, 11)]),
    ("a local", output("local.l"), []),
    ("a local that there is not", output('"${local.k}"'), [(2, 14)]),
    ("a resource", output("aws_s3_bucket.b[0].id"), []),
    ("a resource that there is not", output("aws_s3_bucket.c.id"), [(2, 11)]),
    ("one of another provider", output("google_storage_bucket.c.id"), []),
    ("a data source", output("data.aws_region.r.name"), []),
    ("a data source that there is not", output("data.aws_region.s.name"), [(2, 11)]),
    ("a data source within a check", CHECK, []),
    ("a data source within a check, from outside", CHECK + output("data.aws_region.inside.name"), [(9, 11)]),
    ("a module", output("module.m.x"), []),
    ("a module that there is not", output("module.n.x"), [(2, 11)]),
    ("what a for binds", output("[for aws_zone in local.l : aws_zone.id]"), []),
    ("what a for in a text binds", output('"%{ for module in local.l }${module.id}%{ endfor }"'), []),
    ("what it does not", output('"%{ for one in local.l }${module.id}%{ endfor }"'), [(2, 37)]),
    ("what a dynamic block binds", output("data.value.name"), []),
    ("each, self, path and terraform", output("[each.key, path.module, terraform.workspace]"), []),
    ("twice", output("[var.w, var.w]"), [(2, 12)]),
    ("what has moved", "moved {\n  from = aws_s3_bucket.a\n  to   = aws_s3_bucket.b\n}\n", []),
    ("what has gone", "removed {\n  from = aws_s3_bucket.a\n}\n", []),
    (
        "what is ignored",
        'resource "aws_sqs_queue" "q" {\n  lifecycle {\n    ignore_changes = [tags.a, data.b, aws_c.d]\n  }\n}\n',
        [],
    ),
    ("in a comment and a text", output('"var.w" # var.w'), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_name_that_is_declared_nowhere_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, {"main.tf": hcl, "rest.tf": DECLARED}, RULE).findings) == expected


SPARE = 'provider "aws" {\n  alias  = "spare"\n  region = var.w\n}\n'
QUEUE = 'resource "aws_sqs_queue" "q" {\n  provider = aws.spare\n}\n'


def test_a_provider_that_nothing_names_is_not_worked_out(tmp_path: Path) -> None:
    assert checked(tmp_path / "a", {"main.tf": SPARE, "rest.tf": DECLARED}, RULE).findings == ()
    assert at(checked(tmp_path / "b", {"main.tf": SPARE + QUEUE, "rest.tf": DECLARED}, RULE).findings) == [(3, 12)]


def test_an_example_is_filled_in_by_whoever_reads_it(tmp_path: Path) -> None:
    files = {"examples/a/main.tf": output("var.w"), "examples/a/rest.tf": DECLARED}
    assert [one.severity for one in checked(tmp_path, files, RULE).findings] == [Severity.MEDIUM]


def test_how_often_it_is_used_is_told(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, {"main.tf": output("[var.w, var.w, var.w]"), "rest.tf": DECLARED}, RULE).findings
    assert "2 times more" in found.message


@pytest.mark.parametrize(
    "more",
    [
        {"terragrunt.hcl": ""},
        {"live/prod/terragrunt.hcl": ""},
        {"more.tofu": 'variable "w" {}'},
        {"broken.tf": 'variable "w" {'},
    ],
    ids=["Terragrunt", "Terragrunt elsewhere", "OpenTofu's own files", "a broken file"],
)
def test_nothing_is_said_where_the_rest_may_be_elsewhere(tmp_path: Path, more: dict[str, str]) -> None:
    result = checked(tmp_path, {"main.tf": output("var.w"), "rest.tf": DECLARED} | more, RULE)
    assert [one.rule for one in result.findings if one.rule == RULE.id] == []


def test_nothing_is_said_where_more_is_missing_than_there_is(tmp_path: Path) -> None:
    assert checked(tmp_path, output("[var.a, var.b]"), RULE).findings == ()


def test_what_another_file_replaces_is_not_read(tmp_path: Path) -> None:
    files = {"main.tf": output("var.w"), "rest.tf": DECLARED, "main_override.tf": output("var.v")}
    assert checked(tmp_path, files, RULE).findings == ()
