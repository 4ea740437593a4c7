"""A rule: what it is called, how bad it is, and the function that looks for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from docferry.preflight.config import Config
from docferry.preflight.finding import Edit, Finding, Outcome, Place, Severity, Stage, Undecided
from docferry.preflight.hcl.module import Module
from docferry.preflight.tree import Tree


class Placed(Protocol):
    """Something in a file that belongs to an address: a block, an attribute, an expression."""

    @property
    def place(self) -> Place:
        """Where it begins."""

    @property
    def address(self) -> str:
        """The address it belongs to."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may know besides the module: today, what the project asks for, and the other files.

    `tree` is that of the checked directory once a run has begun.
    """

    today: date
    config: Config = field(default_factory=Config)
    tree: Tree = field(default_factory=lambda: Tree(Path()))


Check = Callable[[Module, Context], Iterable[Outcome]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for. `why` says what happens at deployment, `reference` is a public page that says so."""

    id: str
    title: str
    severity: Severity
    stage: Stage
    why: str
    reference: str
    check: Check

    def finding(
        self,
        at: Placed,
        message: str,
        *,
        fix: str,
        edits: Iterable[Edit] = (),
        subject: str | None = None,
        why: str | None = None,
        severity: Severity | None = None,
        stage: Stage | None = None,
        certain: bool = True,
    ) -> Finding:
        """Return a finding of this rule at a block, attribute or expression; what is not given is the rule's."""
        return Finding(
            rule=self.id,
            severity=severity or self.severity,
            message=message,
            place=at.place,
            subject=at.address if subject is None else subject,
            why=self.why if why is None else why,
            stage=stage or self.stage,
            fix=fix,
            reference=self.reference,
            edits=tuple(edits),
            certain=certain,
        )

    def undecided(self, at: Placed, what_is_unknown: str, *, subject: str | None = None) -> Undecided:
        """Return that this rule cannot tell, and what it would have to know."""
        return Undecided(self.id, at.place, at.address if subject is None else subject, what_is_unknown)
