import re
from pathlib import Path

import pytest

from docferry.account.rule import AccountRule
from docferry.account.run import RULES

PAGES = Path(__file__).parents[3] / "docs" / "rules"


@pytest.mark.parametrize("rule", RULES, ids=lambda one: one.id)
def test_a_rule_has_a_page_with_the_usual_headings(rule: AccountRule) -> None:
    text = (PAGES / f"{rule.id}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {rule.id}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Example", "Why it fails", "How to fix", "Reference"]
    assert f"<{rule.reference}>" in text
    assert rule.severity.value in text.split("## Example")[0].lower()


def test_there_is_no_page_of_a_rule_that_is_no_more() -> None:
    assert {one.stem for one in PAGES.glob("account-*.md")} == {one.id for one in RULES}
