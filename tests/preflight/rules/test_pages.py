"""Every rule has its file, its test and its page, and what the page shows is so."""

import re
from pathlib import Path

import pytest

from docferry.preflight.finding import Stage
from docferry.preflight.ignore import UNUSED, WITHOUT_REASON
from docferry.preflight.rule import Rule
from docferry.preflight.rules import all_rules
from docferry.preflight.run import SYNTAX_ERROR
from tests.preflight.checking import checked
from tests.preflight.checking import rule as rule_of

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "rules"
HEADINGS = ["Example", "Why it fails", "How to fix", "Reference"]
_BLOCK = re.compile(r"^```(?:hcl|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

FILTER = rule_of("s3-lifecycle-filter")

each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda one: one.id)


def sections(name: str) -> dict[str, str]:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    return dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))


def examples(name: str, heading: str) -> list[str]:
    found: list[str] = _BLOCK.findall(sections(name)[heading])
    return found


def files(text: str) -> dict[str, str]:
    """Split an example where a line such as `# file: modules/a/main.tf` begins another file."""
    first, *rest = re.split(r"^# file: (\S+)\n", text, flags=re.MULTILINE)
    named = dict(zip(rest[::2], rest[1::2], strict=True))
    if first.strip():
        named["main.tf.json" if first.lstrip().startswith("{") else "main.tf"] = first
    return named


@each_rule
def test_a_rule_has_its_file_and_its_test(rule: Rule) -> None:
    name = rule.id.replace("-", "_")
    assert rule.check.__module__ == f"docferry.preflight.rules.{name}"
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


@each_rule
def test_a_rule_has_a_page_with_the_usual_headings(rule: Rule) -> None:
    assert list(sections(rule.id)) == HEADINGS
    assert rule.reference.startswith("https://")
    assert rule.reference in sections(rule.id)["Reference"]


def opening(name: str) -> str:
    return " ".join((PAGES / f"{name}.md").read_text(encoding="utf-8").partition("\n## ")[0].split())


@each_rule
def test_a_page_begins_with_how_bad_it_is_and_says_if_nothing_fails(rule: Rule) -> None:
    said = opening(rule.id).lower()
    assert rule.severity.value in said
    whole = (PAGES / f"{rule.id}.md").read_text(encoding="utf-8").lower()
    nothing = re.search(r"nothing fails|fails nothing", whole)
    assert rule.stage is not Stage.NEVER or nothing


@pytest.mark.parametrize("name", [SYNTAX_ERROR, WITHOUT_REASON, UNUSED])
def test_what_is_found_without_a_rule_has_a_page_too(name: str) -> None:
    assert list(sections(name)) == HEADINGS


@pytest.mark.parametrize("name", [SYNTAX_ERROR, WITHOUT_REASON, UNUSED])
def test_what_such_a_page_shows_is_found_and_its_fix_is_not(tmp_path: Path, name: str) -> None:
    (shown,) = examples(name, "Example")
    (mended,) = examples(name, "How to fix")
    assert name in {one.rule for one in checked(tmp_path / "shown", shown, FILTER).findings}
    assert checked(tmp_path / "mended", mended, FILTER).findings == ()


@each_rule
def test_the_examples_of_a_page_are_found(tmp_path: Path, rule: Rule) -> None:
    for number, text in enumerate(examples(rule.id, "Example")):
        result = checked(tmp_path / str(number), files(text), rule)
        assert {one.rule for one in result.findings} == {rule.id}
    assert examples(rule.id, "Example")


@each_rule
def test_the_fixes_of_a_page_are_not_found(tmp_path: Path, rule: Rule) -> None:
    for number, text in enumerate(examples(rule.id, "How to fix")):
        assert checked(tmp_path / str(number), files(text), rule).findings == ()
    assert examples(rule.id, "How to fix")
