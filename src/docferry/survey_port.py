"""What a plan asks of a side beyond documents and records: the adapter is in `aws/`, the fake in `simulation/`."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """How a bucket is set up.

    `versioning` is Enabled, Suspended or empty for never; `encryption` is what the bucket does by default (AES256,
    aws:kms, aws:kms:dsse, or empty); `requester_pays` is None where the store does not say.
    """

    name: str
    region: str
    versioning: str
    object_lock: bool = False
    requester_pays: bool | None = False
    encryption: str = "AES256"
    kms_key: str = ""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How a table is set up. `stream` is its view type, empty if it has none.

    `items` and `bytes` are DynamoDB's own figures, up to six hours old.
    """

    name: str
    items: int
    bytes: int
    billing: str
    stream: str


@dataclass(frozen=True, slots=True)
class VersionMark:
    """Where a listing of versions goes on: after this version of this key."""

    key: str
    version: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    """What one page of a bucket's versions adds up to; `position` is None on the last one."""

    noncurrent: int
    noncurrent_bytes: int
    delete_markers: int
    position: VersionMark | None


@dataclass(frozen=True, slots=True)
class Head:
    """What only a look at a document shows. `encryption` is `customer` for keys that the application holds.

    `locked` is whether a retention or a legal hold is on it, `archived` whether it has to be restored.
    """

    encryption: str
    kms_key: str = ""
    locked: bool = False
    archived: bool = False


class Survey(Protocol):
    """The facts about one side that decide what a move meets. It reads only."""

    async def bucket(self) -> BucketFacts:
        """Return how the bucket is set up. Raises InvalidInput if there is none."""

    async def table(self) -> TableFacts:
        """Return how the table is set up. Raises InvalidInput if there is none."""

    async def versions(self, position: VersionMark | None, prefix: str = "") -> VersionPage:
        """Return what up to 1,000 versions and delete markers after a position add up to."""

    async def head(self, key: str) -> Head | None:
        """Return what a look at the latest version shows, or None if there is no such document."""
