"""Runs the embedded AWS (ministack) as a child process on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager

from docferry.domain.errors import ServiceError

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
_SHOWN = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")


@contextmanager
def running() -> Iterator[str]:
    """Start an embedded AWS on a free loopback port, give its URL, and stop it at the end.

    Raises ServiceError if it does not answer within a minute. Nothing of the caller's AWS settings reaches it.
    """
    port = _free_port()
    shown = {name: os.environ[name] for name in _SHOWN if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "ministack"],
        env={**shown, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(child, url)
        yield url
    finally:
        child.terminate()
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(child: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ServiceError(f"the embedded AWS ended at once with code {child.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise ServiceError(f"the embedded AWS at {url} did not answer within {START_TIMEOUT_S:.0f} s")
