"""Settings of a project."""

from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.preflight.config import NAME, Config, load
from tests.preflight.checking import checked, rule

RULES = ("backend-expression", "other")


def loaded(root: Path, text: str) -> Config:
    (root / NAME).write_text(text, encoding="utf-8")
    return load(root, None, RULES)


def test_without_a_file_nothing_is_asked_for(tmp_path: Path) -> None:
    assert load(tmp_path, None, RULES) == Config()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    text = 'required_tags = ["owner"]\nname_pattern = "^a-"\n[disable]\nother = "not ours"\n'
    assert loaded(tmp_path, text) == Config(("owner",), "^a-", {"other": "not ours"})


def test_a_file_that_is_given_is_read_and_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('required_tags = ["x"]', encoding="utf-8")
    assert load(tmp_path, tmp_path / "a.toml", RULES).required_tags == ("x",)
    with pytest.raises(InvalidInput, match="cannot read"):
        load(tmp_path, tmp_path / "b.toml", RULES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("required_tag = []", "required_tag is no setting"),
        ('required_tags = "owner"', "required_tags is no list"),
        ("required_tags = [1]", "required_tags is no list"),
        ('name_pattern = "("', "name_pattern is no regular expression"),
        ("name_pattern = 1", "name_pattern is no regular expression"),
        ("disable = 1", "disable is no table"),
        ('[disable]\nnone = "x"', "disable.none names no rule"),
        ('[disable]\nother = " "', "disable.other has no reason"),
        ("[disable]\nother = true", "disable.other has no reason"),
        ("a = ", "is no TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        loaded(tmp_path, text)
    assert NAME in str(caught.value) and caught.value.hint


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"\xff")
    with pytest.raises(InvalidInput, match="is no TOML"):
        load(tmp_path, None, RULES)


def test_a_disabled_rule_is_not_run(tmp_path: Path) -> None:
    text = 'terraform {\n  backend "s3" {\n    key = var.a\n  }\n}'
    config = Config(disable={"backend-expression": "not ours"})
    assert checked(tmp_path, text, rule("backend-expression"), config=config).findings == ()


@pytest.mark.parametrize("rule", ["syntax-error", "ignore-unused", "ignore-without-reason", "account-quota"])
def test_what_has_a_page_and_cannot_be_switched_off_is_told_so(tmp_path: Path, rule: str) -> None:
    with pytest.raises(InvalidInput, match=f"disable.{rule} cannot be switched off") as caught:
        loaded(tmp_path, f'[disable]\n{rule} = "not ours"\n')
    assert "--baseline" in str(caught.value.hint)
