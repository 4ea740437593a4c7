"""Whether changes reach docferry: the tables' streams, and the buckets' notifications to the queues."""

from docferry.account.port import Account, Names, Tree
from docferry.account.rule import AccountRule
from docferry.account.tree import below_named, text, texts
from docferry.preflight.finding import Outcome, Severity

STREAM = AccountRule(
    "account-stream",
    "A table has no stream, or one of another kind",
    Severity.HIGH,
    "Changes to records are followed by the table's stream; without one they are missed. A global table needs one "
    "with both images.",
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html",
)
NOTIFICATIONS = AccountRule(
    "account-notifications",
    "Not all changes of a bucket reach the queue",
    Severity.HIGH,
    "What is written, deleted or tagged while the bucket does not say so is missed until the next validation.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html",
)
RULES = (STREAM, NOTIFICATIONS)
IMAGES = "NEW_AND_OLD_IMAGES"
NEEDED = ("ObjectCreated", "ObjectRemoved", "ObjectTagging", "LifecycleExpiration")


async def check_stream(account: Account, names: Names, *, native: bool) -> list[Outcome]:
    """Ask the table. With `native` replication only a stream with both images will do."""
    stream = (await account.table(names.table)).described.get("StreamSpecification") or {}
    view = stream.get("StreamViewType", "") if stream.get("StreamEnabled") else ""
    if view == IMAGES:
        return []
    specification = f"StreamEnabled=true,StreamViewType={IMAGES}"
    command = f"aws dynamodb update-table --region {names.region} --table-name {names.table}"
    fix = f"{command} --stream-specification {specification}"
    if not view:
        return [STREAM.finding(names.table_named(names.table), "it has no stream", fix=fix)]
    # A stream's kind cannot be changed, only a new stream made, and changes in between are in neither.
    said = f"its stream is {view}: enough for docferry's engine, but a global table needs {IMAGES}"
    fix = f"before the migration starts: disable the stream, then {fix}"
    severity = Severity.HIGH if native else Severity.MEDIUM
    return [STREAM.finding(names.table_named(names.table), said, fix=fix, severity=severity)]


async def check_notifications(account: Account, names: Names) -> list[Outcome]:
    """Ask the bucket which events it tells the queue of, unfiltered."""
    setting = await account.bucket_setting("notification")
    if "EventBridgeConfiguration" in setting:
        # The rule that leads on to the queue is out of sight of the bucket; the event of a canary proves it.
        return []
    told = _told(setting, names.queue)
    missing = [one for one in NEEDED if one not in told]
    if not missing:
        return []
    events = ", ".join(f"s3:{one}:*" for one in missing)
    return [
        NOTIFICATIONS.finding(
            names.bucket_named,
            f"it does not notify {names.queue} of {events}, or not of every key",
            fix=f"notify the queue, unfiltered, of {', '.join(f's3:{one}:*' for one in NEEDED)}",
        )
    ]


def _told(setting: Tree, queue: str) -> set[str]:
    to_queue = [
        one
        for one in below_named(setting, "QueueConfiguration")
        if text(one, "Queue").endswith(f":{queue}") and not any(below_named(one, "Filter"))
    ]
    events = {event for one in to_queue for event in texts(one, "Event")}
    return {kind for kind in NEEDED if f"s3:{kind}:*" in events}
