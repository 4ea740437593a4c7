"""Known findings: they stay known while lines move, and no more of them than there were."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.preflight import baseline
from docferry.preflight.run import Result
from tests.preflight.checking import checked, rule

RULE = rule("s3-lifecycle-filter")
HEAD = 'resource "aws_s3_bucket_lifecycle_configuration" "%s" {\n'
FILES, ACCOUNT = baseline.Asked(), baseline.Asked(files=False, account=True)
ONE = HEAD % "a" + "  rule {\n  }\n}\n"
TWO = HEAD % "a" + "  rule {\n  }\n  rule {\n  }\n}\n"


def known(root: Path, text: str) -> frozenset[str]:
    result = checked(root, text, RULE)
    baseline.write(root / "baseline.json", result.findings, result.sources, FILES)
    return baseline.read(root / "baseline.json", FILES)


def split(result: Result, marks: frozenset[str]) -> tuple[int, int, int]:
    parted = baseline.split(result.findings, result.sources, marks)
    return len(parted.fresh), len(parted.known), parted.gone


def test_a_known_finding_stays_known_when_lines_and_spaces_move(tmp_path: Path) -> None:
    marks = known(tmp_path, ONE)
    moved = "# above\n\n" + ONE.replace("  rule {", "      rule   {")
    assert split(checked(tmp_path, moved, RULE), marks) == (0, 1, 0)


def test_another_that_is_alike_is_not_known(tmp_path: Path) -> None:
    assert split(checked(tmp_path, TWO, RULE), known(tmp_path, ONE)) == (1, 1, 0)
    assert split(checked(tmp_path, ONE, RULE), known(tmp_path, TWO)) == (0, 1, 1)


@pytest.mark.parametrize("files", [{"other.tf": ONE, "main.tf": ""}, {"main.tf": ONE.replace('"a"', '"b"')}])
def test_the_same_in_another_file_or_resource_is_not_known(tmp_path: Path, files: dict[str, str]) -> None:
    marks = known(tmp_path, ONE)
    assert split(checked(tmp_path, files, RULE), marks) == (1, 0, 1)


def test_what_is_written_is_sorted_and_says_what_it_is(tmp_path: Path) -> None:
    known(tmp_path, TWO)
    held = json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))
    assert [(one["rule"], one["file"], one["subject"]) for one in held["findings"]] == [
        ("s3-lifecycle-filter", "main.tf", "aws_s3_bucket_lifecycle_configuration.a")
    ] * 2
    assert [one.name for one in tmp_path.glob("*base*")] == ["baseline.json"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"version": 2, "findings": []}', '{"version": 1}', '{"version": 1, "findings": [1]}',
     '{"version": 1, "findings": [{"fingerprint": 1}]}', '{"version": 1, "findings": [{"fingerprint": "a"}]}',
     "\x00", "[" * 100_000],
)  # fmt: skip
def test_a_damaged_baseline_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="is no baseline"):
        baseline.read(tmp_path / "b.json", FILES)


def test_a_damaged_baseline_is_not_written_over_and_it_is_told_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InvalidInput, match="is no baseline") as caught:
        baseline.write(path, (), {}, FILES)
    assert "remove it" in caught.value.hint
    assert path.read_text(encoding="utf-8") == "{"


def test_a_missing_baseline_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        baseline.read(tmp_path / "b.json", FILES)
    assert "--write-baseline" in caught.value.hint


def test_one_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot write"):
        baseline.write(tmp_path / "none" / "b.json", (), {}, FILES)


def test_what_was_not_looked_at_is_neither_gone_nor_forgotten(tmp_path: Path) -> None:
    path, result = tmp_path / "b.json", checked(tmp_path, ONE, RULE)
    of_account = replace(result.findings[0], rule="account-versioning", place=None, subject="s3://acme")
    baseline.write(path, (of_account,), {}, ACCOUNT)
    baseline.write(path, result.findings, result.sources, FILES)
    assert split(result, baseline.read(path, FILES)) == (0, 1, 0)
    assert baseline.split((of_account,), {}, baseline.read(path, ACCOUNT)).known == (of_account,)
    baseline.write(path, (), {}, ACCOUNT)
    assert baseline.read(path, baseline.Asked(account=True)) == baseline.read(path, FILES)
