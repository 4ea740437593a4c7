"""Faults of a switch, of gates, and of leases."""

from tests.mutants.mutant import Fault, Mutant

_LIVE = "switch/live.py"
_TEST_BOUNDS, _TEST_LIVE = "tests/unit/switch/test_bounds.py", "tests/unit/switch/test_live.py"

NO_DRAIN = Fault(_LIVE, "        return await self._bounded(self._drained)\n", '        return "skipped"\n')
NO_VERIFY = Fault(
    _LIVE,
    "        if differing:\n            await self._turning",
    "        if False:\n            await self._turning",
)
FORGETS_IN_FLIGHT = Fault("following.py", '"empty": pending.empty, **counts', '"empty": True, **counts')
LAST_PAGE = Fault("switch/pages.py", "range(after + 1, through + 1), work)", "range(after + 1, through), work)")
NO_FENCE_WAIT = Fault(
    _LIVE, "waiting = self._clock.sleep(self._terms.armed_lease_s)", "waiting = self._clock.sleep(0)"
)
NO_WORKERS_WAIT = Fault(
    _LIVE,
    "        await asyncio.gather(*runners, workers_run_out(ledger, self._clock))\n",
    "        for one in runners:\n            one.close()\n",
)

MUTANTS = (
    Mutant(
        "what is in flight is forgotten",
        "what others write without the client, taken by a worker and not written when the target opens",
        (FORGETS_IN_FLIGHT,),
        ("tests/unit/test_following.py::test_a_drain_is_not_answered_while_anything_is_in_flight",),
    ),
    Mutant(
        "the fence does not wait for the leases",
        "what clients write and have acknowledged while they still believe the gate",
        (NO_FENCE_WAIT,),
        (f"{_TEST_LIVE}::test_the_fence_waits_until_no_client_believes_the_gate_any_more",),
        quick=True,
    ),
    Mutant(
        "what differs when both are closed is passed",
        "whatever the drain left",
        (NO_VERIFY,),
        (
            f"{_TEST_BOUNDS}::test_a_key_that_differs_while_both_are_closed_is_drained_again_before_the_target_opens",
        ),
        quick=True,
    ),
    Mutant(
        "the last page of the journal is compared by nobody",
        "what a runner had begun and not confirmed when its gate was closed",
        (LAST_PAGE,),
        (f"{_TEST_LIVE}::test_verify_compares_the_page_of_the_closed_gate_and_the_one_before",),
    ),
    Mutant(
        "the target is opened while workers hold leases",
        "what applications write there first, under the hands of a worker",
        (NO_WORKERS_WAIT,),
        (f"{_TEST_LIVE}::test_the_target_is_closed_only_once_nobody_holds_a_lease_on_it",),
        quick=True,
    ),
    Mutant(
        "workers beside the runner are not waited for",
        "what applications write there first, under the hands of a worker",
        (
            Fault(
                _LIVE,
                "gather(*runners, workers_run_out(ledger, self._clock))",
                "gather(*runners)",
            ),
        ),
        (f"{_TEST_LIVE}::test_the_target_is_closed_only_once_nobody_holds_a_lease_on_it",),
    ),
    Mutant(
        "the way back is not armed",
        "everything that is written after the cutover, at the side of a rollback",
        (
            Fault(
                _LIVE,
                "        if turning.source.writer is Writer.NOBODY:\n"
                "            await turning.turn_source(Writer.REPLICATOR, journal=False)\n",
                "",
            ),
        ),
        (f"{_TEST_LIVE}::test_there_and_back_again_loses_nothing_while_applications_write",),
    ),
    Mutant(
        "a dead letter that comes in a switch is passed",
        "the change in the dead-letter queue",
        (
            Fault(
                _LIVE,
                "        refuse((await feeds_check(self._migration), await stuck_check(self._migration)))\n",
                "",
            ),
        ),
        ("tests/unit/switch/test_takeover.py::test_a_dead_letter_that_comes_in_the_switch_ends_it",),
    ),
    Mutant(
        "a difference that no writer explains is passed",
        "a document that differs since long before the switch",
        (
            Fault(
                "switch/arming.py",
                "        if differing:\n            raise Refused",
                "        if False:\n            raise Refused",
            ),
        ),
        (f"{_TEST_BOUNDS}::test_a_difference_that_no_writer_explains_refuses_the_switch_before_anybody_is_held",),
    ),
    Mutant(
        "who goes on raises no epoch",
        "what is written in two regions that are open at once",
        (
            Fault(
                _LIVE,
                "            await turning.turn_source(Writer.NOBODY, journal=True)\n"
                "            await turning.turn_target(turning.target.writer, journal=True)\n"
                "            await fencing.again",
                "            await fencing.again",
            ),
        ),
        (
            "tests/unit/switch/test_takeover.py::test_a_switch_whose_abort_was_killed_halfway_is_gone_on_with_at_once",
        ),
    ),
    Mutant(
        "an abort opens the source first",
        "what is written in two regions that are open at once",
        (
            Fault(
                "switch/undo.py",
                "turning.source.writer is Writer.NOBODY:\n        await _win_target(turning)\n",
                "turning.source.writer is Writer.NOBODY:\n"
                "        await turning.turn_source(Writer.APPLICATION, journal=False)\n"
                "        await _win_target(turning)\n",
            ),
        ),
        (f"{_TEST_BOUNDS}::test_an_abort_has_won_the_target_before_it_opens_the_source",),
    ),
    Mutant(
        "an abort does not win the target's gate",
        "what is written in two regions that are open at once",
        (
            Fault(
                "switch/undo.py",
                "turning.source.writer is Writer.NOBODY:\n        await _win_target(turning)\n",
                "turning.source.writer is Writer.NOBODY:\n        pass\n",
            ),
        ),
        (f"{_TEST_BOUNDS}::test_a_controller_that_was_paused_cannot_open_the_target_once_another_has_aborted",),
    ),
    Mutant(
        "the epoch stays where the gate is turned",
        "what a controller that was paused, or a client that slept, still does",
        (Fault("domain/gate.py", "epoch=self.epoch + 1", "epoch=self.epoch"),),
        ("tests/contract/test_gate.py::test_an_epoch_grows_even_when_the_writer_stays", _TEST_BOUNDS),
    ),
    Mutant(
        "gates are turned on no condition",
        "what is written in two regions that two controllers have opened",
        (
            Fault(
                "aws/gate.py",
                "await self._table.put(_item(key, desired), before)",
                "await self._table.put(_item(key, desired), await self._table.get(key))",
            ),
        ),
        ("tests/contract/test_gate.py",),
    ),
    Mutant(
        "a second switch need not wait",
        "what a request of before the last switch writes over when it lands",
        (Fault("switch/checks.py", "ago >= terms.dwell_s,", "True,"),),
        ("tests/unit/switch/test_checks.py",),
        quick=True,
    ),
    Mutant(
        "what was written since the last validation is clean",
        "a key that a runner left different since then",
        (
            Fault(
                "switch/checks.py",
                'return max(1, int(last["dirty_epoch"]))',
                'return int(last["dirty_epoch"]) + 1',
            ),
        ),
        ("tests/unit/switch/test_takeover.py::test_what_a_runner_noted_as_a_validation_began_is_looked_at_again",),
    ),
    Mutant(
        "a lease is given back with something under way",
        "what lands in a region that has been opened since",
        (Fault("lease.py", "            await self._landed()\n", ""),),
        ("tests/unit/test_lease.py",),
    ),
    Mutant(
        "a lease is given back with a request that had no answer",
        "what lands in a region that has been opened since",
        (Fault("lease.py", " or self._unanswered_s:", ":"),),
        ("tests/unit/test_lease.py", "tests/simulation/test_lost_answer.py"),
    ),
    Mutant(
        "a broken connection is an answer",
        "what lands in a region that has been opened since",
        (
            Fault(
                "aws/http.py",
                "if not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):",
                "if False:",
            ),
        ),
        ("tests/unit/aws/test_http.py",),
    ),
    Mutant(
        "a lease that is over lets write",
        "what others write meanwhile, and what applications write in a region that was opened",
        (
            Fault(
                "lease.py",
                "        if self._clock.monotonic() >= self._valid_until:\n"
                "            raise StaleEpoch(\n"
                '                "this',
                '        if False:\n            raise StaleEpoch(\n                "this',
            ),
        ),
        ("tests/unit/test_lease.py",),
    ),
    Mutant(
        "a lease is counted from after its renewal",
        "what is written in the time that the renewal took, when another holds it already",
        (
            Fault(
                "lease.py",
                "            self.epoch = gate.epoch\n        self._valid_until = started + duration_s\n",
                "            self.epoch = gate.epoch\n"
                "        self._valid_until = self._clock.monotonic() + duration_s\n",
            ),
        ),
        ("tests/unit/test_lease.py",),
        quick=True,
    ),
    Mutant(
        "a dead holder's token is not waited for",
        "what its last request writes over once the region is open",
        (
            Fault(
                "lease_entry.py",
                'return max(float(held["duration_s"]), float(held.get("token_s", 0.0)))',
                'return float(held["duration_s"])',
            ),
        ),
        ("tests/unit/test_tokens.py",),
    ),
    Mutant(
        "pages done with before somebody died are not looked at again",
        "a tombstone: a record that a dead worker's late put brings back",
        (Fault("switch/live.py", "        if died > self.switch.deaths:\n", "        if False:\n"),),
        ("tests/simulation/test_dead_worker.py",),
    ),
    Mutant(
        "a death is forgotten with the next holder",
        "a tombstone, where another worker has the dead one's slot by the time the gates are closed",
        (Fault("lease.py", '"deaths": died(found) if found else 0,', '"deaths": 0,'),),
        ("tests/unit/test_slots.py",),
    ),
)
