"""The report for programs. Its shape is described in docs/preflight.md; `version` changes when it does."""

import json
from typing import Any

from docferry.preflight.finding import Finding, Outcome
from docferry.preflight.report.report import Report

VERSION = 1


def render(report: Report) -> str:
    """Return the report as JSON."""
    return json.dumps(as_object(report), indent=2) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """Return what the JSON holds."""
    result = report.result
    return {
        "version": VERSION,
        "failed": report.failed,
        "fail_on": report.fail_on.value,
        "files": result.files,
        "rules": [one.id for one in report.rules],
        "disabled": dict(report.disabled),
        "summary": {
            **report.counts,
            "cannot_tell": len(result.undecided),
            "ignored": len(result.ignored),
            "known": len(report.known),
        },
        "findings": [_finding(report, one) for one in report.fresh],
        "cannot_tell": [
            {**_about(report, one), "what_is_unknown": one.what_is_unknown} for one in result.undecided
        ],
        "ignored": [_finding(report, one) for one in result.ignored],
        "known": [_finding(report, one) for one in report.known],
    }


def _about(report: Report, one: Outcome) -> dict[str, Any]:
    place = one.place
    return {
        "rule": one.rule,
        "file": report.path(place.file) if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "subject": one.subject,
    }


def _finding(report: Report, one: Finding) -> dict[str, Any]:
    return {
        **_about(report, one),
        "severity": one.severity.value,
        "stage": one.stage.value,
        "message": one.message,
        "why": one.why,
        "fix": one.fix,
        "diff": report.diff(one) or None,
        "certain": one.certain,
        "reference": one.reference,
        "fingerprint": report.marks[id(one)],
    }
