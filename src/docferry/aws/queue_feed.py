"""The change feed of a bucket: S3 notifications on an SQS queue, straight or through EventBridge."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson

from docferry.aws.http import AwsClient
from docferry.bounded import each
from docferry.domain.change import document_changes
from docferry.domain.errors import InvalidInput
from docferry.ports import Delivery, Pending

API = "AmazonSQS."
MESSAGES_A_REQUEST = 10
AT_ONCE = 8
T = TypeVar("T")
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")


class QueueFeed:
    """The `ChangeFeed` port over one queue. What is not taken off comes again when its visibility ends.

    SQS only ever approximates what is left on a queue
    (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html).
    """

    def __init__(self, client: AwsClient, queue: str, *, visibility_s: int = 30) -> None:
        self._client = client
        self._queue = queue
        self._visibility_s = visibility_s
        self._urls: dict[str, str] = {}

    async def receive(self, wait_s: float) -> tuple[Delivery, ...]:
        """Return up to 80 messages; only an empty queue is waited for."""
        messages = await self._receive(wait_s)
        if len(messages) == MESSAGES_A_REQUEST:
            for more in await asyncio.gather(*(self._receive(0) for _ in range(AT_ONCE - 1))):
                messages += more
        return tuple(
            delivery(one["ReceiptHandle"], one["Body"], one["Attributes"]["SentTimestamp"]) for one in messages
        )

    async def take_off(self, deliveries: Sequence[Delivery]) -> None:
        """Delete messages. One that fails to be deleted comes again, which does no harm."""
        # Side by side, as they are received: a backfill's echoes come by the thousand.
        await each(_batches(deliveries), self._delete, asyncio.Semaphore(AT_ONCE))

    async def _delete(self, batch: Sequence[Delivery]) -> None:
        entries = [{"Id": str(n), "ReceiptHandle": one.receipt} for n, one in enumerate(batch)]
        await self._call("DeleteMessageBatch", {"Entries": entries})

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Show messages again at once. One that fails to be shown is when its visibility ends."""
        await self.hide([one.receipt for one in deliveries], 0)

    async def hide(self, receipts: Sequence[str], seconds: int) -> None:
        """Hide messages for so many seconds from now on, be it for less than until now."""

        async def hide(batch: Sequence[str]) -> None:
            hidden = {"VisibilityTimeout": seconds}
            entries = [{"Id": str(n), "ReceiptHandle": one, **hidden} for n, one in enumerate(batch)]
            await self._call("ChangeMessageVisibilityBatch", {"Entries": entries})

        await each(_batches(receipts), hide, asyncio.Semaphore(AT_ONCE))

    async def pending(self) -> Pending:
        """Return the queue's own counts, and those of its dead-letter queue if it has one."""
        held = await self._attributes(self._queue)
        redrive = orjson.loads(held.get("RedrivePolicy") or "{}")
        dead = 0
        if redrive:
            queue = redrive["deadLetterTargetArn"].rpartition(":")[2]
            dead = int((await self._attributes(queue))["ApproximateNumberOfMessages"])
        in_flight = int(held["ApproximateNumberOfMessagesNotVisible"])
        return Pending(sum(int(held[name]) for name in _COUNTS), in_flight, dead)

    async def retention_s(self) -> float:
        """Return the queue's message retention period."""
        return float((await self._attributes(self._queue))["MessageRetentionPeriod"])

    async def _receive(self, wait_s: float) -> list[dict[str, Any]]:
        answer = await self._call(
            "ReceiveMessage",
            {
                "MaxNumberOfMessages": MESSAGES_A_REQUEST,
                "WaitTimeSeconds": round(wait_s),
                "VisibilityTimeout": self._visibility_s,
                "AttributeNames": ["SentTimestamp"],
            },
        )
        messages: list[dict[str, Any]] = answer.get("Messages") or []
        return messages

    async def _attributes(self, queue: str) -> dict[str, str]:
        answer = await self._call("GetQueueAttributes", {"AttributeNames": ["All"]}, queue)
        held: dict[str, str] = answer["Attributes"]
        return held

    async def _call(self, operation: str, fields: Mapping[str, Any], queue: str = "") -> dict[str, Any]:
        url = await self._url(queue or self._queue)
        return await self._client.json("sqs", API + operation, {"QueueUrl": url, **fields})

    async def _url(self, queue: str) -> str:
        if queue not in self._urls:
            try:
                answer = await self._client.json("sqs", API + "GetQueueUrl", {"QueueName": queue})
            except InvalidInput as error:
                raise InvalidInput(
                    f"there is no queue {queue!r} in that region and account",
                    hint="correct the name, the region or the profile in docferry.toml",
                ) from error
            self._urls[queue] = answer["QueueUrl"]
        return self._urls[queue]


def _batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + MESSAGES_A_REQUEST] for start in range(0, len(items), MESSAGES_A_REQUEST)]


def delivery(receipt: str, text: str, sent_ms: str) -> Delivery:
    """Read one message of a change queue; what cannot be read says so, and is to stay on the queue."""
    try:
        body = orjson.loads(text)
        if not isinstance(body, dict):
            raise InvalidInput("a message on the change queue is no S3 event; it stays on the queue")
        changes = document_changes(body)
    except (orjson.JSONDecodeError, InvalidInput) as error:
        return Delivery(receipt, unreadable=str(error))
    return Delivery(receipt, documents=changes, at=int(sent_ms) / 1000)
