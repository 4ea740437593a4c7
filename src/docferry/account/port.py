"""What the checks ask of one side: the adapters are in `aws/`, the fakes in `simulation/`.

Denials and whatever else AWS says no with come as the ServiceError that it stands for, a name that is not there as
InvalidInput, what repeating may cure as Retryable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from docferry.domain.change import DocumentChange

Tree = Mapping[str, Sequence[Any]]
"""A setting as S3's XML has it: for each name what stands there, each a text or a tree again."""


@dataclass(frozen=True, slots=True)
class Names:
    """What one side is called. `side` is `source` or `target`; a role that is not used is empty, and so is the
    external id where its roles ask for none."""

    side: str
    region: str
    bucket: str
    table: str
    control_table: str
    conflicts_table: str
    journal_table: str
    queue: str
    probe_role: str = ""
    worker_role: str = ""
    external_id: str = ""

    @property
    def bucket_named(self) -> str:
        """The bucket as findings name it."""
        return f"s3://{self.bucket}"

    def table_named(self, name: str) -> str:
        """A table as findings name it."""
        return f"table {name} ({self.region})"

    @property
    def queue_named(self) -> str:
        """The queue as findings name it."""
        return f"queue {self.queue} ({self.region})"


class Kind(StrEnum):
    """What an action is allowed on."""

    BUCKET = "bucket"
    DOCUMENTS = "documents"
    RECORDS = "records"
    CONTROL = "control"
    CONFLICTS = "conflicts"
    JOURNAL = "journal"
    STREAM = "stream"
    QUEUE = "queue"
    DEAD_LETTERS = "dead letters"
    PROBE_ROLE = "probe role"
    WORKER_ROLE = "worker role"


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one kind of resource, and which commands need it."""

    action: str
    kind: Kind
    commands: str = "sync"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a service answered. `ahead_s` is by how much this machine's clock is ahead of its, None if untold.

    `who` is the ARN of who asks, where the service tells.
    """

    ahead_s: float | None
    who: str = ""


@dataclass(frozen=True, slots=True)
class TableSettings:
    """A table as DynamoDB describes it. `ttl` is the attribute of its time to live, empty if off."""

    described: Mapping[str, Any]
    ttl: str | None
    """None if that may not be asked."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much there may be, and how much there is."""

    limit: int
    used: int


class Account(Protocol):
    """One side as its services tell of it. It changes nothing."""

    async def heard(self, service: str) -> Heard:
        """Return what a service answers to the cheapest request it has. A denial is an answer."""

    async def bucket_setting(self, name: str) -> Tree:
        """Return one setting of the bucket, such as `versioning`; nothing where it was never set."""

    async def table(self, name: str) -> TableSettings:
        """Return how a table is set up."""

    async def queue(self) -> Mapping[str, str]:
        """Return the attributes of the change queue."""

    async def attempt(self, need: Need) -> None:
        """Send the cheapest harmless request that needs this permission.

        Raises ServiceError if it is denied, with what AWS says; what only proves that the request was allowed,
        such as a condition that does not hold, is no error.
        """

    async def concurrency(self) -> Quota:
        """Return how many functions may run at once, and how many of them are set aside for single ones."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One version of a canary, or a delete marker over it. `at` is in seconds since 1970."""

    key: str
    version: str
    at: float


@dataclass(frozen=True, slots=True)
class Held:
    """What a bucket gives back of a canary. `replication` is what S3 says of its replication, mostly nothing."""

    body: bytes
    replication: str = ""


class CanaryBucket(Protocol):
    """The canaries of one bucket: documents under the reserved keys `domain.reserved.PREFLIGHT`."""

    async def put(self, key: str, body: bytes, *, if_absent: bool = False) -> str:
        """Put a canary and return its version. Raises Conflict if it is there and must not be."""

    async def get(self, key: str) -> Held | None:
        """Return a canary, or None."""

    async def copy(self, key: str, *, if_absent: bool = False) -> None:
        """Copy a canary from the other side. Raises Conflict if it is there and must not be."""

    async def remove_other(self, key: str) -> None:
        """Delete a canary if it is another than the one there, which it never is. Raises Conflict."""

    async def canaries(self) -> tuple[Canary, ...]:
        """Return every version of every canary, and every delete marker over one."""

    async def erase(self, key: str, version: str) -> None:
        """Remove one version for good; one that is not there is fine."""


class EventQueue(Protocol):
    """The change queue, looked through for the event of a canary."""

    async def waiting(self) -> int:
        """Return about how many messages wait."""

    async def take(self, change: DocumentChange, wait_s: float) -> bool:
        """Look once, waiting up to `wait_s`, and tell whether this very event came; only that is taken off."""

    async def give_back(self) -> None:
        """Let the other messages that were seen come again at once."""
