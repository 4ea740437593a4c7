"""What the ledger keeps of the last check of the account: plan, sync and cutover refuse while it blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

from docferry.domain.errors import Conflict, Refused
from docferry.ports import Clock, Entry, Ledger
from docferry.preflight.finding import Finding, Outcome, Severity

ENTRY = "preflight"
COMMAND = "docferry preflight --account"


def blocking(outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return the findings that block: those that are critical or high."""
    return [one for one in outcomes if isinstance(one, Finding) and one.severity.at_least(Severity.HIGH)]


async def remember(ledger: Ledger, clock: Clock, outcomes: Sequence[Outcome]) -> None:
    """Keep when the account was checked, and what blocks. Of two at the same time the later one stays."""
    findings = sum(isinstance(one, Finding) for one in outcomes)
    entry = {
        "at": clock.now(),
        "findings": findings,
        "undecided": len(outcomes) - findings,
        "blocking": [_kept(one) for one in blocking(outcomes)],
    }
    while True:
        try:
            await ledger.write(ENTRY, entry, await ledger.read(ENTRY))
        except Conflict:
            continue
        return


async def remembered(ledger: Ledger) -> Entry | None:
    """Return what was kept, None if the account was never checked."""
    return await ledger.read(ENTRY)


async def refuse_blocked(ledger: Ledger) -> None:
    """Raise Refused, naming the first finding, if the last check of the account found any that blocks."""
    found = await remembered(ledger)
    if found and found["blocking"]:
        raise _refusal(found["blocking"])


def refuse(outcomes: Sequence[Outcome]) -> None:
    """Raise Refused, naming the first finding, if any blocks."""
    found = blocking(outcomes)
    if found:
        raise _refusal([_kept(one) for one in found])


def _kept(finding: Finding) -> dict[str, str]:
    return {"rule": finding.rule, "subject": finding.subject, "message": finding.message}


def _refusal(found: Sequence[Mapping[str, Any]]) -> Refused:
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Refused(
        f"{first['rule']}: {first['subject']}: {first['message']}{more}; no document or record was touched",
        hint=f"mend it, then {COMMAND}",
    )
