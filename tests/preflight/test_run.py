"""A run: what it walks, in what order it tells, and that nothing stops it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.run import DEFECT, run
from tests.preflight.checking import TODAY, checked, rule, written

BACKEND = 'terraform {\n  backend "s3" {\n    key = var.a\n  }\n}\n'
RULE = rule("backend-expression")


def made(check: object) -> Rule:
    return Rule("made", "t", Severity.LOW, Stage.RUN, "w", "https://example.com", check)  # type: ignore[arg-type]


def each_block(module: Module, _: Context) -> Iterator[Outcome]:
    for block in module.blocks:
        yield RULE_OF_BLOCKS.finding(block, "there is a block", fix="none")


RULE_OF_BLOCKS = made(each_block)


def test_every_directory_is_checked_but_hidden_ones_and_links(tmp_path: Path) -> None:
    files = {name: BACKEND for name in ("a.tf", "b/c.tf", "b/d/e.tf", ".terraform/x.tf", ".git/x.tf", "b/.x.tf")}
    written(tmp_path, files)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "b" / "no.txt").write_text("locals {", encoding="utf-8")
    result = checked(tmp_path, {}, RULE)
    assert [one.place.file for one in result.findings if one.place] == ["a.tf", "b/c.tf", "b/d/e.tf"]
    assert result.files == 3


def test_what_is_in_a_file_that_others_are_links_to_is_told_once_by_its_first_path(tmp_path: Path) -> None:
    written(tmp_path, {"c/shared.tf": BACKEND, "b/own.tf": "locals {", "d/own.tf": "locals {}"})
    for one in ("a", "b", "d"):
        (tmp_path / one).mkdir(exist_ok=True)
        (tmp_path / one / "versions.tf").symlink_to("../c/shared.tf")
        (tmp_path / one / "broken.tf").symlink_to("../b/own.tf")
    result = checked(tmp_path, {}, RULE)
    told = [(one.rule, one.place.file, one.subject) for one in result.findings if one.place]
    assert told == [
        ("syntax-error", "a/broken.tf", "a/broken.tf"),
        ("backend-expression", "a/versions.tf", "backend.s3"),
    ]
    assert result.files == 3
    assert result.sources["a/versions.tf"].data == BACKEND.encode()


def test_what_differs_where_a_linked_file_is_read_is_told_apart(tmp_path: Path) -> None:
    shared = 'terraform {\n  backend "s3" {\n    key = local.a\n  }\n}\n'

    def of_local(module: Module, _: Context) -> Iterator[Outcome]:
        for block in module.of("terraform"):
            yield RULE_OF_BLOCKS.finding(block, f"it is {module.scope.local('a')}", fix="none")

    written(tmp_path, {"a/m.tf": shared, "a/l.tf": "locals {\n a = 1\n}", "b/l.tf": "locals {\n a = 2\n}"})
    (tmp_path / "b" / "m.tf").symlink_to("../a/m.tf")
    result = checked(tmp_path, {}, made(of_local))
    assert [(str(one.place), one.message) for one in result.findings] == [
        ("a/m.tf:1:1", "it is 1"),
        ("a/m.tf:1:1", "it is 2"),
    ]


def test_of_files_that_lie_where_others_link_to_them_nothing_is_missing(tmp_path: Path) -> None:
    written(tmp_path, {"all.tf": "locals {\n  here = var.region\n}\n", "b/own.tf": 'variable "region" {}\n'})
    (tmp_path / "b" / "all.tf").symlink_to("../all.tf")
    assert checked(tmp_path, {}, rule("undeclared")).findings == ()
    written(tmp_path, {"own.tf": "locals {}\n"})
    assert len(checked(tmp_path, {}, rule("undeclared")).findings) == 1


def test_a_link_beside_its_file_is_a_second_file_as_it_is_to_terraform(tmp_path: Path) -> None:
    written(tmp_path, {"b.tf": 'variable "v" {}\n'})
    (tmp_path / "a.tf").symlink_to("b.tf")
    result = checked(tmp_path, {}, rule("declared-twice"))
    assert [(str(one.place), one.message[-15:]) for one in result.findings] == [("b.tf:1:1", "first at a.tf:1")]
    assert result.files == 2


def test_what_is_ignored_in_a_linked_file_is_counted_once(tmp_path: Path) -> None:
    text = BACKEND.replace("    key", "    # docferry:ignore backend-expression set by hand\n    key")
    written(tmp_path, {"a/m.tf": text, "b/own.tf": "locals {}"})
    (tmp_path / "b" / "m.tf").symlink_to("../a/m.tf")
    assert len(checked(tmp_path, {}, RULE).ignored) == 1


def test_a_link_that_leads_to_itself_is_what_cannot_be_read(tmp_path: Path) -> None:
    written(tmp_path, BACKEND)
    (tmp_path / "loop.tf").symlink_to("loop.tf")
    result = checked(tmp_path, {}, RULE)
    assert [one.what_is_unknown for one in result.undecided] == ["no regular file"]
    assert len(result.findings) == 1


def test_where_nothing_can_be_read_nothing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.tf").symlink_to("nowhere")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.tf").symlink_to("nowhere")
    with pytest.raises(InvalidInput, match=r"can be read.*: a\.tf: no regular file"):
        checked(tmp_path, {}, RULE)
    written(tmp_path, {"sub/c.tf": ""})
    assert len(checked(tmp_path, {}, RULE).undecided) == 2


def test_a_directory_that_cannot_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, {"a.tf": BACKEND, "closed/b.tf": BACKEND})
    scan = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = checked(tmp_path, {}, RULE)
    assert [(one.subject, one.what_is_unknown) for one in result.undecided] == [
        ("closed", "what is in this directory: Permission denied")
    ]
    assert len(result.findings) == 1
    (tmp_path / "a.tf").unlink()
    with pytest.raises(InvalidInput, match=r"that can be seen: closed may not be listed \(Permission denied\)"):
        checked(tmp_path, {}, RULE)


def test_findings_come_in_the_order_of_files_and_lines_whatever_the_order_of_rules(tmp_path: Path) -> None:
    written(tmp_path, {"b.tf": BACKEND, "a.tf": "locals {}\nlocals {}", "c/a.tf": "locals {"})
    context = Context(TODAY)
    forwards, backwards = (
        run(tmp_path, context, rules) for rules in ((RULE, RULE_OF_BLOCKS), (RULE_OF_BLOCKS, RULE))
    )
    assert forwards.findings == backwards.findings
    places = [(one.place.file, one.place.line) for one in forwards.findings if one.place]
    assert places == [("a.tf", 1), ("a.tf", 2), ("b.tf", 1), ("b.tf", 3), ("c/a.tf", 1)]


def test_what_others_found_is_in_the_same_result(tmp_path: Path) -> None:
    written(tmp_path, BACKEND)
    elsewhere = Finding("account", Severity.LOW, "m", None, "s", "w", Stage.RUN, "f", "u")
    result = run(tmp_path, Context(TODAY), [RULE], [elsewhere])
    assert [one.rule for one in result.findings] == ["account", "backend-expression"]


def test_the_same_finding_is_told_once(tmp_path: Path) -> None:
    def twice(module: Module, context: Context) -> Iterator[Outcome]:
        yield from each_block(module, context)
        yield from each_block(module, context)

    assert len(checked(tmp_path, "locals {}", made(twice)).findings) == 1


def test_a_rule_that_fails_is_told_and_hides_nothing(tmp_path: Path) -> None:
    def broken(module: Module, context: Context) -> Iterator[Outcome]:
        yield from each_block(module, context)
        raise KeyError("x")

    written(tmp_path, BACKEND)
    result = run(tmp_path, Context(TODAY), [made(broken), RULE])
    assert [one.rule for one in result.findings] == ["backend-expression"]
    assert [(one.rule, one.what_is_unknown) for one in result.undecided] == [("made", f"{DEFECT} (KeyError: 'x')")]


@pytest.mark.parametrize("name", ["none", "file.tf", "empty"])
def test_without_configuration_it_is_bad_input(tmp_path: Path, name: str) -> None:
    written(tmp_path, {"file.tf": "", "empty/readme.md": ""})
    with pytest.raises(InvalidInput):
        run(tmp_path / name, Context(TODAY), [])


def test_rules_see_other_files_of_the_directory_and_none_outside(tmp_path: Path) -> None:
    seen: list[object] = []

    def look(_: Module, context: Context) -> Iterator[Outcome]:
        tree = context.tree
        seen.extend([tree.files("*.py"), tree.files("sub/*.py"), tree.files(".terraform.lock.hcl")])
        seen.extend([tree.text("a.py"), tree.text("../out.py"), tree.text("none.py"), tree.text("bin.py")])
        seen.append(tree.is_project)
        yield RULE_OF_BLOCKS.finding(tree.at("a.py", 1, 1, "a.py"), "there it is", fix="none")

    files = {"in/main.tf": "", "in/a.py": "x", "in/sub/b.py": "", "in/.h/c.py": "", "in/.terraform.lock.hcl": ""}
    written(tmp_path, {**files, "out.py": "secret", "in/bin.py": "\0"})
    result = checked(tmp_path / "in", {}, made(look))
    assert seen == [
        ("a.py", "bin.py", "sub/b.py"),
        ("sub/b.py",),
        (".terraform.lock.hcl",),
        "x",
        None,
        None,
        None,
        False,
    ]
    assert list(result.sources) == ["a.py"]
