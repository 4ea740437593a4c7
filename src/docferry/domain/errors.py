"""What can go wrong, by what the caller should do about it.

DocferryError
├── Retryable           the same request may succeed later; nothing is known to have happened
├── Conflict            a condition on the state looked at no longer holds: look again
├── InvalidInput        the operator's input or configuration is wrong (exit code 2)
├── Refused             a check says no; nothing was changed (exit code 3)
│   ├── GateRefused     the gate does not let this writer write
│   ├── LeaseTaken      another process is at work; it may be waited for
│   └── StaleEpoch      the lease or epoch this worker holds is over
├── NeedsOperator       stopped with the data kept; a person decides (exit code 4)
├── ServiceError        AWS or the credentials said no (exit code 5)
└── OwnershipAmbiguous  it cannot be told whose write took effect; never retried (exit code 4)
"""

_ABOUT_THE_CALLER = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


class DocferryError(Exception):
    """Base of every error docferry raises on purpose.

    The message says what happened and whether data is safe; `hint` is the next command or change to make.
    """

    exit_code = 5

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Retryable(DocferryError):
    """Throttled, timed out or cut off: the same request may be sent again."""


class Conflict(DocferryError):
    """The state that a conditional write expected is no longer there."""


class InvalidInput(DocferryError):
    """Something the operator gave is wrong: says what, where, and what to do."""

    exit_code = 2


class Refused(DocferryError):
    """A check refused; nothing was changed."""

    exit_code = 3


class TooEarly(Refused):
    """Only time has to pass: the same command will do later."""


class GateRefused(Refused):
    """The gate does not name this kind of writer."""


class LeaseTaken(Refused):
    """Another living process holds the lease."""


class StaleEpoch(Refused):
    """The epoch or lease under which this worker was allowed to write is over."""


class NeedsOperator(DocferryError):
    """docferry stopped and kept the data; a person has to decide."""

    exit_code = 4


class OwnershipAmbiguous(NeedsOperator):
    """It cannot be told whose write took effect. Never retried."""


class ServiceError(DocferryError):
    """AWS answered with an error that repeating will not cure."""

    def __init__(self, message: str, *, code: str = "", status: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.status = status

    @property
    def about_caller(self) -> bool:
        """Whether it is about who asks: then every other key meets it too."""
        return self.code in _ABOUT_THE_CALLER
