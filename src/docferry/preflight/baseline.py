"""Findings that are known and let be: they do not fail a run again.

A finding is known by its rule, file, subject and the text of its line, not by its number: what is added above it
does not bring it back. Of several that are alike, as many are known as were written down.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from docferry.domain.errors import InvalidInput
from docferry.preflight.finding import Finding
from docferry.preflight.hcl.source import Source
from docferry.whole_file import replace_file

VERSION = 1


def fingerprints(findings: Iterable[Finding], sources: Mapping[str, Source]) -> list[str]:
    """Return what each finding is known by; of those that are alike the later ones are numbered."""
    seen: Counter[str] = Counter()
    made = []
    for one in findings:
        base = _digest(one, sources)
        seen[base] += 1
        made.append(base if seen[base] == 1 else f"{base}:{seen[base]}")
    return made


def _digest(finding: Finding, sources: Mapping[str, Source]) -> str:
    place = finding.place
    source = sources.get(place.file) if place else None
    text = " ".join(source.line(place.line).split()) if source and place else ""
    parts = (finding.rule, place.file if place else "", finding.subject, text)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was looked at: only of that can be told whether what is known is there still."""

    files: bool = True
    account: bool = False

    def covers(self, rule: str) -> bool:
        """Whether a rule was looked at."""
        return self.account if rule.startswith("account-") else self.files


@dataclass(frozen=True, slots=True)
class Split:
    """Findings that are not known, those that are, and how many known ones are there no more."""

    fresh: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: int


def split(findings: tuple[Finding, ...], sources: Mapping[str, Source], known: frozenset[str]) -> Split:
    """Part findings by what a baseline knows."""
    marked = list(zip(findings, fingerprints(findings, sources), strict=True))
    return Split(
        tuple(one for one, mark in marked if mark not in known),
        tuple(one for one, mark in marked if mark in known),
        len(known - {mark for _, mark in marked}),
    )


def read(path: Path, asked: Asked) -> frozenset[str]:
    """Read what a baseline knows of what was looked at. Raises InvalidInput if there is none or it is damaged."""
    return frozenset(one["fingerprint"] for one in _entries(path) if asked.covers(one["rule"]))


def _entries(path: Path) -> list[dict[str, str]]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["version"] != VERSION:
            raise ValueError(f"version {held['version']!r} is not {VERSION}")
        return [_checked(one) for one in held["findings"]]
    except OSError as error:
        hint = "write one with --write-baseline"
        raise InvalidInput(f"cannot read the baseline {path}: {error.strerror}", hint=hint) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        said = f"{path} is no baseline: {type(error).__name__}: {error}"
        raise InvalidInput(
            said, hint="take it from version control, or write one with --write-baseline"
        ) from error


def _there(path: Path) -> list[dict[str, str]]:
    """Return what is written already: what cannot be read is not written over, for it may hold more than this."""
    if not path.exists():
        return []
    try:
        return _entries(path)
    except InvalidInput as error:
        raise InvalidInput(
            str(error), hint="take it from version control, or remove it and write it again"
        ) from error


def _checked(entry: dict[str, str]) -> dict[str, str]:
    if not isinstance(entry["fingerprint"], str) or not isinstance(entry["rule"], str):
        raise ValueError("a fingerprint or a rule that is no text")
    return entry


def write(path: Path, findings: tuple[Finding, ...], sources: Mapping[str, Source], asked: Asked) -> None:
    """Write a baseline of all findings, at once or not at all; what was not looked at is kept as it was.

    Raises InvalidInput if it cannot be written, or if what is there is no baseline.
    """
    kept = [one for one in _there(path) if not asked.covers(one["rule"])]
    entries: list[Mapping[str, str | None]] = [
        {
            "fingerprint": mark,
            "rule": one.rule,
            "file": one.place.file if one.place else None,
            "subject": one.subject,
        }
        for one, mark in zip(findings, fingerprints(findings, sources), strict=True)
    ]
    text = json.dumps({"version": VERSION, "findings": [*entries, *kept]}, indent=2) + "\n"
    try:
        replace_file(path.resolve(), text.encode())
    except OSError as error:
        raise InvalidInput(
            f"cannot write {path}: {error.strerror}", hint="name another with --baseline"
        ) from error
