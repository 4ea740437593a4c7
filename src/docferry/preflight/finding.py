"""What a check says: something will fail, or it cannot be told."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is: critical and high fail a deployment or lose data, medium may, low is untidy."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    def at_least(self, other: "Severity") -> bool:
        """Whether this is as bad as another, or worse."""
        return self.rank <= other.rank


class Stage(StrEnum):
    """When it fails. What is never refused, such as a key in a file, fails nothing and is bad all the same."""

    INIT = "init"
    VALIDATE = "validate"
    PLAN = "plan"
    APPLY = "apply"
    RUN = "run"
    NEVER = "never"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file: its path below the checked directory (posix), line and column from 1, in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes from `start` up to `end` of a file with a text."""

    file: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that will fail.

    `subject` is an address, such as `aws_s3_bucket.a`, or a resource of an account, which has no `place`.
    `certain` is False where a value may differ at deployment, such as the default of a variable.
    """

    rule: str
    severity: Severity
    message: str
    place: Place | None
    subject: str
    why: str
    stage: Stage
    fix: str
    reference: str
    edits: tuple[Edit, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Undecided:
    """A check that could not be made: neither ok nor a finding."""

    rule: str
    place: Place | None
    subject: str
    what_is_unknown: str


Outcome = Finding | Undecided


def order(outcome: Outcome) -> tuple[str, int, int, str, str, str]:
    """Return what outcomes are sorted by: where they are, then what they are."""
    place = outcome.place or Place("", 0, 0)
    said = outcome.message if isinstance(outcome, Finding) else outcome.what_is_unknown
    return (place.file, place.line, place.column, outcome.rule, outcome.subject, said)
