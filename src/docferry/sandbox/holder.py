"""Which process runs a sandbox: the one that holds a lock on the file with its id.

The lock goes with the process however it ends, so that an id left behind is never taken for another process that
has the same number since.
"""

import fcntl
import os
from pathlib import Path


def hold(path: Path) -> None:
    """Make this process the holder until it ends.

    The file shows up with the lock held and the id written. Whoever starts processes sees to it that there is one.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    # Never closed: closing it would let go of the lock.
    held = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    os.write(held, str(os.getpid()).encode())
    beside.replace(path)


def holder(path: Path) -> int | None:
    """Return the id of the process that holds the file, or None."""
    try:
        file = path.open(encoding="ascii")
    except FileNotFoundError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read())
    return None
