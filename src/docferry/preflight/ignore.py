"""Comments that let a finding be: `# docferry:ignore <rule> <reason>`, on its line or on the line above it."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from tree_sitter import Node

from docferry.preflight.finding import Finding, Outcome, Place, Severity, Stage
from docferry.preflight.hcl.parse import parse
from docferry.preflight.hcl.source import Source

WITHOUT_REASON = "ignore-without-reason"
UNUSED = "ignore-unused"
REFERENCE = "https://developer.hashicorp.com/terraform/language/syntax/configuration#comments"

_COMMENT = re.compile(rb"docferry:ignore(?:[ \t]+([^\s]+))?[ \t]*([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment: the rule it names, its reason, and the line of code that it speaks of."""

    rule: str
    reason: str
    place: Place
    line: int


def ignores(source: Source) -> Iterator[Ignore]:
    """Give the comments of a file. Those that stand alone, one below the other, speak of the line after them."""
    if b"docferry:ignore" not in source.data or source.path.endswith(".json"):
        return
    root = parse(source.data).root_node
    for found in _COMMENT.finditer(source.data):
        node = root.descendant_for_byte_range(found.start(), found.start() + 1)
        if node is None or node.type != "comment":
            continue
        place = source.place(node.start_byte)
        line = _line_after(source, node) if _is_above(source, node) else place.line
        while _only_ignores(source, line):
            line += 1
        reason = found[2].decode("utf-8", "replace").removesuffix("*/").strip()
        yield Ignore((found[1] or b"").decode("utf-8", "replace"), reason, place, line)


def _is_above(source: Source, node: Node) -> bool:
    """Whether a comment of several lines has the first of them for itself."""
    first, last = source.place(node.start_byte).line, source.place(node.end_byte - 1).line
    start, _ = source.line_range(first)
    return first < last and not source.data[start : node.start_byte].strip()


def _line_after(source: Source, node: Node) -> int:
    return min(source.place(node.end_byte - 1).line + 1, source.lines)


def _only_ignores(source: Source, line: int) -> bool:
    start, end = source.line_range(line)
    text = source.data[start:end].strip()
    return end < len(source.data) and text[:1] in (b"#", b"/") and b"docferry:ignore" in text


@dataclass(frozen=True, slots=True)
class Sorted:
    """Outcomes with the ignored findings apart; what is wrong with the comments is among the first."""

    outcomes: list[Outcome]
    ignored: list[Finding]


def apply(outcomes: Iterable[Outcome], sources: Iterable[Source], not_run: Container[str] = ()) -> Sorted:
    """Take the findings away that a comment with a reason names. Of rules that are not run none is unused."""
    comments = [one for source in sources for one in ignores(source)]
    wanted = {(one.place.file, one.line, one.rule): one for one in comments if one.rule and one.reason}
    kept: list[Outcome] = []
    ignored: list[Finding] = []
    used: set[tuple[str, int, str]] = set()
    for outcome in outcomes:
        place = outcome.place
        key = (place.file, place.line, outcome.rule) if place else ("", 0, "")
        if key in wanted:
            used.add(key)
            if isinstance(outcome, Finding):
                ignored.append(outcome)
        else:
            kept.append(outcome)
    kept += [_without_reason(one) for one in comments if not (one.rule and one.reason)]
    kept += [_unused(one) for key, one in wanted.items() if key not in used and one.rule not in not_run]
    return Sorted(kept, ignored)


def _without_reason(one: Ignore) -> Finding:
    what = f"`{one.rule}` is to be ignored for no reason" if one.rule else "neither a rule nor a reason is given"
    return Finding(
        WITHOUT_REASON,
        Severity.MEDIUM,
        what,
        one.place,
        one.rule,
        "The comment has no effect: what is let be must say why, or nobody can tell later whether it still holds.",
        Stage.NEVER,
        f"Write `# docferry:ignore {one.rule or '<rule>'} <reason>`.",
        REFERENCE,
    )


def _unused(one: Ignore) -> Finding:
    return Finding(
        UNUSED,
        Severity.LOW,
        f"nothing of `{one.rule}` is found at line {one.line}",
        one.place,
        one.rule,
        "A comment that ignores nothing will hide the next finding that appears here.",
        Stage.NEVER,
        "Remove the comment, or move it to the line it is about or the one above.",
        REFERENCE,
    )
