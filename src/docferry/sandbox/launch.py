"""Runs the embedded AWS (ministack) in this process, with what it lacks: `python -m docferry.sandbox.launch`.

Configured by the environment as `python -m ministack` is, apart from the listeners: the gateway only, on loopback.
"""

import os
import signal
import threading
from contextlib import nullcontext
from pathlib import Path

from docferry.sandbox.holder import hold
from docferry.sandbox.saved import noting

PID_FILE = "DOCFERRY_SANDBOX_PID_FILE"
"""The environment variable that names the file to hold while this process lives; none if it is not set. The folder
of the file is where it is noted that the state was saved."""
_ON_LOOPBACK = {"BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
"""The MQTT and SFTP listeners would bind every interface, whatever BIND_HOST says."""


def main() -> None:
    """Patch ministack and serve until SIGTERM. Raises UnknownServer if it is not the version patches are for.

    Without a file to hold it also ends with whoever started it, which is when its standard input ends.
    """
    os.environ.update(_ON_LOOPBACK)
    pid_file = os.environ.pop(PID_FILE, "")
    if pid_file:
        hold(Path(pid_file))
    else:
        threading.Thread(target=_end_with_input, daemon=True).start()
    # Read as late as this: ministack takes its configuration from the environment when it is imported.
    from ministack.app import main as serve  # noqa: PLC0415

    from docferry.sandbox import patches  # noqa: PLC0415

    patches.apply()
    with noting(Path(pid_file).parent, Path(os.environ["STATE_DIR"])) if pid_file else nullcontext():
        serve()


def _end_with_input() -> None:
    # Not by sys.stdin, whose lock a thread that waits would hold when the process ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
