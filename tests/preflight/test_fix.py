"""Fixes change what they say, byte for byte, and nothing else."""

import tempfile
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput, Refused
from docferry.preflight.finding import Edit, Finding, Place, Severity, Stage
from docferry.preflight.fix import Fixes, diff, diff_of, edited, plan, write
from docferry.preflight.hcl.source import Source
from tests.preflight.checking import checked, rule, written

TEXT = b'locals {\r\n  a = 1\n  b = "\xc3\xa4"\n}'
SOURCES = {"main.tf": Source("main.tf", TEXT)}
A = (TEXT.index(b"1"), TEXT.index(b"1") + 1)


def finding(*edits: Edit, rule: str = "r") -> Finding:
    return Finding(rule, Severity.HIGH, "m", Place("main.tf", 2, 3), "s", "w", Stage.APPLY, "f", "u", edits)


def edit(start: int, end: int, text: str) -> Edit:
    return Edit("main.tf", start, end, text)


def test_all_else_stays_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(TEXT)
    (tmp_path / "main.tf").chmod(0o640)
    fixes = plan([finding(edit(*A, "22"))], SOURCES)
    write(tmp_path, fixes, SOURCES)
    assert (tmp_path / "main.tf").read_bytes() == TEXT.replace(b"1", b"22")
    assert (tmp_path / "main.tf").stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["main.tf"]


def test_edits_that_touch_are_left_and_the_same_edit_is_made_once() -> None:
    first, again = finding(edit(*A, "2")), finding(edit(*A, "2"), rule="again")
    other, beside = finding(edit(A[0] - 2, A[1], "3")), finding(edit(A[1], A[1], "4"))
    fixes = plan([first, again, other, beside], SOURCES)
    assert (fixes.fixed, fixes.left) == ((first, again), (other, beside))
    assert fixes.contents == {"main.tf": TEXT.replace(b"1", b"2")}


def test_a_finding_is_fixed_wholly_or_not_at_all() -> None:
    both = finding(edit(0, 0, "# x\n"), edit(*A, "3"))
    fixes = plan([finding(edit(*A, "2")), both], SOURCES)
    assert fixes.left == (both,)
    assert fixes.contents["main.tf"].startswith(b"locals")


def test_an_edit_that_would_break_the_file_is_left() -> None:
    broken = finding(edit(*A, "{"))
    assert plan([broken], SOURCES) == Fixes({}, (), (broken,))


def test_what_is_no_configuration_is_changed_too_if_it_stays_what_it_is() -> None:
    sources = {name: Source(name, b'{"a": 1}') for name in ("a.tf.json", "a.py")}
    good, bad, other = (
        finding(Edit("a.tf.json", 6, 7, "2")),
        finding(Edit("a.tf.json", 0, 1, "")),
        finding(Edit("a.py", 0, 1, "x = {")),
    )
    fixes = plan([bad, good, other], sources)
    assert (fixes.fixed, fixes.left) == ((good, other), (bad,))
    assert fixes.contents == {"a.tf.json": b'{"a": 2}', "a.py": b'x = {"a": 1}'}


def test_an_edit_of_a_file_that_was_not_read_is_left() -> None:
    strange = finding(Edit("other.tf", 0, 0, "x"))
    assert plan([strange], SOURCES).left == (strange,)


