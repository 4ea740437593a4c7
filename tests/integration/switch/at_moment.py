"""The docferry command, which sends one signal at one exact moment of a switch.

    python at_moment.py MOMENT SIGNAL PID cutover --yes …

It goes to a process that is to be stopped just then, or, with 0 as its id, to itself. MOMENT is `told:STEP`:
the first line that a step shows; `saved:STEP`: the ledger says that the step has begun; or `turned:SIDE:WRITER`:
the gate at that side of the switch says so, and nothing else has happened since; or `sending:WRITER:WRITER`: the
lease has been checked, and the turn of a gate from one to the other is about to be sent; `sent:WRITER:WRITER`: it
has been answered.
"""

import os
import signal
import sys

from docferry.aws.gate import DynamoGate
from docferry.cli.cutover import Told
from docferry.cli.main import main
from docferry.domain.gate import Gate, Writer
from docferry.domain.switch import Step, Switch
from docferry.ports import Ledger
from docferry.switch import course
from docferry.switch.memory import save_switch
from docferry.switch.turning import Turning

MOMENT, SIGNAL, PID = "", "", 0


def reached(moment: str) -> None:
    """Send the signal if this is the moment; it comes once."""
    global MOMENT  # noqa: PLW0603
    if moment == MOMENT:
        MOMENT = ""
        os.kill(PID or os.getpid(), signal.Signals[SIGNAL])


tell, save, change = Told.__call__, save_switch, DynamoGate.change
turn_source, turn_target = Turning.turn_source, Turning.turn_target


def telling(self: Told, step: Step, said: str) -> None:
    tell(self, step, said)
    reached(f"told:{step.value}")


async def saving(ledger: Ledger, switch: Switch) -> None:
    await save(ledger, switch)
    reached(f"saved:{switch.step.value}")


async def turning_source(self: Turning, writer: Writer, *, journal: bool) -> None:
    await turn_source(self, writer, journal=journal)
    reached(f"turned:source:{writer.value}")


async def turning_target(self: Turning, writer: Writer, *, journal: bool) -> None:
    await turn_target(self, writer, journal=journal)
    reached(f"turned:target:{writer.value}")


async def sending(self: DynamoGate, expected: Gate | None, desired: Gate) -> None:
    turn = f"{expected.writer.value if expected else ''}:{desired.writer.value}"
    reached(f"sending:{turn}")
    await change(self, expected, desired)
    reached(f"sent:{turn}")


if __name__ == "__main__":
    MOMENT, SIGNAL, PID = sys.argv.pop(1), sys.argv.pop(1), int(sys.argv.pop(1))
    Told.__call__ = telling  # type: ignore[method-assign]
    course.save_switch = saving  # type: ignore[attr-defined]
    Turning.turn_source = turning_source  # type: ignore[method-assign]
    Turning.turn_target = turning_target  # type: ignore[method-assign]
    DynamoGate.change = sending  # type: ignore[method-assign]
    main()
