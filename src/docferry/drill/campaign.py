"""Many seeds, in several processes, stopped and gone on with at any time.

Seeds are done in blocks, and blocks are added up in order. So what a state file holds is what all seeds up to some
number came to, whichever process ran them and however often the campaign was cut off.
"""

import gc
import hashlib
import json
import signal
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor, TimeoutError
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import docferry
from docferry.domain.errors import InvalidInput
from docferry.drill.scenario import play, scenario_of
from docferry.drill.tally import Tally
from docferry.whole_file import replace_file

BLOCK = 10
AHEAD = 3
"""So many blocks are given to each process ahead, so that none waits for the slowest."""
LOOK_EVERY_S = 0.2
BEGIN_ANEW = "remove the file to begin anew, or name another one"


@dataclass(frozen=True, slots=True)
class Campaign:
    """Which seeds are run: `seeds` of them from `first` on, with these faults or those that they draw.

    It ends early once `failures` runs have failed, if that is not 0.
    """

    first: int
    seeds: int
    faults: tuple[str, ...] | None = None
    failures: int = 0

    def run(self, tally: Tally, processes: int, told: Callable[[], None], stopped: Callable[[], bool]) -> None:
        """Run what `tally` does not hold yet and add it there, telling after each block, until `stopped`."""
        begin, end = self.first + tally.runs, self.first + self.seeds
        blocks = [(one, min(one + BLOCK, end)) for one in range(begin, end, BLOCK)]
        if self._is_enough(tally):
            return
        with closing(self._each(blocks, processes, stopped)) as done:
            for one in done:
                tally.add(one)
                told()
                if self._is_enough(tally):
                    return

    def _is_enough(self, tally: Tally) -> bool:
        return 0 < self.failures <= len(tally.failures)

    def _each(
        self, blocks: list[tuple[int, int]], processes: int, stopped: Callable[[], bool]
    ) -> Generator[Tally, None, None]:
        if processes > 1:
            return self._in_processes(blocks, processes, stopped)
        return (one for block in blocks if (one := run_block(*block, self.faults, stopped)))

    def _in_processes(
        self, blocks: list[tuple[int, int]], processes: int, stopped: Callable[[], bool]
    ) -> Generator[Tally, None, None]:
        waiting, under_way = deque(blocks), deque[Future[Tally | None]]()
        context = get_context("spawn")
        stop = context.Event()
        with ProcessPoolExecutor(processes, context, _begin, (stop,)) as pool:
            try:
                while waiting or under_way:
                    while waiting and len(under_way) < processes * AHEAD:
                        under_way.append(pool.submit(_block, *waiting.popleft(), self.faults))
                    if (one := _result(under_way[0], stopped)) is None:
                        return
                    under_way.popleft()
                    yield one
            finally:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)


def _result(one: "Future[Tally | None]", stopped: Callable[[], bool]) -> Tally | None:
    while not stopped():
        try:
            return one.result(timeout=LOOK_EVERY_S)
        except TimeoutError:
            continue
    return None


_STOPS: list[Event] = []
"""In a process of a pool, what its parent sets to stop it."""


def _begin(stop: Event) -> None:
    _STOPS.append(stop)
    # Ctrl-C reaches every process of a terminal: it is for the parent to heed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What was imported stays: the collector need not go through it after each run.
    gc.freeze()


def _block(begin: int, end: int, faults: tuple[str, ...] | None) -> Tally | None:
    return run_block(begin, end, faults, _STOPS[0].is_set)


def run_block(
    begin: int, end: int, faults: tuple[str, ...] | None, stopped: Callable[[], bool] = lambda: False
) -> Tally | None:
    """Run seeds one after another and add them up; None if stopped before the end."""
    tally = Tally()
    for seed in range(begin, end):
        if stopped():
            return None
        tally.take(play(scenario_of(seed, faults)))
    return tally


def code() -> str:
    """Return a digest of all of docferry's code: a seed is the same run only with the same code."""
    root, found = Path(docferry.__file__).parent, hashlib.sha256()
    for one in sorted(root.rglob("*.py")):
        found.update(f"{one.relative_to(root)}\0".encode() + one.read_bytes())
    return found.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class State:
    """Where a campaign stands, in a file that only its owner may read; `path` None keeps it nowhere."""

    path: Path | None
    campaign: Campaign
    code: str = field(default_factory=code)

    def load(self) -> Tally:
        """Return what was done before. Raises InvalidInput if that is another campaign's, or cannot be read."""
        if self.path is None or not self.path.exists():
            return Tally()
        try:
            held = json.loads(self.path.read_bytes())
            about, tally = held["about"], Tally.of(held["done"])
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InvalidInput(f"{self.path} is no state of a campaign", hint=BEGIN_ANEW) from error
        if about != self._about():
            raise InvalidInput(f"{self.path} is of other seeds, faults or code; nothing was run", hint=BEGIN_ANEW)
        return tally

    def save(self, tally: Tally) -> None:
        """Write what is done."""
        if self.path is None:
            return
        held = {"about": self._about(), "done": tally.as_entry()}
        replace_file(self.path, json.dumps(held).encode(), mode=0o600)

    def _about(self) -> dict[str, object]:
        faults = self.campaign.faults
        return {
            "first": self.campaign.first,
            "faults": None if faults is None else list(faults),
            "code": self.code,
        }
