"""This repository's own configuration is what the checks ask of any: nothing is found, and nothing is ignored."""

from pathlib import Path

from docferry.preflight.config import load
from docferry.preflight.rule import Context
from docferry.preflight.rules import all_rules
from docferry.preflight.run import DEFECT, run
from tests.preflight.checking import TODAY

INFRA = Path(__file__).parents[2] / "infra"


def test_nothing_is_found_in_this_project_s_own_configuration() -> None:
    config = load(INFRA, None, tuple(one.id for one in all_rules()))
    result = run(INFRA, Context(TODAY, config), all_rules())
    assert [f"{one.place}: {one.message}" for one in result.findings] == []
    assert (result.ignored, config.disable) == ((), {})
    assert [one for one in result.undecided if DEFECT in one.what_is_unknown] == []
    assert result.files > 20
