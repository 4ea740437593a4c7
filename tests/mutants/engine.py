"""Faults of the engine: look, copy, confirm; the feeds; backfill and validation; what the ledger remembers."""

from tests.mutants.mutant import Fault, Mutant

_APPLY, _FOLLOW = "stages/apply.py", "stages/follow.py"
_TEST_APPLY, _TEST_FOLLOW = "tests/unit/stages/test_apply.py", "tests/unit/stages/test_follow.py"

MUTANTS = (
    Mutant(
        "a document is not confirmed",
        "what was written at the source between look and copy, where its event came before",
        (Fault(_APPLY, "if await sides.source.look(key) == source:", "if True:"),),
        (_TEST_APPLY,),
        quick=True,
    ),
    Mutant(
        "a record is not confirmed",
        "what was written to a record at the source between look and put",
        (Fault(_APPLY, "if same(await sides.source.get(key), source):", "if True:"),),
        (f"{_TEST_APPLY}::test_what_changes_between_look_and_write_is_carried_as_well",),
    ),
    Mutant(
        "what others wrote is not kept",
        "documents at the target that docferry did not write: written over, and listed nowhere",
        (Fault(_APPLY, "await sides.provenance.keep(Kind.DOCUMENT, Mark(key, target.version), None)", "pass"),),
        (_TEST_APPLY,),
    ),
    Mutant(
        "records of others are not kept",
        "records at the target that docferry did not write, whose state is nowhere else",
        (Fault(_APPLY, "await sides.provenance.keep(Kind.RECORD, mark, target)", "pass"),),
        (_TEST_APPLY,),
    ),
    Mutant(
        "deletions are not carried",
        "a tombstone: what was deleted at the source comes back with the cutover",
        (Fault(_APPLY, "        await sides.target.remove(key, target)\n", ""),),
        (_TEST_APPLY,),
    ),
    Mutant(
        "documents are written without leave",
        "what applications write in a region that a runner should have left",
        (Fault(_APPLY, "    sides.permit.check()\n    written = await", "    written = await"),),
        (_TEST_APPLY,),
    ),
    Mutant(
        "taken off though it could not be carried",
        "a change whose key could not be reached just then",
        (Fault(_FOLLOW, "elif failed and failed & {", "elif False and failed & {"),),
        (_TEST_FOLLOW,),
        quick=True,
    ),
    Mutant(
        "a round that asked nothing found nothing",
        "what came since a round that failed, where a switch asks whether the feeds are drained",
        (Fault(_FOLLOW, "came = any(inbox.held for inbox in self.inboxes)", "came = False"),),
        ("tests/unit/stages/test_inbox.py",),
    ),
    Mutant(
        "taken off before it is applied",
        "changes of a runner that dies in the middle of a round",
        (
            Fault(
                _FOLLOW,
                "        failed = await self._carry_documents(at_source, at_target)\n",
                "        await self.feeds.source_documents.take_off(at_source)\n"
                "        failed = await self._carry_documents(at_source, at_target)\n",
            ),
        ),
        (_TEST_FOLLOW, "tests/unit/test_workflow.py"),
    ),
    Mutant(
        "whatever happens at the target is an echo",
        "what others write to the passive side stays there, and is served after the cutover",
        (Fault(_FOLLOW, "if marks.get(change) not in ours]", "if False]"),),
        (_TEST_FOLLOW,),
    ),
    Mutant(
        "removals at the target are echoes",
        "documents that somebody removed from the passive side",
        (
            Fault(
                _FOLLOW, "if marks.get(change) not in ours]", "if change in marks and marks[change] not in ours]"
            ),
        ),
        (_TEST_FOLLOW,),
    ),
    Mutant(
        "changes that have expired are nothing to stop for",
        "every change that a queue has dropped unread",
        (Fault(_FOLLOW, "if self.clock.now() - oldest > self.expiry_s:", "if False:"),),
        (_TEST_FOLLOW,),
    ),
    Mutant(
        "what was written is noted nowhere",
        "keys that a runner wrote since the last validation: no switch looks at them",
        (Fault(_FOLLOW, "if self.dirty and self.written:", "if False:"),),
        ("tests/unit/workers/test_cut_off.py",),
    ),
    Mutant(
        "what was cut off is noted nowhere",
        "a record deleted at the source between put and confirm of a worker that was cut off",
        (Fault("workflow.py", "    if not follow.unfinished:\n        return\n", "    return\n"),),
        ("tests/unit/workers/test_cut_off.py",),
    ),
    Mutant(
        "a key that cannot be reached is a key that was carried",
        "a refused key, forgotten at the first try that fails on something else",
        (
            Fault(
                "stuck.py",
                "            except (Retryable, Conflict):\n                continue\n",
                "            except (Retryable, Conflict):\n                await self._change(one, keep=False)\n",
            ),
        ),
        ("tests/unit/test_stuck.py",),
        quick=True,
    ),
    Mutant(
        "a refused key is not noted",
        "a key that AWS refuses: taken off its feed, and the switch does not know",
        (Fault("stuck.py", "            await self._note(kind, key, str(error))\n", ""),),
        ("tests/unit/test_stuck.py",),
    ),
    Mutant(
        "a range counts before it is done",
        "the documents of a range that a runner died in: its checkpoint says they are there",
        (
            Fault(
                "bounded.py",
                "        result = await task\n        in_flight.popleft()\n        await complete(item, result)\n",
                "        await complete(item, None)\n        result = await task\n        in_flight.popleft()\n",
            ),
        ),
        ("tests/unit/test_bounded.py", "tests/unit/stages/test_backfill.py"),
        quick=True,
    ),
    Mutant(
        "backfill is not confirmed",
        "a document that changed while it was copied, if its event was heard before",
        (
            Fault(
                "stages/backfill.py",
                "            await self._confirm(stretch, {mark.key for mark in marks})\n",
                "",
            ),
        ),
        ("tests/unit/stages/test_backfill.py",),
    ),
    Mutant(
        "the backfill of records is not confirmed",
        "a record that was deleted while it was put",
        (Fault("stages/backfill_records.py", "            await self._confirm(schema, missing)\n", ""),),
        ("tests/unit/stages/test_backfill_records.py",),
    ),
    Mutant(
        "a backfill of records that was cut off leaves what is left over",
        "a tombstone: a record deleted between put and confirm of a runner that died",
        (Fault("stages/backfill_records.py", 'entry["resumed"] = True', "pass"),),
        ("tests/unit/stages/test_backfill_records.py", "tests/unit/workers/test_cut_off.py"),
    ),
    Mutant(
        "a walk skips what was only at the target",
        "a tombstone: documents deleted at the source are found by no walk",
        (Fault("march.py", "    if at_target:\n", "    if False:\n"),),
        ("tests/unit/stages/validate/test_walk.py",),
    ),
    Mutant(
        "a validation that goes on skips a stretch",
        "differences in what was under way when the run before was cut off",
        (
            Fault(
                "stages/validate/walk.py",
                "        # In key order, whichever ends first: everything up to `after` is compared.\n",
                '        self.entry["after"] = stretch.through\n'
                "        await self.run.checkpoint.save(self.entry)\n",
            ),
        ),
        (
            "tests/unit/stages/validate/test_walk.py::test_killed_at_any_write_of_the_ledger_and_resumed_it_reports_each_difference_once",
        ),
    ),
    Mutant(
        "a difference that may pass has passed",
        "every difference of a validation: it is looked at once, and forgotten",
        (Fault("stages/validate/settled.py", "if look.diff is None or key in found:", "if True:"),),
        ("tests/unit/stages/validate/test_walk.py",),
    ),
    Mutant(
        "any ETag is a digest",
        "bytes that differ under an encryption whose ETags are no digests",
        (
            Fault(
                "domain/document.py",
                "same_etag(one.etag, other.etag) if digests else Sameness.UNKNOWN",
                "same_etag(one.etag, other.etag)",
            ),
        ),
        ("tests/unit/domain/test_document.py",),
        quick=True,
    ),
    Mutant(
        "a checksum of parts is one of the whole",
        "bytes that differ: equal parts in other places, and other checksums of equal bytes",
        (
            Fault(
                "domain/document.py",
                "(one.algorithm, one.kind) != (other.algorithm, other.kind)",
                "one.algorithm != other.algorithm",
            ),
        ),
        ("tests/unit/domain/test_document.py",),
    ),
    Mutant(
        "numbers are compared as floats",
        "the last of 38 digits of a number in a record",
        (
            Fault(
                "domain/record.py",
                '        return ["N", _number(held)]\n',
                '        return ["N", repr(float(held))]\n',
            ),
        ),
        ("tests/unit/domain/test_record.py",),
    ),
    Mutant(
        "a checkpoint is saved over another runner's",
        "where the other runner stood: what it had not done yet counts as done",
        (
            Fault(
                "checkpoint.py",
                "            if found not in self._unanswered:\n                raise conflict\n",
                "",
            ),
        ),
        ("tests/unit/test_checkpoint.py",),
    ),
    Mutant(
        "a gap in listening is nothing to stop for",
        "changes that expired while no runner was there",
        (Fault("resume.py", "if migration.clock.now() - last > kept_s:", "if False:"),),
        ("tests/unit/test_resume.py",),
    ),
    Mutant(
        "the spool forgets rows when their source fails",
        "records that name a document that is not there: they are found by nobody",
        (Fault("spool.py", 'self._database.execute("COMMIT")', 'self._database.execute("ROLLBACK")'),),
        (
            "tests/unit/test_spool.py::test_rows_are_kept_when_their_source_fails_halfway",
            "tests/unit/test_spool.py",
        ),
    ),
    Mutant(
        "the spool tells of no more than it shows",
        "all dangling records but the first few: the count says that there are no more",
        (
            Fault(
                "spool.py",
                "                count += 1\n                if count <= limit:",
                "                count = min(count + 1, limit)\n                if len(first) < limit:",
            ),
        ),
        ("tests/unit/test_spool.py::test_the_sample_is_bounded_and_the_count_is_not",),
    ),
)