def test_nothing_is_written_if_a_file_has_changed_meanwhile(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(TEXT + b"\n")
    with pytest.raises(Refused, match="has changed"):
        write(tmp_path, plan([finding(edit(*A, "2"))], SOURCES), SOURCES)
    assert (tmp_path / "main.tf").read_bytes() == TEXT + b"\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "main.tf").write_bytes(TEXT)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(InvalidInput, match=r"cannot write .*main\.tf: Permission denied"):
        write(tmp_path, plan([finding(edit(*A, "2"))], SOURCES), SOURCES)
    assert (tmp_path / "main.tf").read_bytes() == TEXT


def test_a_linked_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.tf").write_bytes(TEXT)
    (tmp_path / "main.tf").symlink_to("real.tf")
    write(tmp_path, plan([finding(edit(*A, "2"))], SOURCES), SOURCES)
    assert (tmp_path / "main.tf").is_symlink()
    assert (tmp_path / "real.tf").read_bytes() == TEXT.replace(b"1", b"2")


def test_a_diff_names_the_file_and_the_lines() -> None:
    said = diff_of(finding(edit(*A, "2")), SOURCES, "infra/")
    assert said.startswith("--- a/infra/main.tf\n+++ b/infra/main.tf\n@@ ")
    assert "-  a = 1\n+  a = 2\n" in said
    assert diff(b"a", b"b", "x").endswith("-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n")


def test_edits_are_made_from_the_end() -> None:
    assert edited(b"abc", [edit(0, 1, "xx"), edit(2, 3, "")]) == b"xxb"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("rule {\n  }", "rule {\n    filter {}\n  }"),
        ("rule {}", "rule {\n    filter {}\n  }"),
        ("rule { id = 1 }", "rule {\n    filter {}\n    id = 1\n  }"),
        ("rule { # why\n    id = 1\n  }", "rule { # why\n    filter {}\n    id = 1\n  }"),
    ],
)
def test_what_is_added_to_a_block_is_laid_out(tmp_path: Path, before: str, after: str) -> None:
    head = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n  '
    result = checked(tmp_path, f"{head}{before}\n}}\n", rule("s3-lifecycle-filter"))
    write(tmp_path, plan(result.findings, result.sources), result.sources)
    assert (tmp_path / "main.tf").read_text(encoding="utf-8") == f"{head}{after}\n}}\n"
    assert checked(tmp_path, {}, rule("s3-lifecycle-filter")).findings == ()


@pytest.mark.parametrize("block", ['rule {\n\t\tid = "x"\n\t}', 'rule { id = "x" }'])
def test_what_is_added_is_indented_with_tabs_where_the_block_is(tmp_path: Path, block: str) -> None:
    head = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n\t'
    result = checked(tmp_path, f"{head}{block}\n}}\n", rule("s3-lifecycle-filter"))
    write(tmp_path, plan(result.findings, result.sources), result.sources)
    said = (tmp_path / "main.tf").read_text(encoding="utf-8")
    assert said == f'{head}rule {{\n\t\tfilter {{}}\n\t\tid = "x"\n\t}}\n}}\n'


def test_what_is_removed_takes_its_lines_with_it(tmp_path: Path) -> None:
    written(tmp_path, "locals {\n  b = 1\n  c {\n  }\n  d {}  # why\n}\n")
    from docferry.preflight.hcl.load import load  # noqa: PLC0415

    block = load(tmp_path, ".", ["main.tf"]).module.blocks[0]
    data = block.source.data
    assert edited(data, [block.attributes["b"].removed()]) == b"locals {\n  c {\n  }\n  d {}  # why\n}\n"
    assert edited(data, [block.blocks("c")[0].removed()]) == b"locals {\n  b = 1\n  d {}  # why\n}\n"
    assert edited(data, [block.blocks("d")[0].removed()]) == b"locals {\n  b = 1\n  c {\n  }\n    # why\n}\n"


@pytest.mark.parametrize("block", ["rule {\r\n  }", "rule {}"])
def test_lines_that_are_added_end_as_the_others_do(tmp_path: Path, block: str) -> None:
    head = 'resource "aws_s3_bucket_lifecycle_configuration" "a" {\r\n  '
    (tmp_path / "main.tf").write_bytes(f"{head}{block}\r\n}}\r\n".encode())
    result = checked(tmp_path, {}, rule("s3-lifecycle-filter"))
    write(tmp_path, plan(result.findings, result.sources), result.sources)
    expected = f"{head}rule {{\r\n    filter {{}}\r\n  }}\r\n}}\r\n"
    assert (tmp_path / "main.tf").read_bytes() == expected.encode()


def test_only_a_line_feed_ends_a_line_of_a_diff() -> None:
    text = "locals {\n  # a \u2028 b \x85 c \x0c d \r e\n  a = 1\n}\n"
    said = diff(text.encode(), text.replace("1", "2").encode(), "main.tf")
    assert said.split("\n") == [
        "--- a/main.tf",
        "+++ b/main.tf",
        "@@ -1,4 +1,4 @@",
        *(" locals {", "   # a \u2028 b \x85 c \x0c d \r e", "-  a = 1", "+  a = 2", " }"),
        "",
    ]
