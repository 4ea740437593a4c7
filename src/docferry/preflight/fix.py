"""Applies what findings propose to change: byte for byte, and nothing else."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from docferry.domain.errors import InvalidInput, Refused
from docferry.preflight.finding import Edit, Finding
from docferry.preflight.hcl.parse import faults, parse
from docferry.preflight.hcl.source import Source
from docferry.whole_file import replace_file

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
"""What git and patch take for lines; to `splitlines` a form feed ends one, too."""


@dataclass(frozen=True, slots=True)
class Fixes:
    """Contents of files with edits in them, by path; the findings that this fixes, and those left for later."""

    contents: Mapping[str, bytes]
    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]


def plan(findings: Iterable[Finding], sources: Mapping[str, Source]) -> Fixes:
    """Put the edits of findings into files: all of a finding or none.

    Left are those whose edits touch another's, and those after which a file would be broken.
    """
    taken: dict[str, list[Edit]] = {}
    fixed: list[Finding] = []
    left: list[Finding] = []
    for finding in findings:
        if not finding.edits:
            continue
        proposed = _with(taken, finding.edits)
        if proposed is None or not all(_reads(path, proposed[path], sources) for path in proposed):
            left.append(finding)
            continue
        taken = proposed
        fixed.append(finding)
    contents = {path: edited(sources[path].data, edits) for path, edits in taken.items()}
    return Fixes(contents, tuple(fixed), tuple(left))


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return bytes with edits in them."""
    for one in sorted(edits, reverse=True):
        data = data[: one.start] + one.text.encode() + data[one.end :]
    return data


def _with(taken: Mapping[str, list[Edit]], edits: Iterable[Edit]) -> dict[str, list[Edit]] | None:
    """Return the edits of before and new ones, or None if two of them touch."""
    result = {path: list(held) for path, held in taken.items()}
    for one in edits:
        held = result.setdefault(one.file, [])
        if one in held:
            continue
        if any(one.start <= other.end and other.start <= one.end for other in held):
            return None
        held.append(one)
    return result


def _reads(path: str, edits: list[Edit], sources: Mapping[str, Source]) -> bool:
    if path not in sources:
        return False
    data = edited(sources[path].data, edits)
    if path.endswith((".tf", ".tfvars", ".hcl")):
        return not faults(parse(data), Source(path, data))
    return not path.endswith(".json") or _is_json(data)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def diff(before: bytes, after: bytes, path: str, shown: Callable[[str], str] = str) -> str:
    """Return a unified diff of a file; `shown` makes of its text what may be shown of it."""
    lines = [_LINES.findall(shown(data.decode("utf-8", "replace"))) for data in (before, after)]
    made = difflib.unified_diff(lines[0], lines[1], f"a/{path}", f"b/{path}")
    return "".join(one if one.endswith("\n") else f"{one}\n\\ No newline at end of file\n" for one in made)


def diff_of(
    finding: Finding, sources: Mapping[str, Source], prefix: str = "", shown: Callable[[str], str] = str
) -> str:
    """Return a unified diff of what one finding proposes, or nothing. `prefix` goes before paths."""
    paths = sorted({one.file for one in finding.edits if one.file in sources})
    return "".join(
        diff(data, edited(data, [one for one in finding.edits if one.file == path]), f"{prefix}{path}", shown)
        for path, data in ((path, sources[path].data) for path in paths)
    )


def write(root: Path, fixes: Fixes, sources: Mapping[str, Source]) -> None:
    """Write the files, each at once or not at all.

    Raises Refused, before anything is written, if a file is no longer what was read, and InvalidInput where one
    cannot be written.
    """
    for path in fixes.contents:
        if (root / path).read_bytes() != sources[path].data:
            raise Refused(f"{path} has changed since it was read; nothing was written", hint="run it again")
    for path, data in fixes.contents.items():
        try:
            replace_file((root / path).resolve(), data)
        except OSError as error:
            said = f"cannot write {root / path}: {error.strerror}; files that come before it in order are changed"
            raise InvalidInput(said, hint="make it writable and run --fix again") from error
