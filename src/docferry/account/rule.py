"""A rule of the account: what it is called, how bad it is, and where AWS says so."""

from dataclasses import dataclass

from docferry.preflight.finding import Finding, Severity, Stage, Undecided


@dataclass(frozen=True, slots=True)
class AccountRule:
    """One thing to prove. `why` says what happens where it fails, `reference` is a public page that says so.

    A finding that is `critical` or `high` blocks: see `account/memory.py`.
    """

    id: str
    title: str
    severity: Severity
    why: str
    reference: str

    def finding(self, subject: str, message: str, *, fix: str, severity: Severity | None = None) -> Finding:
        """Return a finding about a resource; what is not given is the rule's."""
        return Finding(
            rule=self.id,
            severity=severity or self.severity,
            message=message,
            place=None,
            subject=subject,
            why=self.why,
            stage=Stage.RUN,
            fix=fix,
            reference=self.reference,
        )

    def undecided(self, subject: str, what_is_unknown: str) -> Undecided:
        """Return that this cannot be told, and what would have to be known."""
        return Undecided(self.id, None, subject, what_is_unknown)
