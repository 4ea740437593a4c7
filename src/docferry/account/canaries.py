"""Canaries: documents of docferry's own under reserved keys, put to prove something and removed again for good.

They are put only into buckets from which they can be removed without a trace, and are removed whatever happens:
on failure, and when the check is cut off. A run that was killed leaves some; the next one removes them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from docferry.account.denial import is_denied
from docferry.account.permissions import Asking, allow
from docferry.account.port import Account, Canary, CanaryBucket, Kind, Names, Tree
from docferry.account.rule import AccountRule
from docferry.account.tree import below_named, text
from docferry.bounded import ended
from docferry.domain.errors import DocferryError, InvalidInput, Retryable, ServiceError
from docferry.domain.reserved import PREFLIGHT, RESERVED
from docferry.preflight.finding import Outcome, Severity

CANARY = AccountRule(
    "account-canary",
    "A canary cannot be put, or was left",
    Severity.MEDIUM,
    "What only a canary proves stays unproved: writing, encryption, conditions, replication and events.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html",
)
RULES = (CANARY,)
AT_WORK_S = 300.0
"""Canaries that are younger may belong to another run that is at work."""
ERASE_WITHIN_S = 20.0
ABSENT = f"{RESERVED}preflight-absent"


@dataclass(frozen=True, slots=True)
class Nest:
    """One bucket as a place for canaries."""

    account: Account
    bucket: CanaryBucket
    names: Names
    asking: Asking

    def key(self, what: str) -> str:
        """Return the key of a canary that is put here: `written` or `copied`."""
        return f"{RESERVED}preflight-{self.names.side}-{what}"


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether canaries can be put and removed again, why not, and to which buckets they would be replicated."""

    outcomes: tuple[Outcome, ...] = ()
    replicas: frozenset[str] = frozenset()

    @property
    def fit(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.outcomes


async def fitness(nest: Nest, other: str, now: float) -> Fitness:
    """Look whether a canary would go without a trace; `other` is the bucket at the other side.

    What a run left that was killed long ago is removed.
    """
    subject = nest.names.bucket_named
    try:
        lasting, replicas = await _lasting(nest, other)
        if lasting:
            return Fitness((CANARY.undecided(subject, f"{lasting}, so none was put"),))
        await nest.bucket.erase(ABSENT, "null")
        found = await nest.bucket.canaries()
    except (InvalidInput, Retryable) as error:
        return Fitness((CANARY.undecided(subject, str(error)),))
    except ServiceError as error:
        refused = _unremovable(nest, error) if is_denied(error) else CANARY.undecided(subject, str(error))
        return Fitness((refused,))
    if any(now - one.at < AT_WORK_S for one in found):
        said = f"another run put some within the last {AT_WORK_S / 60:.0f} minutes: let it end, then try again"
        return Fitness((CANARY.undecided(subject, said),))
    return Fitness(tuple(await _erase(nest, found)), replicas)


async def _lasting(nest: Nest, other: str) -> tuple[str, frozenset[str]]:
    """Return why even a removed canary would last, and where it would be replicated to."""
    if text(await nest.account.bucket_setting("versioning"), "MfaDelete") == "Enabled":
        return "versions are removed with a second factor only (MFA delete)", frozenset()
    if text(await nest.account.bucket_setting("object-lock"), "Rule", "DefaultRetention", "Mode"):
        return "a default retention would keep a canary", frozenset()
    replicas = replicated_to(await nest.account.bucket_setting("replication"))
    third = sorted(replicas - {other})
    return (f"a replication rule would carry a canary on to {', '.join(third)}" if third else ""), replicas


def replicated_to(setting: Tree) -> frozenset[str]:
    """Return the buckets that a canary is replicated to: by each enabled rule that lets it through."""
    return frozenset(
        text(one, "Destination", "Bucket").rpartition(":")[2]
        for one in below_named(setting, "Rule")
        if text(one, "Status") == "Enabled" and _lets_through(one)
    )


def _lets_through(rule: Tree) -> bool:
    filters = list(below_named(rule, "Filter"))
    filters += [both for one in filters for both in below_named(one, "And")]
    prefixes = [text(one, "Prefix") for one in (rule, *filters)]
    tagged = any(list(below_named(one, "Tag")) for one in filters)
    return not tagged and any(all(key.startswith(one) for one in prefixes) for key in PREFLIGHT)


def _unremovable(nest: Nest, error: ServiceError) -> Outcome:
    bucket = nest.asking.arn(nest.names, Kind.BUCKET)
    erasing = allow("s3:DeleteObjectVersion", f"{bucket}/{RESERVED}*")
    looking = "s3:ListBucketVersions, s3:GetReplicationConfiguration and s3:GetBucketObjectLockConfiguration"
    return CANARY.undecided(
        nest.names.bucket_named,
        f"canaries could not be removed again, so none was put ({error}); {erasing}, and {looking} on {bucket}",
    )


@asynccontextmanager
async def putting(nests: Sequence[Nest], tell: Callable[[str], None], found: list[Outcome]) -> AsyncIterator[None]:
    """Remove every canary of these buckets at the end, whatever happened, and tell how many versions there were.

    What could not be removed is added to `found`.
    """
    try:
        yield
    finally:
        erasing = asyncio.ensure_future(_erase_all(nests, tell))
        try:
            # A second Ctrl-C must not leave anything behind either.
            await ended(erasing)
        finally:
            found += erasing.result()


async def _erase_all(nests: Sequence[Nest], tell: Callable[[str], None]) -> list[Outcome]:
    left: list[Outcome] = []
    for nest in nests:
        try:
            async with asyncio.timeout(ERASE_WITHIN_S):
                canaries = await nest.bucket.canaries()
                left += (wrong := await _erase(nest, canaries))
                count = len(canaries) - len(wrong)
                tell(f"canaries removed from {nest.names.bucket}: {count} version{'' if count == 1 else 's'}")
        except (DocferryError, TimeoutError) as error:
            left.append(_left(nest, "every key under .docferry/preflight-", str(error) or "no answer in time"))
    return left


async def _erase(nest: Nest, canaries: Sequence[Canary]) -> list[Outcome]:
    left: list[Outcome] = []
    for one in canaries:
        try:
            await nest.bucket.erase(one.key, one.version)
        except DocferryError as error:
            left.append(_left(nest, f"version {one.version} of {one.key}", str(error)))
    return left


def _left(nest: Nest, what: str, said: str) -> Outcome:
    at = f"--region {nest.names.region} --bucket {nest.names.bucket}"
    return CANARY.finding(
        nest.names.bucket_named,
        f"{what} could not be removed: {said}",
        fix=f"run docferry preflight --account again, or: aws s3api list-object-versions {at} "
        f"--prefix {RESERVED}preflight- and aws s3api delete-object {at} with each key and version id",
    )
