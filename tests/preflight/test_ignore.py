"""Comments that let a finding be, each with a reason."""

from pathlib import Path

import pytest

from docferry.preflight.config import Config
from docferry.preflight.finding import Severity
from docferry.preflight.run import Result
from tests.preflight.checking import checked, rule

RULE = rule("backend-expression")


def backend(above: str = "", beside: str = "") -> str:
    return f'terraform {{\n  backend "s3" {{\n{above}    key = var.a {beside}\n  }}\n}}\n'


def rules(result: Result) -> list[str]:
    return [one.rule for one in result.findings]


@pytest.mark.parametrize(
    "text",
    [
        backend(above="    # docferry:ignore backend-expression set by the pipeline\n"),
        backend(above="    // docferry:ignore backend-expression set by the pipeline\n"),
        backend(above="    /* docferry:ignore backend-expression set by the pipeline */\n"),
        backend(above="    /*\n     * docferry:ignore backend-expression set by the pipeline\n     */\n"),
        backend(above="    /* docferry:ignore backend-expression set by the pipeline,\n       as all are */\n"),
        backend(beside="# docferry:ignore backend-expression set by the pipeline"),
        backend(beside="/* docferry:ignore backend-expression set by the pipeline,\n  as all are */"),
    ],
)
def test_a_comment_above_or_beside_lets_a_finding_be(tmp_path: Path, text: str) -> None:
    result = checked(tmp_path, text, RULE)
    assert rules(result) == []
    assert [one.rule for one in result.ignored] == ["backend-expression"]


def test_several_comments_above_speak_of_the_same_line(tmp_path: Path) -> None:
    above = "    # docferry:ignore backend-expression one\n    # docferry:ignore s3-lifecycle-filter two\n"
    result = checked(tmp_path, backend(above=above), RULE)
    assert rules(result) == ["ignore-unused"]
    assert len(result.ignored) == 1


@pytest.mark.parametrize("comment", ["# docferry:ignore backend-expression", "# docferry:ignore"])
def test_without_a_reason_it_has_no_effect_and_is_a_finding(tmp_path: Path, comment: str) -> None:
    result = checked(tmp_path, backend(beside=comment), RULE)
    assert sorted(rules(result)) == ["backend-expression", "ignore-without-reason"]


def test_one_that_ignores_nothing_is_a_low_finding(tmp_path: Path) -> None:
    result = checked(tmp_path, "# docferry:ignore backend-expression gone\nlocals {}\n", RULE)
    assert [(one.rule, one.severity, one.subject) for one in result.findings] == [
        ("ignore-unused", Severity.LOW, "backend-expression")
    ]


def test_a_comment_of_several_lines_at_the_end_of_a_file_is_about_nothing(tmp_path: Path) -> None:
    text = "locals {}\n/* docferry:ignore backend-expression gone\n*/"
    assert rules(checked(tmp_path, text, RULE)) == ["ignore-unused"]


def test_one_for_another_rule_or_line_does_not_help(tmp_path: Path) -> None:
    above = "    # docferry:ignore backend-expression too far\n\n"
    assert rules(checked(tmp_path, backend(above=above), RULE)) == ["ignore-unused", "backend-expression"]


def test_a_string_is_no_comment(tmp_path: Path) -> None:
    text = 'locals {\n  a = "# docferry:ignore backend-expression"\n  b = <<E\n# docferry:ignore\nE\n}\n'
    assert rules(checked(tmp_path, text, RULE)) == []


def test_a_rule_that_is_not_run_is_not_ignored_in_vain(tmp_path: Path) -> None:
    comment = "# docferry:ignore backend-expression set by the pipeline"
    config = Config(disable={"backend-expression": "not ours"})
    assert rules(checked(tmp_path, backend(beside=comment), RULE, config=config)) == []
