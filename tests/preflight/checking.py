"""Runs rules on texts."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from docferry.preflight.config import Config
from docferry.preflight.config import load as load_config
from docferry.preflight.finding import Finding
from docferry.preflight.hcl.load import directories, load
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules import all_rules
from docferry.preflight.run import DEFECT, Result, run

TODAY = date(2025, 6, 1)
FILE = "main.tf"


def written(root: Path, files: Mapping[str, str] | str) -> Path:
    """Write files below a directory; one text is main.tf."""
    for name, text in ({FILE: files} if isinstance(files, str) else files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def module(root: Path, files: Mapping[str, str] | str) -> Module:
    """Return the model of what is written, of the topmost directory."""
    directory, names = next(directories(written(root, files)))
    return load(root, directory, names).module


def rule(name: str) -> Rule:
    """Return a rule by its id."""
    return next(one for one in all_rules() if one.id == name)


def checked(
    root: Path,
    files: Mapping[str, str] | str,
    *rules: Rule,
    config: Config | None = None,
    today: date = TODAY,
) -> Result:
    """Run rules on what is written, settings included; a check that fails of itself is an error here."""
    written(root, files)
    asked = config or load_config(root, None, tuple(one.id for one in all_rules()))
    result = run(root, Context(today, asked), rules)
    assert not [one for one in result.undecided if DEFECT in one.what_is_unknown]
    return result


def at(findings: Iterable[Finding]) -> list[tuple[int, int]]:
    """Return lines and columns."""
    return [(one.place.line, one.place.column) for one in findings if one.place]


def fixed(root: Path, result: Result) -> str:
    """Return main.tf with the edits of all findings in it."""
    data = (root / FILE).read_bytes()
    edits = sorted((edit for one in result.findings for edit in one.edits), reverse=True)
    for edit in edits:
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data.decode()
