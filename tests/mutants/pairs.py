"""Faults that are made together: in a whole run one of them is made up for by what the other takes away."""

from tests.mutants.mutant import Fault, Mutant
from tests.mutants.switching import NO_DRAIN, NO_FENCE_WAIT, NO_VERIFY, NO_WORKERS_WAIT

_SEEDS = "tests/mutants/seeds.py"

NO_JOURNAL = Fault("client/route.py", "if leave.journal and touched and place not in noted:", "if False:")
NO_ANSWER = Fault(
    "switch/live.py",
    "        pending = await self._answered(number)\n        if self._terms",
    "        pending: dict[str, int] = {}\n        if self._terms",
)
NO_RECORDS = Fault(
    "switch/keys.py",
    "        return [one for found in await asyncio.gather(*map(batch, batches)) for one in found]",
    "        return []",
)
WHENEVER = Fault(
    "client/route.py",
    "        if not leave.over:\n            return True\n        try:",
    "        if True:\n            return True\n        try:",
)
LEASE_NEVER_OVER = Fault(
    "lease.py",
    "        if self._clock.monotonic() >= self._valid_until:\n"
    "            raise StaleEpoch(\n"
    '                "this',
    '        if False:\n            raise StaleEpoch(\n                "this',
)

MUTANTS = (
    Mutant(
        "neither drained nor compared",
        "what was written right before the fence and had not been carried",
        (NO_DRAIN, NO_VERIFY),
        (f"{_SEEDS}::test_what_is_written_right_before_the_fence_is_drained_or_found",),
    ),
    Mutant(
        "keys noted nowhere, feeds not asked",
        "what was written right before the fence, whose events are late",
        (NO_JOURNAL, NO_ANSWER),
        (f"{_SEEDS}::test_what_is_written_right_before_the_fence_is_noted_or_heard_of",),
    ),
    Mutant(
        "not drained, and records not compared",
        "records that were written right before the fence",
        (NO_DRAIN, NO_RECORDS),
        (f"{_SEEDS}::test_records_written_right_before_the_fence_are_drained_or_found",),
    ),
    Mutant(
        "leases not waited for, answers count whenever",
        "an acknowledged write that landed in a region which was closed by then",
        (NO_FENCE_WAIT, WHENEVER),
        (f"{_SEEDS}::test_requests_that_are_late_are_waited_for_or_not_acknowledged",),
    ),
    Mutant(
        "workers not waited for, leases never over",
        "what applications write first in a region, under the hands of a worker",
        (NO_WORKERS_WAIT, LEASE_NEVER_OVER),
        (f"{_SEEDS}::test_workers_that_sleep_are_waited_for_or_write_no_more",),
    ),
)
