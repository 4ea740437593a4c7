"""Whether documents can be written, read and copied under the buckets' encryption, and on conditions."""

from collections.abc import Awaitable, Callable, Mapping

from docferry.account.canaries import Nest
from docferry.account.denial import denied_action
from docferry.account.permissions import allow
from docferry.account.port import Held, Kind
from docferry.account.rule import AccountRule
from docferry.domain.errors import Conflict, ServiceError
from docferry.domain.reserved import RESERVED
from docferry.preflight.finding import Outcome, Severity

ENCRYPTION = AccountRule(
    "account-encryption",
    "A document cannot be written, read or copied under the bucket's encryption",
    Severity.HIGH,
    "Every document that is copied meets the same refusal. Where it is the key's, no policy of S3 helps.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
)
CONDITIONS = AccountRule(
    "account-conditional-writes",
    "The store ignores conditions on writes",
    Severity.MEDIUM,
    "docferry writes on condition that the target is still what it looked at. Where a store ignores that, only a "
    "look right before and a confirm right after are left: a write in between could be written over unkept.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html",
)
RULES = (ENCRYPTION, CONDITIONS)


async def check(nest: Nest, body: bytes) -> list[Outcome]:
    """Put a canary, read it back, and see whether writes on a condition that does not hold are refused."""
    key, bucket = nest.key("written"), nest.bucket
    try:
        await bucket.put(key, body)
        held = await bucket.get(key)
    except ServiceError as error:
        return [_refused(nest, error)]
    if not _same(held, body):
        return [_changed(nest, "what was read back of a canary is not what was put")]
    return await _ignored(
        nest,
        {
            "PutObject with If-None-Match": lambda: bucket.put(key, body, if_absent=True),
            "DeleteObject with If-Match": lambda: bucket.remove_other(key),
        },
    )


async def check_copy(origin: Nest, end: Nest, body: bytes) -> list[Outcome]:
    """Put a canary at one side, copy it to the other, read it there, and copy it again on a condition."""
    key, bucket = origin.key("copied"), end.bucket
    try:
        await origin.bucket.put(key, body)
    except ServiceError as error:
        return [_refused(origin, error)]
    try:
        await bucket.copy(key)
        held = await bucket.get(key)
    except ServiceError as error:
        return [_refused(end, error)]
    if not _same(held, body):
        return [_changed(end, f"what was copied of a canary from {origin.names.bucket} is not what was put there")]
    return await _ignored(end, {"CopyObject with If-None-Match": lambda: bucket.copy(key, if_absent=True)})


def _same(held: Held | None, body: bytes) -> bool:
    return held is not None and held.body == body


def _refused(nest: Nest, error: ServiceError) -> Outcome:
    action, resource = denied_action(error)
    if action.startswith("kms:"):
        fix = f"{allow(action, resource or '(the key)')}, in the policy of the key too, and see that it is enabled"
    elif action:
        fix = allow(action, resource or f"{nest.asking.arn(nest.names, Kind.BUCKET)}/{RESERVED}*")
    else:
        fix = "see what AWS says: the bucket's default encryption, the key's state and policy, the bucket's policy"
    return ENCRYPTION.finding(nest.names.bucket_named, f"a canary was refused: {error}", fix=fix)


def _changed(nest: Nest, said: str) -> Outcome:
    return ENCRYPTION.finding(
        nest.names.bucket_named, said, fix=f"look for what else writes under {RESERVED} there"
    )


async def _ignored(nest: Nest, attempts: Mapping[str, Callable[[], Awaitable[object]]]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for name, attempt in attempts.items():
        try:
            await attempt()
        except Conflict:
            continue
        except ServiceError as error:
            outcomes.append(CONDITIONS.undecided(nest.names.bucket_named, f"{name} could not be tried: {error}"))
            continue
        outcomes.append(
            CONDITIONS.finding(
                nest.names.bucket_named,
                f"{name} went through although the condition did not hold",
                fix="stop what else writes to the target until the cutover, or use a store that judges conditions",
            )
        )
    return outcomes
