"""An in-memory account: settings as given, permissions taken away by name, canaries in version stacks."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from docferry.account.port import Canary, Heard, Held, Names, Need, Quota, TableSettings, Tree
from docferry.domain.change import DocumentChange
from docferry.domain.errors import Conflict, DocferryError, InvalidInput, ServiceError
from docferry.ports import Clock

WHO = "arn:aws:sts::000000000000:assumed-role/operator/test"


def denied(action: str, resource: str = "") -> ServiceError:
    """Return the refusal of an action as AWS words it."""
    on = f' on resource: "{resource}"' if resource else ""
    said = f"User: {WHO} is not authorized to perform: {action}{on} because no identity-based policy allows it"
    return ServiceError(f"request: AccessDenied: {said}", code="AccessDenied", status=403)


def named(side: str) -> Names:
    """Return the names of a side of the fake."""
    region = "us-east-1" if side == "source" else "eu-west-1"
    return Names(
        side=side,
        region=region,
        bucket=f"{side}-documents",
        table=f"{side}-records",
        control_table=f"{side}-control",
        conflicts_table=f"{side}-conflicts",
        journal_table=f"{side}-journal",
        queue=f"{side}-changes",
    )


def settings_of(names: Names) -> dict[str, Tree]:
    """Return the settings of a bucket that is as it should be."""
    events = [f"s3:{one}:*" for one in ("ObjectCreated", "ObjectRemoved", "ObjectTagging", "LifecycleExpiration")]
    queue = f"arn:aws:sqs:{names.region}:000000000000:{names.queue}"
    return {
        "versioning": {"Status": ["Enabled"]},
        "notification": {"QueueConfiguration": [{"Queue": [queue], "Event": events}]},
    }


def table_of(key: str = "id") -> dict[str, Any]:
    """Return the description of a table of records that is as it should be."""
    return {
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "LatestStreamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1",
    }


@dataclass
class MemoryAccount:
    """The `Account` port over what it is given.

    `denied` are actions, `absent` names of what is not there, `settings` the bucket's, `failing` is by service.
    """

    names: Names
    settings: dict[str, Tree] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    ttl: str | None = ""
    denied: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    failing: dict[str, DocferryError] = field(default_factory=dict)
    ahead_s: float = 0.0
    dead_letters: bool = True
    quota: Quota = field(default_factory=lambda: Quota(1000, 0))
    tried: list[Need] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = {**settings_of(self.names), **self.settings}
        self.tables = {self.names.table: table_of(), **self.tables}

    async def heard(self, service: str) -> Heard:
        """Return the same of every service."""
        if service in self.failing:
            raise self.failing[service]
        return Heard(self.ahead_s, WHO if service == "sts" else "")

    async def bucket_setting(self, name: str) -> Tree:
        """Return a setting as given."""
        if self.names.bucket in self.absent:
            raise InvalidInput("NoSuchBucket")
        self._refuse(f"s3:Get-{name}")
        return self.settings.get(name, {})

    async def table(self, name: str) -> TableSettings:
        """Return a description as given."""
        if name in self.absent:
            raise InvalidInput("ResourceNotFoundException")
        self._refuse("dynamodb:DescribeTable")
        return TableSettings(self.tables.get(name, table_of()), self.ttl)

    async def queue(self) -> Mapping[str, str]:
        """Return what a queue with a dead-letter queue says."""
        if self.names.queue in self.absent:
            raise InvalidInput("QueueDoesNotExist")
        self._refuse("sqs:GetQueueAttributes")
        dead = f'{{"deadLetterTargetArn": "arn:aws:sqs:{self.names.region}:000000000000:{self.names.queue}-dead"}}'
        return {"RedrivePolicy": dead} if self.dead_letters else {}

    async def attempt(self, need: Need) -> None:
        """Refuse what was taken away."""
        self.tried.append(need)
        self._refuse(need.action)

    async def concurrency(self) -> Quota:
        """Return the quota as given."""
        self._refuse("lambda:GetAccountSettings")
        return self.quota

    def _refuse(self, action: str) -> None:
        if action in self.denied:
            raise denied(action)


@dataclass(frozen=True)
class _Version:
    version: str
    body: bytes | None
    at: float


class MemoryCanaries:
    """The `CanaryBucket` port over version stacks. `events` is told of every version that is put.

    What may go wrong is set from outside: `conditions` says whether those of a put, a copy and a deletion are
    judged, `refusals` holds an error for an operation by name, `replicas` are told of every put.
    """

    def __init__(self, clock: Clock, numbers: "itertools.count[int] | None" = None) -> None:
        self._clock = clock
        self._numbers = numbers or itertools.count(1)
        self.stacks: dict[str, list[_Version]] = {}
        self.other: MemoryCanaries | None = None
        self.conditions = True
        self.refusals: dict[str, DocferryError] = {}
        self.replication = ""
        self.events: Callable[[DocumentChange], None] = lambda change: None
        self.replicas: Callable[[str, bytes], None] = lambda key, body: None

    async def put(self, key: str, body: bytes, *, if_absent: bool = False) -> str:
        """Push a version."""
        self._refuse("put")
        self._judge(if_absent and self._latest(key) is not None)
        version = self.push(key, body)
        self.replicas(key, body)
        return version

    def push(self, key: str, body: bytes | None, at: float | None = None) -> str:
        """Push a version, or a delete marker, as anybody does."""
        version = f"v{next(self._numbers)}"
        self.stacks.setdefault(key, []).append(_Version(version, body, self._clock.now() if at is None else at))
        self.events(DocumentChange(key, version if body is not None else ""))
        return version

    async def get(self, key: str) -> Held | None:
        """Return the latest version."""
        self._refuse("get")
        body = self._latest(key)
        return None if body is None else Held(body, self.replication)

    async def copy(self, key: str, *, if_absent: bool = False) -> None:
        """Push what the other side holds."""
        self._refuse("copy")
        assert self.other
        self._judge(if_absent and self._latest(key) is not None)
        body = self.other._latest(key)
        if body is None:
            raise ServiceError("NoSuchKey", code="NoSuchKey", status=404)
        self.push(key, body)

    async def remove_other(self, key: str) -> None:
        """Refuse, or push a delete marker where conditions are ignored."""
        self._refuse("remove")
        self._judge(True)
        self.push(key, None)

    async def canaries(self) -> tuple[Canary, ...]:
        """Return everything."""
        self._refuse("canaries")
        return tuple(Canary(key, one.version, one.at) for key, stack in self.stacks.items() for one in stack)

    async def erase(self, key: str, version: str) -> None:
        """Remove one version."""
        self._refuse("erase")
        kept = [one for one in self.stacks.pop(key, []) if one.version != version]
        if kept:
            self.stacks[key] = kept

    def _latest(self, key: str) -> bytes | None:
        stack = self.stacks.get(key)
        return stack[-1].body if stack else None

    def _judge(self, broken: bool) -> None:
        if broken and self.conditions:
            raise Conflict("the condition does not hold")

    def _refuse(self, operation: str) -> None:
        if operation in self.refusals:
            raise self.refusals[operation]


class MemoryEvents:
    """The `EventQueue` port over a list of changes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.changes: list[DocumentChange] = []
        self.given_back = 0
        self.others = 0

    async def waiting(self) -> int:
        """Return how many changes there are."""
        return len(self.changes) + self.others

    async def take(self, change: DocumentChange, wait_s: float) -> bool:
        """Take all off, and wait if there was nothing."""
        found = change in self.changes
        self.changes.clear()
        if not found:
            await self._clock.sleep(wait_s)
        return found

    async def give_back(self) -> None:
        """Count that it was asked for."""
        self.given_back += 1
