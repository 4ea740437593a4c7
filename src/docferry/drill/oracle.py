"""Knows every operation of every application, when it began, landed and was acknowledged.

A register is what one operation replaces as a whole: a document with its metadata, its tags, or a record. A value
found in a register was put there by one operation. It is right unless another was acknowledged there that began
after that one had landed for the last time: then a write is lost, or something stale has come over it.
Operations of unknown outcome, and such that were under way at the same time, may be found or not.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

INGEST = 0
"""The number of what was there before anybody wrote."""


@dataclass(slots=True)
class Operation:
    """One write. Times in microseconds of the loop; `landed_us` is the last landing that counts.

    `etag` is that of the document it writes. `deletes` leaves the registers empty.
    """

    number: int
    what: str
    registers: tuple[str, ...]
    began_us: float
    deletes: bool = False
    etag: str = ""
    landed_us: float = -math.inf
    landings: int = 0
    acknowledged_us: float = math.inf
    sent_nothing: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether its application was told that it is done."""
        return self.acknowledged_us < math.inf


@dataclass(frozen=True, slots=True)
class Found:
    """What is in one register at one side: the number of the operation that put it there, None if it is empty."""

    number: int | None
    etag: str = ""


@dataclass(slots=True)
class Oracle:
    """All operations. `now` gives the time of the loop in microseconds."""

    now: Callable[[], int]
    operations: list[Operation] = field(default_factory=list)
    registers: dict[str, list[Operation]] = field(default_factory=dict)

    def ingested(self, registers: tuple[str, ...], etag: str = "") -> Operation:
        """Note what was there from the beginning."""
        made = self.begun("ingest", registers, etag=etag)
        made.began_us, made.landed_us, made.acknowledged_us, made.landings = -1.0, -1.0, -1.0, 1
        return made

    def begun(self, what: str, registers: tuple[str, ...], *, deletes: bool = False, etag: str = "") -> Operation:
        """Note that an operation begins."""
        made = Operation(len(self.operations), what, registers, self.now(), deletes, etag)
        self.operations.append(made)
        for one in registers:
            self.registers.setdefault(one, []).append(made)
        return made

    def landed(self, operation: Operation, *, counts: bool) -> None:
        """Note that an operation has taken effect; it `counts` unless another region was open already."""
        operation.landings += 1
        if counts:
            operation.landed_us = self.now()

    def acknowledged(self, operation: Operation) -> None:
        """Note that an application was told that its operation is done."""
        operation.acknowledged_us = self.now()

    def verdict(self, register: str, found: Found, *, before_us: float = math.inf) -> str:
        """Say what is wrong with what was found in a register, empty if nothing is.

        Only what was acknowledged before `before_us` must be seen.
        """
        ops = self.registers.get(register, [])
        put = self._put(ops, found)
        if put is None:
            return f"{register} holds operation {found.number}, which never wrote there"
        if found.etag and put.etag and found.etag != put.etag:
            return f"{register} holds other bytes than operation {put.number} wrote"
        later = _later(ops, put, found, before_us)
        if not later:
            return ""
        last = later[-1]
        said = "is gone" if found.number is None else f"still holds operation {put.number} ({put.what})"
        return (
            f"{register} {said}, though operation {last.number} ({last.what}, begun at {last.began_us / 1e6:.6f}) "
            f"was acknowledged at {last.acknowledged_us / 1e6:.6f}"
        )

    def missing(self, look: Callable[[str], Found]) -> list[float]:
        """Return when each write was acknowledged that all registers together lack, in microseconds."""
        lacking: dict[int, float] = {}
        for register, ops in self.registers.items():
            found = look(register)
            if (put := self._put(ops, found)) is not None:
                lacking |= {one.number: one.acknowledged_us for one in _later(ops, put, found, math.inf)}
        return list(lacking.values())

    def _put(self, ops: list[Operation], found: Found) -> Operation | None:
        if found.number is not None:
            at = bisect_left(ops, found.number, key=lambda one: one.number)
            return ops[at] if at < len(ops) and ops[at].number == found.number else None
        # Empty: by the deletion that landed last, or from the beginning.
        deletions = [one for one in ops if one.deletes]
        return max(deletions, key=lambda one: one.landed_us, default=Operation(-1, "nothing", (), -1.0))

    def wrong(self, look: Callable[[str], Found]) -> Iterator[str]:
        """Say everything that is wrong with all registers as `look` finds them."""
        for register in self.registers:
            if said := self.verdict(register, look(register)):
                yield said

    def told_wrongly(self) -> Iterator[str]:
        """Say which operations were reported as not sent, and landed all the same."""
        for one in self.operations:
            if one.sent_nothing and one.landings:
                yield f"operation {one.number} ({one.what}) was reported as not sent, and landed"


def _later(ops: list[Operation], put: Operation, found: Found, before_us: float) -> list[Operation]:
    """Return what was acknowledged in a register after what is there had landed."""
    # In the order in which they began: only the last of them may be later.
    began = ops[bisect_right(ops, put.landed_us, key=lambda one: one.began_us) :]
    later = [one for one in began if one.acknowledged_us < before_us]
    return [one for one in later if one is not put and not (one.deletes and found.number is None)]
