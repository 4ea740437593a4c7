"""Every rule has its file, its test and its page, and what the page shows is so."""

import re
from pathlib import Path

import pytest

from docferry.preflight.ignore import UNUSED, WITHOUT_REASON
from docferry.preflight.rule import Rule
from docferry.preflight.rules import all_rules
from docferry.preflight.run import SYNTAX_ERROR
from tests.preflight.checking import checked

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "rules"
HEADINGS = ["Example", "Why it fails", "How to fix", "Reference"]
_BLOCK = re.compile(r"^```(?:hcl|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

each_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda one: one.id)


def sections(rule: Rule) -> dict[str, str]:
    text = (PAGES / f"{rule.id}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {rule.id}\n")
    return dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))


def examples(rule: Rule, heading: str) -> list[str]:
    found: list[str] = _BLOCK.findall(sections(rule)[heading])
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
    assert list(sections(rule)) == HEADINGS
    assert rule.reference.startswith("https://")
    assert rule.reference in sections(rule)["Reference"]


@pytest.mark.parametrize("name", [SYNTAX_ERROR, WITHOUT_REASON, UNUSED])
def test_what_is_found_without_a_rule_has_a_page_too(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^#+ (.*)$", text, re.MULTILINE)[0] == name
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS


@each_rule
def test_the_examples_of_a_page_are_found(tmp_path: Path, rule: Rule) -> None:
    for number, text in enumerate(examples(rule, "Example")):
        result = checked(tmp_path / str(number), files(text), rule)
        assert {one.rule for one in result.findings} == {rule.id}
    assert examples(rule, "Example")


@each_rule
def test_the_fixes_of_a_page_are_not_found(tmp_path: Path, rule: Rule) -> None:
    for number, text in enumerate(examples(rule, "How to fix")):
        assert checked(tmp_path / str(number), files(text), rule).findings == ()
    assert examples(rule, "How to fix")
