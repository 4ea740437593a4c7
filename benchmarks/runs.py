"""Runs a client beside the server and puts together what it cost, on both sides."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.contestants import environment
from benchmarks.server_process import Server

LIMIT_S = 600.0
_TIMED = str(Path(__file__).with_name("timed.py"))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one client. Seconds and MiB; `output` is the client's own JSON, if it says any.

    `error` is empty unless the client failed or did not do its work; then the figures mean nothing.
    """

    client: str
    wall_s: float
    cpu_s: float
    peak_mib: float
    server_cpu_s: float
    requests: dict[str, int]
    output: dict[str, float]
    error: str = ""

    @property
    def server_share(self) -> float:
        """How much of the wall time the server's one process was at work, from 0 to 1."""
        return self.server_cpu_s / self.wall_s if self.wall_s else 0.0


def measured(server: Server, client: str, command: list[str]) -> Run:
    """Run a client to its end."""
    before = server.usage()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        try:
            said, complaint = _ended([sys.executable, "-S", _TIMED, str(result), *command])
            told = orjson.loads(result.read_bytes())
        except subprocess.TimeoutExpired:
            return failed(client, f"not done within {LIMIT_S:.0f} s")
        except OSError as error:
            return failed(client, f"could not be started: {error}")
    after = server.usage()
    return Run(
        client,
        told["wall_s"],
        told["cpu_s"],
        told["peak_mib"],
        after.cpu_s - before.cpu_s,
        dict(after.requests - before.requests),
        _json(said),
        "" if told["exit_code"] == 0 else f"exit code {told['exit_code']}: {_last_line(complaint)}",
    )


def _ended(command: list[str]) -> tuple[str, str]:
    process = subprocess.Popen(
        command,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=LIMIT_S)
    except BaseException:
        # The client is the child's child: only the group reaches it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise


def failed(client: str, error: str) -> Run:
    """Return a run that came to nothing."""
    return Run(client, 0.0, 0.0, 0.0, 0.0, {}, {}, error)


def best(runs: list[Run]) -> Run:
    """Return the run with the least wall time, or one that failed if any did.

    The least, not the mean or the median: whatever else the machine does can only make a run longer.
    """
    broken = next((one for one in runs if one.error), None)
    return broken or min(runs, key=lambda one: one.wall_s)


def _json(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    try:
        told = orjson.loads(lines[-1]) if lines else {}
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"
