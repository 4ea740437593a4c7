"""Faults that are made together: what one of them lets pass, the other would find."""

from tests.mutants.mutant import Fault, Mutant
from tests.mutants.switching import FORGETS_IN_FLIGHT, LAST_PAGE, NO_DRAIN, NO_VERIFY

_INVARIANTS = "tests/simulation/test_scenarios.py::test_nothing_is_lost_whatever_goes_wrong"

MUTANTS = (
    Mutant(
        "neither drained nor compared",
        "what was written right before the fence and had not been carried",
        (NO_DRAIN, NO_VERIFY),
        (_INVARIANTS,),
    ),
    Mutant(
        "what is in flight is forgotten, and differences are passed",
        "what a worker had taken off its feed and not written when the target opened",
        (FORGETS_IN_FLIGHT, NO_VERIFY),
        (_INVARIANTS,),
    ),
    Mutant(
        "the last page is not carried, and nothing else is drained",
        "what was written right before the fence",
        (LAST_PAGE, NO_DRAIN),
        (_INVARIANTS,),
    ),
    Mutant(
        "not confirmed, and what was cut off is noted nowhere",
        "what was written between look and copy",
        (
            Fault("stages/apply.py", "if await sides.source.look(key) == source:", "if True:"),
            Fault("workflow.py", "    if not follow.unfinished:\n        return\n", "    return\n"),
        ),
        (_INVARIANTS,),
    ),
    Mutant(
        "neither notes nor marks of what was written",
        "keys that a runner left different, which no switch looks at",
        (
            Fault("stages/follow.py", "if self.dirty and self.written:", "if False:"),
            Fault("workflow.py", "    if not follow.unfinished:\n        return\n", "    return\n"),
        ),
        ("tests/unit/workers/test_cut_off.py", _INVARIANTS),
    ),
)
