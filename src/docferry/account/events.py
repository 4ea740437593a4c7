"""Whether the event of a document really arrives on the queue."""

from docferry.account.canaries import Nest
from docferry.account.port import EventQueue
from docferry.account.rule import AccountRule
from docferry.domain.change import DocumentChange
from docferry.ports import Clock
from docferry.preflight.finding import Outcome, Severity

EVENT = AccountRule(
    "account-event",
    "The event of a canary did not arrive",
    Severity.MEDIUM,
    "Changes are followed by their events. Where those are lost on the way, by the queue's policy or its key, "
    "changes are missed until the next validation.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html",
)
RULES = (EVENT,)
MANY = 200
"""So many messages hide one: a queue gives them out in no order."""
RECEIVE_S = 2.0


async def check(nest: Nest, queue: EventQueue, body: bytes, clock: Clock, within_s: float) -> list[Outcome]:
    """Put a canary and look for its event. Nobody else may take from the queue meanwhile."""
    waiting = await queue.waiting()
    if waiting > MANY:
        said = f"{waiting} messages wait, among which the event of a canary would not be found"
        return [EVENT.undecided(nest.names.queue_named, said)]
    key = nest.key("written")
    version = await nest.bucket.put(key, body)
    deadline = clock.monotonic() + within_s
    try:
        while not await queue.take(DocumentChange(key, version), RECEIVE_S):
            if clock.monotonic() >= deadline:
                return [_lost(nest, within_s)]
    finally:
        await queue.give_back()
    return []


def _lost(nest: Nest, within_s: float) -> Outcome:
    return EVENT.finding(
        nest.names.queue_named,
        f"the event of a canary in {nest.names.bucket} did not come within {within_s:.0f} s",
        fix="see that the queue's policy lets s3.amazonaws.com send from that bucket, that its key, if any, lets "
        "S3 use it, and that nobody else takes from it",
    )
