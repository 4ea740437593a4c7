"""Faults that are made together: in a whole run one of them is made up for by what the other takes away."""

from tests.mutants.mutant import Fault, Mutant
from tests.mutants.switching import NO_DRAIN, NO_VERIFY

_RUNS = "tests/mutants/seeds.py::test_what_is_written_right_before_the_fence_is_there_after_the_opening"

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
NO_DOCUMENTS = Fault(
    "switch/keys.py",
    "        return await same_documents(self.migration, source, target)\n",
    "        return True\n",
)

MUTANTS = (
    Mutant(
        "neither drained nor compared",
        "what was written right before the fence and had not been carried",
        (NO_DRAIN, NO_VERIFY),
        (_RUNS,),
    ),
    Mutant(
        "keys noted nowhere, feeds not asked",
        "what was written right before the fence, whose events are late",
        (NO_JOURNAL, NO_ANSWER),
        (_RUNS,),
    ),
    Mutant(
        "not drained, and records not compared",
        "records that were written right before the fence",
        (NO_DRAIN, NO_RECORDS),
        (_RUNS,),
    ),
    Mutant(
        "not drained, and documents not compared",
        "documents that were written right before the fence",
        (NO_DRAIN, NO_DOCUMENTS),
        (_RUNS,),
    ),
)
