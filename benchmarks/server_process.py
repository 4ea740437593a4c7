"""Starts the S3 server in a process of its own and asks it for the benchmark's own things."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import orjson

ANSWER_WITHIN_S = 60.0
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server has done since its start."""

    cpu_s: float
    requests: Counter[str]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str

    def seed(self, bucket: str, *, objects: int, size: int, counted: bool = False) -> None:
        """Make a bucket anew; a counted one only lists its objects and does not hold them."""
        self._ask("seed", bucket=bucket, objects=objects, size=size, counted="1" if counted else "")

    def forget_tables(self) -> None:
        """Empty all tables."""
        self._ask("forget-tables")

    def usage(self) -> Usage:
        """Return the server's CPU seconds and its requests by operation."""
        told = self._ask("usage")
        return Usage(told["cpu_s"], Counter(told["requests"]))

    def compare(self, source: str, target: str) -> tuple[int, int]:
        """Return how many objects the target holds, and how many keys are not the same on both sides."""
        told = self._ask("compare", source=source, target=target)
        return told["target"], told["wrong"]

    def _ask(self, action: str, **query: str | int) -> dict[str, Any]:
        with _OPENER.open(f"{self.url}/-/{action}?{urlencode(query)}", timeout=ANSWER_WITHIN_S) as answer:
            told: dict[str, Any] = orjson.loads(answer.read())
        return told


@contextmanager
def running() -> Iterator[Server]:
    """Run a server; it ends when its standard input is closed."""
    command = [sys.executable, "-m", "benchmarks.s3_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.stdin.close()
