"""Faults of the client: what it believes, what it notes, and what it acknowledges."""

from tests.mutants.mutant import Fault, Mutant

_ROUTE, _TEST_ROUTE = "client/route.py", "tests/unit/client/test_route.py"

MUTANTS = (
    Mutant(
        "an answer counts whatever the epoch is",
        "an acknowledged write that landed in a region which was closed by then",
        (
            Fault(
                _ROUTE,
                "                        await self._rest(call.deadline, error)\n"
                "                else:\n"
                "                    if await self.holds(leave):",
                "                        await self._rest(call.deadline, error)\n"
                "                else:\n"
                "                    if True:",
            ),
        ),
        (_TEST_ROUTE,),
        quick=True,
    ),
    Mutant(
        "a delete is noted nowhere",
        "acknowledged deletes and puts around a switch, whose events are late",
        (Fault(_ROUTE, "if leave.journal and touched and place not in noted:", "if False:"),),
        ("tests/unit/client/test_journalling.py",),
        quick=True,
    ),
    Mutant(
        "a note under one epoch does for the next",
        "a write that was done again under an epoch whose page does not name it",
        (Fault(_ROUTE, "        place = (leave.region, leave.epoch)\n", "        place = (leave.region, 0)\n"),),
        ("tests/unit/client/test_journalling.py",),
    ),
    Mutant(
        "a note may come after the lease",
        "a write whose note came after the journal was read",
        (
            Fault(
                _ROUTE,
                "        # A note that came after the lease may have come after the journal was read.\n"
                "        return not leave.over",
                "        return True",
            ),
        ),
        ("tests/unit/client/test_journalling.py",),
    ),
    Mutant(
        "a leave is counted from the answer",
        "writes that a fence does not wait for, as the gate was read before it",
        (
            Fault(
                "client/gates.py",
                "asked_at + believed_s, self._clock",
                "self._clock.monotonic() + believed_s, self._clock",
            ),
        ),
        ("tests/unit/client/test_gates.py",),
    ),
    Mutant(
        "a leave is as long with the journal on",
        "writes of the last three quarters of a lease, for which a fence does not wait",
        (
            Fault(
                "client/gates.py",
                "self._lease_s * ARMED_SHARE if gate.journal else self._lease_s",
                "self._lease_s",
            ),
        ),
        ("tests/unit/client/test_gates.py",),
    ),
    Mutant(
        "an upload is completed where it was begun",
        "a large document, acknowledged from a region that has been closed",
        (
            Fault(
                "client/uploads.py",
                "        if leave.region != upload.leave.region:\n"
                "            raise _Elsewhere\n"
                "        sender = self._senders[leave.region]",
                "        sender = self._senders[upload.leave.region]",
            ),
        ),
        ("tests/unit/client/test_uploads.py",),
        quick=True,
    ),
    Mutant(
        "an upload that is gone was completed",
        "a large document of which nothing is there",
        (
            Fault(
                "client/uploads.py",
                'if head.headers["etag"].strip(\'"\') != _whole(etags):\n            raise _Dropped',
                "if False:\n            raise _Dropped",
            ),
        ),
        ("tests/unit/client/test_uploads.py",),
    ),
)
