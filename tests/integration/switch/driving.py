"""A migration with its runner and an application at work, each a process of its own, driven by command."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.cli.conftest import Said, Site
from tests.integration.switch.judging import Judge, Learned
from tests.integration.switch.outside import Outside, until

HERE = Path(__file__).parent
RUNNER = {"lease_s": 3.0, "settle_s": 0.5, "visibility_s": 3}
PATIENT = {"lease_s": 0.5, "deadline_s": 30.0}
"""For tests that kill who holds writers back: nobody is to give up meanwhile."""
YES = ("--yes", "--max-lag", "10", "--max-pause", "10")
"""For tests of anything but these bounds: how busy the machine is must not decide."""
ENDS_WITHIN_S = 120.0
RUNNER_ENDS_WITHIN_S = 2.0


def told(said: Said, code: int, *words: str) -> None:
    """See that a command ended with a code, and with one line of its own that has these words in it."""
    assert said.code == code, said
    (line,) = [one for one in said.err.splitlines() if one.startswith("docferry: ")]
    assert "Traceback" not in said.err
    for word in words:
        assert word in line, line


class Command:
    """A command in a process of its own, and what it has printed so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self.out = ""
        self._readers = [threading.Thread(target=one, daemon=True) for one in (self._err, self._out)]
        for one in self._readers:
            one.start()

    def _err(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))

    def _out(self) -> None:
        assert self.process.stdout
        self.out = self.process.stdout.read()

    @property
    def steps(self) -> list[str]:
        """The steps whose lines were shown, in order."""
        words = [line.split() for line in self.lines]
        return list(dict.fromkeys(one[2] for one in words if len(one) > 2 and one[1] == "s"))

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> Said:
        """Wait for its end."""
        try:
            code = self.process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(self.lines) from None
        for one in self._readers:
            one.join()
        return Said(code, self.out, "\n".join(self.lines))


@dataclass(repr=False)
class World:
    """One migration. `applications` are all that ever wrote to it."""

    site: Site
    outside: Outside
    started: list["subprocess.Popen[Any]"] = field(default_factory=list)
    judges: list[Judge] = field(default_factory=list)
    application: "subprocess.Popen[str] | None" = None
    runner: Command | None = None

    @property
    def active(self) -> str:
        """The side that applications write in; the source while none is open."""
        return "target" if self.outside.writers()[1] == "application" else "source"

    def command(self, *arguments: str) -> Command:
        """Start a command."""
        process = self.site.start(*arguments)
        self.started.append(process)
        return Command(process)

    def dying(self, moment: str, *arguments: str) -> None:
        """Run a command that is killed at a moment of a switch, and see that it was."""
        said = self.at_moment(moment, "SIGKILL", None, *arguments).ended()
        assert said.code == -signal.SIGKILL, said

    def at_moment(
        self, moment: str, number: str, process: "subprocess.Popen[str] | None", *arguments: str
    ) -> Command:
        """Start a command that sends a signal at a moment of a switch, to a process or else to itself."""
        script, pid = str(HERE / "at_moment.py"), str(process.pid if process else 0)
        config = ("--config", str(self.site.config))
        return Command(self._process([sys.executable, script, moment, number, pid, *arguments, *config]))

    def _process(self, argv: list[str]) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            argv,
            cwd=self.site.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("DOCFERRY_")},
        )
        self.started.append(process)
        return process

    def run(self, *arguments: str) -> Said:
        """Run a command to its end, in a process of its own."""
        return self.command(*arguments).ended()

    def sync(self) -> None:
        """Start the runner, and wait until heartbeats go both ways."""
        self.runner = self.command("sync")
        until(self.at_work)

    def runner_again(self) -> None:
        """See that the runner goes on, or has ended with a clear line; then begin another."""
        assert self.runner
        try:
            self.runner.process.wait(RUNNER_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            return
        said = self.runner.ended()
        told(said, 3, "nothing is lost", "run the same command again")
        self.sync()

    def at_work(self) -> bool:
        """Tell whether the runner carries in the direction now in force, as the checks want it."""
        assert self.runner
        assert self.runner.process.poll() is None, self.runner.lines
        progress = self.outside.ledger("progress")
        beat = progress.get("heartbeat") or {}
        if f":{self.runner.process.pid}:" not in progress.get("owner", ""):
            return False
        here = progress.get("from") == self.outside.side(self.active).region
        return bool(here and beat.get("seen_at") and beat.get("reverse_proved_at"))

    def caught_up(self) -> bool:
        """Tell whether it has carried everything, too."""
        return self.at_work() and bool(self.outside.ledger("progress").get("caught_up"))

    def write(self) -> Judge:
        """Let the application write, and wait until it does."""
        if self.application and self.application.poll() is None:
            self.application.send_signal(signal.SIGUSR2)
        else:
            name = f"app-{uuid.uuid4().hex[:8]}"
            self.judges.append(Judge(self.outside, self.site.directory / f"{name}.log", name))
            self.judges[-1].log.touch()
            argv = [sys.executable, str(HERE / "application.py"), str(self.site.config)]
            self.application = self._process([*argv, str(self.judges[-1].log), name])
        judge = self.judges[-1]
        before = judge.learned().acknowledged
        until(lambda: judge.learned().acknowledged >= before + 5)
        return judge

    def stop_writing(self) -> Learned:
        """Let the application pause, and judge what it wrote: at the side that is open, and at the other."""
        assert self.application
        judge = self.judges[-1]
        pauses = judge.learned().pauses
        self.application.send_signal(signal.SIGUSR1)
        until(lambda: judge.learned().pauses > pauses, ENDS_WITHIN_S)
        assert self.application.poll() is None
        return judge.judge(self.active)

    def drained(self) -> None:
        """Wait until both queues have been empty for a moment."""
        for _ in range(3):
            until(lambda: not self.outside.pending(), every_s=0.02)
            time.sleep(0.1)

    def end_application(self) -> None:
        """Kill an application that a test has left behind."""
        if self.application and self.application.poll() is None:
            self.application.kill()
            self.application.wait()

    def validate(self) -> None:
        """See that a full validation finds no difference."""
        said = self.site.run("validate", "--level", "full", "--json")
        assert (said.code, said.json["differences"]) == (0, 0), said

    def dwelt(self, by_s: float = 60.0) -> None:
        """Make the last switch that much older: no application here has ever given a request up."""
        ended = self.outside.ledger("switches").get("switches", [])
        if ended:
            aged = [{**one, "ended_at": one["ended_at"] - by_s} for one in ended]
            self.outside.rewrite("switches", {"switches": aged})

    def elapsed(self, seconds: float) -> None:
        """Wait until so much time has passed since the last switch ended."""
        ended_at = self.outside.ledger("switch")["ended_at"]
        time.sleep(max(0.0, ended_at + seconds - time.time()))

    def turn_to(self, side: str) -> None:
        """Let applications write at a side, if they do not yet."""
        if self.active != side:
            self.ready()
            said = self.run("cutover" if side == "target" else "rollback", *YES, "--without-client")
            assert said.code == 0, said
            self.ready()

    def ready(self) -> None:
        """Wait until nothing but the application keeps a switch from beginning."""
        self.dwelt()
        until(self.at_work)

    def close(self) -> None:
        """End every process that was started here."""
        for one in self.started:
            if one.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    one.send_signal(signal.SIGCONT)
                one.kill()
                one.wait()
