"""The report as an analysis of failures that a team can file."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Finding, Severity, Stage
from docferry.preflight.report.report import Report, by_severity, headline, printable, when

IMPACTS = {
    Severity.CRITICAL: "the deployment stops before anything is made, data is lost, or a secret is out",
    Severity.HIGH: "it stops halfway, does not do what it is for, or gives the whole account away",
    Severity.MEDIUM: "it may go through and fail later",
    Severity.LOW: "nothing stops; it hides or invites other faults",
}
_STOPS = "the deployment stops before anything is made"
_AT = {
    Stage.INIT: _STOPS,
    Stage.VALIDATE: _STOPS,
    Stage.PLAN: _STOPS,
    Stage.APPLY: "the deployment stops at this resource and leaves those before it made",
    Stage.RUN: "the deployment goes through, and what is there does not do what it is for",
    Stage.NEVER: "the deployment goes through and leaves this behind",
}
_CODE_OR_MARK = re.compile(r"(?P<code>(?P<fence>`+)[^`]+(?P=fence)(?!`))|[\\*<\[\]]|(?<![^\W_])_|_(?![^\W_])")
"""What is written as code, and what Markdown would take for a mark elsewhere."""


def render(report: Report) -> str:
    """Return the report as Markdown."""
    lines = ["# Failures that deployment would meet", "", report.summary(), "", *_summary(report)]
    for number, one in enumerate(by_severity(report.fresh), start=1):
        lines += _finding(report, one, number)
    lines += _undecided(report)
    return printable("\n".join(lines).rstrip() + "\n")


def _summary(report: Report) -> Iterator[str]:
    yield from ("| Impact | Findings |", "|---|---|")
    for name, count in report.counts.items():
        yield f"| {name}: {IMPACTS[Severity(name)]} | {count} |"
    yield f"| cannot be told | {len(report.result.undecided)} |"
    yield ""


def _finding(report: Report, one: Finding, number: int) -> Iterator[str]:
    yield from (f"## {number}. {_prose(_inline(headline(one)))}", "")
    yield f"- Impact level: **{one.severity.value}**"
    yield f"- Rule: {_code(one.rule)}"
    if one.place:
        yield f"- Where: {_code(report.where(one.place))}"
    if one.subject:
        yield f"- What: {_code(one.subject)}"
    if not one.certain:
        yield "- Depends on a variable, which may be given another value at deployment"
    yield ""
    snippet = report.snippet(one.place)
    if snippet:
        yield from ("### What is there", "", *_fenced("hcl", snippet))
    yield from ("### Fix", "", _prose(one.fix), "")
    changed = report.diff(one)
    if changed:
        yield from _fenced("diff", changed.rstrip("\n"))
    yield from ("### Root cause", "", _prose(one.why), "")
    yield from ("### Deployment impact", "", _impact(one), "")
    if one.reference:
        yield from ("### Reference", "", f"<{one.reference}>", "")


def _impact(one: Finding) -> str:
    mild = one.severity is Severity.LOW and one.stage is not Stage.NEVER
    return f"{when(one).capitalize()}: {IMPACTS[Severity.LOW] if mild else _AT[one.stage]}."


def _fenced(language: str, text: str) -> Iterator[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    yield from (f"{fence}{language}", text, fence, "")


def _undecided(report: Report) -> Iterator[str]:
    if not report.result.undecided:
        return
    yield from ("## What cannot be told", "", "Neither right nor wrong: the text alone does not say.", "")
    for one in report.result.undecided:
        where = f"{_code(report.where(one.place))} " if one.place else ""
        yield f"- {where}{_code(one.rule)} {_prose(_inline(f'{one.subject}: {one.what_is_unknown}'))}"


def _prose(text: str) -> str:
    """Return a text of which Markdown shows every character: the `*` of a policy as well."""
    return _CODE_OR_MARK.sub(lambda found: found[0] if found["code"] else f"\\{found[0]}", text)


def _code(text: str) -> str:
    said, fence = _inline(text), "`"
    while fence in said:
        fence += "`"
    return f"{fence}{said}{fence}"


def _inline(text: str) -> str:
    return " ".join(text.split())
