"""Whether S3 replication, where there is a rule, really replicates, and how fast."""

from collections.abc import Callable

from docferry.account.canaries import Nest
from docferry.account.rule import AccountRule
from docferry.ports import Clock
from docferry.preflight.finding import Outcome, Severity

REPLICATION = AccountRule(
    "account-replication",
    "A replication rule does not replicate",
    Severity.MEDIUM,
    "A broken rule is silent: documents stay behind, and nothing says so. docferry's engine carries everything "
    "itself and does not rely on the rule; native replication has nothing else.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-status.html",
)
RULES = (REPLICATION,)
LOOK_EVERY_S = 0.5
FAILED = "FAILED"


async def check(
    origin: Nest,
    end: Nest,
    body: bytes,
    clock: Clock,
    within_s: float,
    *,
    native: bool,
    tell: Callable[[str], None],
) -> list[Outcome]:
    """Put a canary where there is a rule to the other side, and wait until it is there."""
    key = origin.key("written")
    way = f"{origin.names.bucket} to {end.names.bucket}"
    await origin.bucket.put(key, body)
    began = clock.monotonic()
    while True:
        held = await end.bucket.get(key)
        took_s = clock.monotonic() - began
        if held and held.body == body:
            tell(f"replication from {way} took {took_s:.1f} s")
            return []
        status = await origin.bucket.get(key)
        if status and status.replication == FAILED:
            return [_failed(origin, f"S3 says that the replication of a canary from {way} failed", native=native)]
        if took_s >= within_s:
            said = f"no canary came from {way} within {within_s:.0f} s; S3 promises 15 minutes at best"
            return [REPLICATION.undecided(origin.names.bucket_named, said)]
        await clock.sleep(LOOK_EVERY_S)


def _failed(origin: Nest, said: str, *, native: bool) -> Outcome:
    return REPLICATION.finding(
        origin.names.bucket_named,
        said,
        fix="look at the rule's role, the keys that it may use, the versioning and the policy of the destination",
        severity=Severity.HIGH if native else None,
    )
