"""The report as SARIF 2.1.0, which code hosts show at the lines of a change.

What cannot be told is a result of the kind `open`; what is ignored or known is there as suppressed.
"""

import json
import posixpath
from typing import Any
from urllib.parse import quote

from docferry.preflight.finding import Edit, Finding, Place, Severity, Undecided
from docferry.preflight.report.report import Report, headline

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
FINGERPRINT = "docferryPreflight/v1"


def render(report: Report) -> str:
    """Return the report as SARIF."""
    return json.dumps(as_object(report), indent=2) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """Return what the SARIF holds."""
    rules = _rules(report)
    index = {one["id"]: number for number, one in enumerate(rules)}
    results = [
        *(_result(report, one, index) for one in report.fresh),
        *(_suppressed(report, one, index, "external") for one in report.known),
        *(_suppressed(report, one, index, "inSource") for one in report.result.ignored),
        *(_open(report, one, index) for one in report.result.undecided),
    ]
    driver = {"name": "docferry preflight", "version": report.version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "Where the command was run."}}},
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(report: Report) -> list[dict[str, Any]]:
    made = {one.id: _rule(one.id, one.title, one.why, one.reference, one.severity) for one in report.rules}
    for one in (*report.result.findings, *report.result.ignored):
        made.setdefault(one.rule, _rule(one.rule, one.rule, one.why, one.reference, one.severity))
    for each in report.result.undecided:
        made.setdefault(each.rule, _rule(each.rule, each.rule, "", "", Severity.LOW))
    return [made[name] for name in sorted(made)]


def _rule(name: str, title: str, why: str, reference: str, severity: Severity) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {"tags": ["terraform", severity.value]},
    }
    if why:
        made["fullDescription"] = {"text": why}
        made["help"] = {"text": f"{why} See {reference}", "markdown": f"{why}\n\n[Reference]({reference})"}
    if reference:
        made["helpUri"] = reference
    return made


def _result(report: Report, one: Finding, index: dict[str, int]) -> dict[str, Any]:
    made = _about(report, one.rule, one.place, one.subject, index)
    made["level"] = LEVELS[one.severity]
    made["message"] = {"text": f"{headline(one)}. {one.why} Fix: {one.fix}"}
    made["partialFingerprints"] = {FINGERPRINT: report.marks[id(one)]}
    made["properties"] = {"severity": one.severity.value, "stage": one.stage.value, "certain": one.certain}
    if one.edits:
        made["fixes"] = [_fix(report, one)]
    return made


def _suppressed(report: Report, one: Finding, index: dict[str, int], kind: str) -> dict[str, Any]:
    return {**_result(report, one, index), "suppressions": [{"kind": kind}]}


def _open(report: Report, one: Undecided, index: dict[str, int]) -> dict[str, Any]:
    made = _about(report, one.rule, one.place, one.subject, index)
    about = f"{one.subject}: " if one.subject and not one.place else ""
    said = f"cannot be told: {about}{one.what_is_unknown}"
    return {**made, "kind": "open", "level": "none", "message": {"text": said}}


def _about(report: Report, rule: str, place: Place | None, subject: str, index: dict[str, int]) -> dict[str, Any]:
    # GitHub refuses the whole report where a result has no file.
    where = report.path(place.file) if place else _file_of(report, rule, subject)
    region = {"startLine": place.line, "startColumn": place.column} if place else {"startLine": 1}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(where), "region": region}}
    if subject:
        location["logicalLocations"] = [{"fullyQualifiedName": subject}]
    return {"ruleId": rule, "ruleIndex": index[rule], "locations": [location]}


def _file_of(report: Report, rule: str, subject: str) -> str:
    """Return the file that names what is in an account, or the directory of which something cannot be told."""
    return report.settings if rule.startswith("account-") else posixpath.normpath(report.path(subject))


def _artifact(shown: str) -> dict[str, str]:
    path = quote(shown, safe="/", errors="surrogateescape")
    return {"uri": f"file://{path}"} if path.startswith("/") else {"uri": path, "uriBaseId": "SRCROOT"}


def _fix(report: Report, one: Finding) -> dict[str, Any]:
    files = sorted({edit.file for edit in one.edits if edit.file in report.result.sources})
    changes = [
        {
            "artifactLocation": _artifact(report.path(file)),
            "replacements": [_replacement(report, edit) for edit in one.edits if edit.file == file],
        }
        for file in files
    ]
    return {"description": {"text": one.fix}, "artifactChanges": changes}


def _replacement(report: Report, edit: Edit) -> dict[str, Any]:
    source = report.result.sources[edit.file]
    start, end = source.place(edit.start), source.place(edit.end)
    region = {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}
