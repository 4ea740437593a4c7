"""Resources have the tags that the settings ask for."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from docferry.preflight.config import Config
from docferry.preflight.run import Result
from tests.preflight.checking import at, checked, rule
from tools.taggable_types import table

RULE = rule("required-tags")
CONFIG = Config(required_tags=("owner", "stage"))
BOTH = '{ owner = "a", stage = var.s }'


def queue(*arguments: str) -> str:
    return 'resource "aws_sqs_queue" "q" {\n' + "".join(f"  {one}\n" for one in arguments) + "}\n"


def provider(tags: str, alias: str = "") -> str:
    return f'provider "aws" {{\n{alias}  default_tags {{\n    tags = {tags}\n  }}\n}}\n'


WEST = '  alias = "west"\n'


def found(root: Path, files: Mapping[str, str] | str) -> Result:
    return checked(root, files, RULE, config=CONFIG)


CASES: list[tuple[str, Mapping[str, str] | str, list[tuple[int, int]]]] = [
    ("both", queue(f"tags = {BOTH}"), []),
    ("none", queue(), [(1, 1)]),
    ("one", queue('tags = { owner = "a" }'), [(2, 3)]),
    ("null", queue("tags = null"), [(2, 3)]),
    ("merged", queue('tags = merge(local.t, { stage = "b" })') + 'locals {\n  t = { owner = "a" }\n}', []),
    ("of the provider", queue() + provider(BOTH), []),
    ("one of the provider, one of its own", queue('tags = { stage = "b" }') + provider('{ owner = "a" }'), []),
    ("of a provider that is not its own", queue() + provider(BOTH, WEST), [(1, 1)]),
    ("of its provider", queue("provider = aws.west") + provider(BOTH, WEST), []),
    ("of its provider in quotes", queue('provider = "aws.west"') + provider(BOTH, WEST), []),
    (
        "of its provider in JSON",
        {
            "main.tf": provider(BOTH, WEST),
            "q.tf.json": '{"resource": {"aws_sqs_queue": {"q": {"provider": "aws.west"}}}}',
        },
        [],
    ),
    ("not of its provider", queue("provider = aws.west") + provider(BOTH) + provider("{}", WEST), [(1, 1)]),
    ("what takes no tags", 'resource "aws_sns_topic_subscription" "s" {}\n', []),
    (
        "of the caller's provider",
        {"main.tf": 'module "m" {\n  source = "./m"\n}\n' + provider(BOTH), "m/main.tf": queue()},
        [],
    ),
    (
        "of the provider that a caller passes",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  providers = { aws = aws.west }\n}\n'
            + provider(BOTH, WEST)
            + provider("{}"),
            "m/main.tf": queue(),
        },
        [],
    ),
    (
        "not of the provider that a caller passes",
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  providers = { aws = aws.west }\n}\n'
            + provider(BOTH)
            + provider("{}", WEST),
            "m/main.tf": queue(),
        },
        [(1, 1)],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_resource_without_a_required_tag_is_found(
    tmp_path: Path, files: Mapping[str, str] | str, expected: list[tuple[int, int]]
) -> None:
    result = found(tmp_path, files)
    assert at(result.findings) == expected
    assert result.undecided == ()


@pytest.mark.parametrize(
    "files",
    [
        queue("tags = var.t"),
        queue() + provider("var.t"),
        {"main.tf": queue(f"tags = {BOTH}"), "elsewhere/main.tf": queue()},
    ],
    ids=["unknown tags", "unknown tags of the provider", "a module that nobody calls here"],
)
def test_tags_that_cannot_be_told_are_undecided(tmp_path: Path, files: Mapping[str, str] | str) -> None:
    result = found(tmp_path, files)
    assert (result.findings, len(result.undecided)) == ((), 1)


@pytest.mark.parametrize(
    "hcl", [queue("tags = var.t"), queue() + provider("var.t")], ids=["its own", "its provider's"]
)
def test_tags_of_a_variable_may_be_others_at_deployment(tmp_path: Path, hcl: str) -> None:
    variable = 'variable "t" {\n  default = {}\n}\n'
    assert [one.certain for one in found(tmp_path, hcl + variable).findings] == [False]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert "`owner`, `stage` are not" in found(tmp_path, queue()).findings[0].message


def test_nothing_is_asked_for_without_a_setting(tmp_path: Path) -> None:
    assert checked(tmp_path, queue(), RULE).findings == ()


def test_the_table_has_what_takes_tags_and_default_tags() -> None:
    attributes = {"tags": {"optional": True}, "tags_all": {}}
    types = {
        "a": attributes,
        "b": {"tags": {"optional": True}},
        "c": {"tags": {"computed": True}, "tags_all": {}},
        "d": {},
    }
    held = {"resource_schemas": {name: {"block": {"attributes": one}} for name, one in types.items()}}
    assert '"types": [\n  "a"\n ]' in table(held)
