"""Runs the embedded AWS (ministack, patched) as a child process on loopback."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from docferry.domain.errors import ServiceError
from docferry.sandbox.launch import PID_FILE

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
STATE, DOCUMENTS, TEMPORARY, LOG, HOLDER = "state", "documents", "tmp", "log", "pid"
"""What an embedded AWS keeps in its folder: saved services, documents, scratch files, its log, its process id."""
_SHOWN = ("PATH", "HOME", "LANG", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")


@contextmanager
def running(*, permissions: bool = False) -> Iterator[str]:
    """Start an embedded AWS on a free loopback port, give its URL, and stop it at the end.

    With `permissions` it verifies signatures and does what policies of IAM and of buckets say; the key `test` may
    do everything, as an account's root may. Raises ServiceError if it does not answer within a minute. Nothing of
    the caller's AWS settings reaches it, and nothing of it is left.
    """
    with tempfile.TemporaryDirectory(prefix="docferry-sandbox-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        child = launch(Path(folder), port, keep=False, permissions=permissions)
        try:
            yield url_of(port)
        finally:
            _end(child)


def launch(folder: Path, port: int, *, keep: bool, permissions: bool = False) -> subprocess.Popen[bytes]:
    """Start an embedded AWS that has its files in `folder`, and return it when it answers.

    With `keep` it saves its state when it ends, and outlives the caller and its terminal. Raises ServiceError if
    it does not answer within a minute.
    """
    folder = folder.absolute()
    mark = f"docferry-{uuid.uuid4().hex}"
    (folder / TEMPORARY).mkdir(exist_ok=True)
    with (folder / LOG).open("ab") as log:
        child = subprocess.Popen(
            # -P: the folder it runs in must not be looked in for modules.
            [sys.executable, "-P", "-m", "docferry.sandbox.launch"],
            env=_environment(folder, port, mark, keep=keep, permissions=permissions),
            cwd=folder,
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=keep,
        )
    try:
        _wait_until_healthy(child, port, mark, folder / LOG)
    except BaseException:
        _end(child)
        raise
    return child


def url_of(port: int) -> str:
    """Return the URL of the embedded AWS on a port."""
    return f"http://127.0.0.1:{port}"


def _environment(folder: Path, port: int, mark: str, *, keep: bool, permissions: bool) -> dict[str, str]:
    shown = {name: os.environ[name] for name in _SHOWN if name in os.environ}
    kept = {"PERSIST_STATE": "1", "S3_PERSIST": "1", PID_FILE: str(folder / HOLDER)}
    return {
        **shown,
        **(kept if keep else {}),
        "GATEWAY_PORT": str(port),
        "STATE_DIR": str(folder / STATE),
        "S3_DATA_DIR": str(folder / DOCUMENTS),
        "TMPDIR": str(folder / TEMPORARY),
        "LOG_LEVEL": "WARNING",
        "AUTH": "true" if permissions else "false",
        # What its health page calls its edition: it tells this very process from others on the same port.
        "MINISTACK_EDITION": mark,
    }


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(child: subprocess.Popen[bytes], port: int, mark: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ServiceError(f"the embedded AWS ended at once with code {child.returncode}: {_last_line(log)}")
        if _edition(port) == mark:
            return
        time.sleep(0.05)
    raise ServiceError(f"the embedded AWS at {url_of(port)} did not answer within {START_TIMEOUT_S:.0f} s")


def _edition(port: int) -> str:
    # Not urllib: it would ask the proxy of the caller's environment.
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
        try:
            connection.request("GET", "/_ministack/health")
            return str(json.loads(connection.getresponse().read())["edition"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return ""


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it left no log")


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
