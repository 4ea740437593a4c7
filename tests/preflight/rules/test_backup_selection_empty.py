"""Selections of AWS Backup select something."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("backup-selection-empty")


def selection(*blocks: str) -> str:
    return 'resource "aws_backup_selection" "s" {\n' + "".join(f"  {one}\n" for one in blocks) + "}\n"


def tag(key: str, value: str) -> str:
    return f'selection_tag {{\n    type = "STRINGEQUALS"\n    key = "{key}"\n    value = {value}\n  }}'


def condition(kind: str, key: str, value: str) -> str:
    return (
        f'condition {{\n    {kind} {{\n      key = "aws:ResourceTag/{key}"\n      value = "{value}"\n    }}\n  }}'
    )


def table(tags: str = "", name: str = "t") -> str:
    return f'resource "aws_dynamodb_table" "{name}" {{\n{tags}}}\n'


DAILY = tag("backup", '"daily"')
HAS = '  tags = { backup = "daily" }\n'
HAS_NOT = '  tags = { backups = "daily" }\n'
DEFAULT = 'provider "aws" {\n  default_tags {\n    tags = { backup = "daily" }\n  }\n}\n'

CASES = [
    ("one has it", selection(DAILY) + table(HAS) + table(HAS_NOT, "o"), []),
    ("none has it", selection(DAILY) + table(HAS_NOT), [(1, 1)]),
    ("another value", selection(tag("backup", '"weekly"')) + table(HAS), [(1, 1)]),
    ("capitals", selection(tag("Backup", '"daily"')) + table(HAS), [(1, 1)]),
    ("no tags", selection(DAILY) + table(), [(1, 1)]),
    ("in a local", selection(DAILY) + table("  tags = local.t\n") + 'locals {\n  t = { backup = "daily" }\n}', []),
    ("a tag of the provider", selection(DAILY) + table() + DEFAULT, []),
    (
        "a tag of another provider",
        selection(DAILY) + table("  provider = aws.w\n") + DEFAULT + 'provider "aws" {\n alias = "w"\n}',
        [(1, 1)],
    ),
    ("one of two tags", selection(tag("x", '"y"'), DAILY) + table(HAS), []),
    (
        "only what cannot be copied has it",
        selection(DAILY) + table() + 'resource "aws_sqs_queue" "q" {\n' + HAS + "}\n",
        [(1, 1)],
    ),
    (
        "a replica has it",
        selection(DAILY) + table() + 'resource "aws_dynamodb_table_replica" "r" {\n' + HAS + "}\n",
        [],
    ),
    (
        "a volume of a gateway has it",
        selection(DAILY) + table() + 'resource "aws_storagegateway_cached_iscsi_volume" "v" {\n' + HAS + "}\n",
        [],
    ),
    ("named besides", selection("resources = [aws_dynamodb_table.t.arn]", DAILY) + table(), []),
    ("named", selection("resources = [aws_dynamodb_table.t.arn]") + table(), []),
    ("everything", selection() + table(), []),
    (
        "a condition",
        selection('resources = ["*"]', condition("string_equals", "backup", "daily")) + table(HAS),
        [],
    ),
    (
        "a condition that nothing meets",
        selection('resources = ["*"]', condition("string_equals", "backup", "daily")) + table(HAS_NOT),
        [(1, 1)],
    ),
    ("a pattern", selection('resources = ["*"]', condition("string_like", "backup", "d*")) + table(HAS), []),
    (
        "one of two conditions",
        selection(condition("string_equals", "backup", "daily"), condition("string_equals", "a", "b"))
        + table(HAS),
        [(1, 1)],
    ),
    (
        "a condition against",
        selection('resources = ["*"]', condition("string_not_equals", "backup", "no")) + table(),
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_selection_that_selects_nothing_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


UNDECIDED = [
    ("an unknown value", selection(tag("backup", "var.v")) + table(HAS)),
    ("unknown tags", selection(DAILY) + table("  tags = var.t\n")),
    ("a tag of an unknown value", selection(DAILY) + table("  tags = { backup = var.b }\n")),
    ("nothing here to copy", selection(DAILY)),
    ("modules", selection(DAILY) + table() + 'module "m" {\n  source = "x/y/z"\n}\n'),
    ("instances that are launched", selection(DAILY) + table() + 'resource "aws_launch_template" "l" {}\n'),
    ("tags apart", selection(DAILY) + table() + 'resource "aws_dynamodb_tag" "g" {}\n'),
    (
        "unknown tags of the provider",
        selection(DAILY) + table() + DEFAULT.replace('{ backup = "daily" }', "var.d"),
    ),
    (
        "a dynamic block",
        selection(
            'dynamic "selection_tag" {\n  for_each = var.x\n  content {\n  key = "a"\n  value = "b"\n  }\n  }'
        )
        + table(),
    ),
]


@pytest.mark.parametrize("hcl", [case[1] for case in UNDECIDED], ids=[case[0] for case in UNDECIDED])
def test_tags_that_cannot_all_be_seen_are_undecided(tmp_path: Path, hcl: str) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert result.findings == ()
    assert at(result.undecided) == [(1, 1)]  # type: ignore[arg-type]


T = 'variable "t" {\n  default = {}\n}\n'
HANGS = [
    ("the tags", selection(DAILY) + table("  tags = var.t\n") + T, False),
    (
        "the tags of the provider",
        selection(DAILY) + table() + DEFAULT.replace('{ backup = "daily" }', "var.t") + T,
        False,
    ),
    (
        "what is asked for",
        selection(tag("backup", "var.v")) + table() + 'variable "v" {\n  default = "x"\n}\n',
        False,
    ),
    ("nothing", selection(DAILY) + table(HAS_NOT), True),
]


@pytest.mark.parametrize(("hcl", "certain"), [case[1:] for case in HANGS], ids=[case[0] for case in HANGS])
def test_what_hangs_on_a_variable_is_not_certain(tmp_path: Path, hcl: str, certain: bool) -> None:
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [certain]
