"""What checkov finds in configurations that were not written for docferry, such as its own, and whether we do.

git clone https://github.com/bridgecrewio/checkov
python -m benchmarks.preflight --directory checkov/tests/terraform
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.preflight import checkers
from benchmarks.preflight.corpus import Case, Report
from benchmarks.report import MISSING, Section

SAME, BROKEN, NOT = "the same", "that it is broken", "nothing"
_COLUMNS = ("check", "found", SAME, BROKEN, NOT)
_BREAKS = {"syntax-error": "file", "iam-policy-malformed": "lines"}
"""What we say of a file or of a policy that cannot be deployed at all, whatever it means."""


def elsewhere(root: Path) -> Section:
    """Return the table: for each check of checkov, how much it finds and what we say at the same lines."""
    directories = {one.parent.relative_to(root) for one in root.rglob("*.tf")}
    visible = sorted(one.as_posix() for one in directories if not any(part.startswith(".") for part in one.parts))
    cases = [Case(name, "", root / name, ()) for name in visible if name != "."]
    section = Section(
        "preflight-elsewhere", f"What checkov finds, and what we say of it ({len(cases)} directories)", _COLUMNS
    )
    theirs, ours = checkers.checkov(cases, root), checkers.docferry(cases, root, datetime.now(tz=UTC).date())
    if theirs.error:
        section.notes.append(f"checkov {theirs.error}")
        return section
    counts: dict[str, Counter[str]] = {}
    for case in cases:
        for report in theirs.reports[case.name]:
            what = _ours(report, ours.reports[case.name])
            counts.setdefault(report.said, Counter())[what] += 1
            if what == NOT:
                section.notes.append(
                    f"{report.said.partition(':')[0]} {case.name}/{report.file}:{min(report.lines)}"
                )
    for said, found in sorted(counts.items()):
        section.rows.append(_row(said, found))
    section.rows.append(_row("all", sum(counts.values(), Counter[str]())))
    return section


def _row(said: str, found: Counter[str]) -> tuple[str, ...]:
    return (
        said[:70],
        str(found.total()),
        *(str(found[one]) if found[one] else MISSING for one in (SAME, BROKEN, NOT)),
    )


def _ours(theirs: Report, ours: tuple[Report, ...]) -> str:
    """Say what we say at the lines of something that checkov says."""
    here = [one for one in ours if one.file == theirs.file]
    if any(one.lines & theirs.lines and set(one.rules) & set(theirs.rules) for one in here):
        return SAME
    broken = [(one, _BREAKS.get(one.rules[0])) for one in here]
    return BROKEN if any(how == "file" or (how and one.lines & theirs.lines) for one, how in broken) else NOT
