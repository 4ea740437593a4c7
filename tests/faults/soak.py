"""A migration at work for long: `python -m tests.faults.soak --minutes 30`, or `make soak`.

An application writes all the time, the runner carries, and switches go to and fro as fast as the dwell between
two lets them. Every few switches everything that was acknowledged is read back from both sides, and a full
validation is made. Memory of runner and application is sampled, and must not grow.

Exits with 0 only if nothing was lost, no write failed, no two gates were ever open at once, and memory stayed
flat.
"""

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from docferry.sandbox.emulator import running
from tests.faults.memory import Samples, rss_mib
from tests.integration.switch.conftest import watched, world_at
from tests.integration.switch.driving import World
from tests.integration.switch.outside import until

CLIENT = {"lease_s": 0.5, "deadline_s": 8.0}
DWELL_S = 12.0
TERMS = ("--yes", "--max-lag", "10", "--max-pause", "5")
"""Nobody is held for as long as the deadline: a machine too slow for that makes a switch abort, no write fail."""
REFUSED = 3
REFUSED_AT_MOST = 0.25
"""Of all attempts: a slow machine has some, and whoever never switches has tried nothing."""
JUDGED_EVERY = 6
"""Switches: each judgement stops the application for a moment, and it is to write nearly all the time."""
WITHIN_S, SWITCHED_WITHIN_S = 60.0, 300.0
SAMPLED_EVERY_S = 0.5
FLAT_MIB = 4.0
"""By so much memory may have grown over the second half, on the straight line through all of its samples."""


@dataclass
class Soak:
    """One run: what it has done so far, and what it has measured."""

    world: World
    switches: int = 0
    refused: int = 0
    judged: int = 0
    longest_pause_s: float = 0.0
    memory: dict[str, Samples] = field(default_factory=lambda: {"runner": Samples(), "application": Samples()})

    def run(self, seconds: float) -> None:
        """Switch to and fro for so long, then judge once more."""
        self.world.write()
        began = time.monotonic()
        ended = threading.Event()
        sampling = threading.Thread(target=self._sample, args=(ended,), daemon=True)
        sampling.start()
        try:
            while (now := time.monotonic() - began) < seconds:
                self._show(now)
                self._switch()
                if (self.switches + self.refused) % JUDGED_EVERY == 0:
                    self._judge()
                    self.world.write()
        finally:
            ended.set()
            sampling.join()
        self._judge()

    def _switch(self) -> None:
        turn = "cutover" if self.world.active == "source" else "rollback"
        if self.switches:
            self.world.elapsed(DWELL_S)
        until(self.world.at_work, WITHIN_S)
        command = self.world.command(turn, *TERMS, "--json")
        command.process.wait(SWITCHED_WITHIN_S)
        said = command.ended()
        if said.code == REFUSED:
            self.refused += 1
            return
        assert said.code == 0, said
        assert (said.json["drained"], said.json["verified"]) == (True, True)
        self.switches += 1
        self.longest_pause_s = max(self.longest_pause_s, said.json["pause_s"])

    def _judge(self) -> None:
        until(self.world.at_work, WITHIN_S)
        self.world.stop_writing()
        self.world.validate()
        self.judged += 1

    def _sample(self, ended: threading.Event) -> None:
        assert self.world.runner
        assert self.world.application
        watched = {"runner": self.world.runner.process.pid, "application": self.world.application.pid}
        while not ended.wait(SAMPLED_EVERY_S):
            for name, pid in watched.items():
                self.memory[name].add(time.monotonic(), rss_mib(pid))

    def _show(self, seconds: float) -> None:
        sizes = ", ".join(f"{name} {one.last:.1f} MiB" for name, one in self.memory.items())
        print(  # noqa: T201
            f"{seconds:6.0f} s  {self.switches} switches ({self.refused} refused), {self.acknowledged:,} writes "
            f"acknowledged, {self.judged} judgements, {sizes}",
            file=sys.stderr,
            flush=True,
        )

    @property
    def acknowledged(self) -> int:
        """How many writes of the application have been acknowledged."""
        return self.world.judges[-1].learned().acknowledged

    @property
    def report(self) -> str:
        """Say in one line what came of it."""
        grown = ", ".join(f"{name} {one.growth_mib:+.1f} MiB" for name, one in self.memory.items())
        return (
            f"{self.switches} switches ({self.refused} refused), {self.acknowledged:,} writes acknowledged and "
            f"none lost, {self.judged} judgements, longest pause {self.longest_pause_s:.2f} s; over the second "
            f"half memory went by {grown}"
        )

    def check(self) -> None:
        """Fail if memory grew, or too few of the switches were made."""
        assert self.switches, "no switch was made"
        assert self.refused <= REFUSED_AT_MOST * (self.switches + self.refused), self.report
        for name, one in self.memory.items():
            assert one.growth_mib < FLAT_MIB, f"the {name} grew: {one.growth_mib:.1f} MiB over the second half"


def soak(endpoint: str, directory: Path, seconds: float) -> Soak:
    """Do one run on an embedded AWS. Raises AssertionError, naming what is wrong."""
    with world_at(endpoint, directory, CLIENT) as world:
        made = Soak(world)
        with watched(world):
            made.run(seconds)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description="Let a migration switch to and fro for long.")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (%(default)s)")
    asked = parser.parse_args()
    with running() as endpoint, tempfile.TemporaryDirectory(prefix="docferry-soak-") as folder:
        done = soak(endpoint, Path(folder), asked.minutes * 60.0)
        print(done.report, flush=True)  # noqa: T201
        done.check()


if __name__ == "__main__":
    main()
