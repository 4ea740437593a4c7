"""Faults at the stores: conditions that are not sent, and answers that are believed."""

from tests.mutants.mutant import Fault, Mutant

_DOCUMENTS, _RECORDS, _S3 = "tests/contract/test_documents.py", "tests/contract/test_records.py", "aws/s3.py"
_DYNAMODB = "aws/dynamodb.py"

MUTANTS = (
    Mutant(
        "copy whatever the source is now",
        "a version that nobody has compared is taken for the one that was",
        (
            Fault(
                _S3,
                '            "x-amz-copy-source-if-match": f\'"{source.etag}"\',\n'
                '            "x-amz-storage-class"',
                '            "x-amz-storage-class"',
            ),
        ),
        (f"{_DOCUMENTS}::test_a_source_overwritten_since_the_look_is_not_copied",),
    ),
    Mutant(
        "copy over whatever the target holds",
        "what somebody wrote at the target since the look",
        (
            Fault(
                _S3,
                '            "x-amz-storage-class": source.storage_class,\n'
                "            **on_condition(expected),\n",
                '            "x-amz-storage-class": source.storage_class,\n',
            ),
        ),
        (f"{_DOCUMENTS}::test_a_target_that_is_another_than_the_one_looked_at_is_not_written_over",),
    ),
    Mutant(
        "remove whatever the target holds",
        "a document that was written at the target since the look",
        (Fault(_S3, "headers=on_condition(expected), guard=self._guard))", "headers={}, guard=self._guard))"),),
        (f"{_DOCUMENTS}::test_a_removal_on_a_stale_look_is_refused",),
    ),
    Mutant(
        "a missing bucket is a missing document",
        "every document at the target, where the source's bucket cannot be found",
        (
            Fault(
                _S3,
                "            await self._refuse_missing_bucket()\n            if error.status",
                "            if error.status",
            ),
        ),
        ("tests/integration/test_s3_parts.py::test_a_missing_bucket_is_never_taken_for_a_deleted_document",),
    ),
    Mutant(
        "an upload in parts is completed on no condition",
        "what somebody wrote at the target while a large document was copied",
        (
            Fault(
                "aws/s3_parts.py",
                "            headers=condition,\n            body=s3_xml.completion",
                "            headers={},\n            body=s3_xml.completion",
            ),
        ),
        ("tests/unit/aws/test_s3_parts.py",),
    ),
    Mutant(
        "an upload in parts is completed whatever became of the source",
        "a tombstone: a document that was deleted while its parts were copied, by a completion without an answer",
        (Fault("aws/s3_parts.py", "        await unchanged()\n", ""),),
        ("tests/unit/aws/test_s3_parts.py",),
        quick=True,
    ),
    Mutant(
        "parts of whatever the source is now",
        "a document of parts of two versions, whole to look at",
        (
            Fault(
                "aws/s3_parts.py",
                '                "x-amz-copy-source-if-match": f\'"{self.source.etag}"\',\n',
                "",
            ),
        ),
        ("tests/unit/aws/test_s3_parts.py",),
    ),
    Mutant(
        "an empty page is the end of a listing",
        "every document behind a page that S3 sends empty: none is brought, compared, or found missing",
        (Fault(_S3, "if rows or not found.more:", "if True:"),),
        ("tests/unit/aws/test_s3.py",),
    ),
    Mutant(
        "put a record on no condition",
        "what somebody wrote to that record at the target since the look",
        (Fault(_DYNAMODB, '{"Item": item, **unchanged(schema, expected)}', '{"Item": item}'),),
        (f"{_RECORDS}::test_a_write_on_a_stale_look_is_refused_and_changes_nothing",),
    ),
    Mutant(
        "delete a record on no condition",
        "a record that was written at the target since the look",
        (Fault(_DYNAMODB, '{"Key": key, **unchanged(schema, expected)}', '{"Key": key}'),),
        (f"{_RECORDS}::test_a_write_on_a_stale_look_is_refused_and_changes_nothing",),
    ),
    Mutant(
        "the condition names the key alone",
        "every attribute that somebody changed in a record since the look",
        (Fault(_DYNAMODB, "list(expected)[:CONDITION_ATTRIBUTES]", "list(expected)[:1]"),),
        (f"{_RECORDS}::test_a_write_on_a_stale_look_is_refused_and_changes_nothing",),
    ),
    Mutant(
        "records that a batch left out are absent",
        "records that are there count as deleted, and are deleted at the target",
        (Fault(_DYNAMODB, 'pending = answer.get("UnprocessedKeys") or {}', "pending = {}"),),
        ("tests/unit/aws/test_dynamodb.py",),
        quick=True,
    ),
    Mutant(
        "notes that a batch left out are noted",
        "keys of the journal: what was written there is compared by nobody before the target opens",
        (Fault(_DYNAMODB, 'pending = answer.get("UnprocessedItems") or {}', "pending = {}"),),
        ("tests/unit/aws/test_dynamodb.py", "tests/unit/aws/test_journal.py", "tests/contract/test_journal.py"),
    ),
    Mutant(
        "a shard of the journal is never read",
        "one in sixteen of the keys that were written around a switch",
        (Fault("aws/journal.py", "for shard in range(SHARDS)}", "for shard in range(SHARDS - 1)}"),),
        ("tests/unit/aws/test_journal.py",),
        quick=True,
    ),
    Mutant(
        "the journal ends with its first page",
        "the keys on every further page of the journal",
        (
            Fault(
                "aws/journal.py",
                "at = {shard: page.position for shard, page in pages.items() if page.position}",
                "at = {}",
            ),
        ),
        ("tests/unit/aws/test_journal.py",),
    ),
    Mutant(
        "the lease is asked once and not before each attempt",
        "what applications wrote in a region by the time a write was tried again there",
        (Fault("aws/http.py", "middlewares=(self._under(guard),) if guard else (),", "middlewares=(),"),),
        ("tests/unit/aws/test_http.py",),
    ),
    Mutant(
        "a request that nobody waits for is not under way",
        "what lands after a lease was given back, in a region that has been opened",
        (Fault("aws/http.py", "        self._in_flight.add(task)\n", ""),),
        ("tests/unit/aws/test_http.py",),
    ),
    Mutant(
        "an error inside a 200 is a copy",
        "a document that S3 failed to copy counts as carried",
        (Fault("aws/http.py", "if refuse_error_body and s3_xml.is_error(answer.body):", "if False:"),),
        ("tests/unit/aws/test_http.py",),
    ),
    Mutant(
        "a message that nobody understands is no change",
        "what that message told of: it is taken off",
        (
            Fault(
                "aws/queue_feed.py", "return Delivery(receipt, unreadable=str(error))", "return Delivery(receipt)"
            ),
        ),
        ("tests/contract/test_feeds.py",),
    ),
    Mutant(
        "a stream goes on behind what was not taken off",
        "changes of records that could not be carried at once",
        (
            Fault(
                "aws/stream_feed.py",
                "            self._iterators.pop(shard, None)\n        self._given",
                "            pass\n        self._given",
            ),
        ),
        ("tests/contract/test_feeds.py",),
    ),
    Mutant(
        "a stream that has forgotten changes is read on",
        "every change that was trimmed before it was read",
        (
            Fault(
                "aws/stream_feed.py",
                "if any(at != _CLOSED and shard not in shards for shard, at in self._positions.items()):",
                "if False:",
            ),
        ),
        (
            "tests/contract/test_feeds.py::test_a_shard_that_is_gone_before_it_was_read_to_its_end_counts_as_lost_changes",
        ),
    ),
)
