"""Whole configurations, good and bad: what is found in each is exactly what its expected.toml says."""

import tomllib
from pathlib import Path

import pytest

from docferry.preflight.config import load
from docferry.preflight.rule import Context
from docferry.preflight.rules import all_rules
from docferry.preflight.run import DEFECT, run
from tests.preflight.checking import TODAY

CORPUS = Path(__file__).parent / "corpus"
CASES = sorted(one.parent for one in CORPUS.glob("*/*/expected.toml"))


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.relative_to(CORPUS).as_posix())
def test_a_configuration_has_exactly_the_findings_that_are_expected(case: Path) -> None:
    expected = tomllib.loads((case / "expected.toml").read_text(encoding="utf-8"))["finding"]
    config = load(case, None, tuple(one.id for one in all_rules()))
    result = run(case, Context(TODAY, config), all_rules())
    found = [
        {"rule": one.rule, "file": one.place.file, "line": one.place.line, "column": one.place.column}
        for one in result.findings
        if one.place
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert not [one for one in result.undecided if DEFECT in one.what_is_unknown]


def test_no_directory_of_the_corpus_is_left_out() -> None:
    directories = {one.parent for one in CORPUS.glob("*/*/*.tf")}
    assert directories == set(CASES)
