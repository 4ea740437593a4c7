"""Whether all that a sandbox holds is on disk, and since when.

Its own process notes it at its end, for it may be ended by anyone: by docferry, by an operator, by a machine that
shuts down.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_MARK = "clean"
_FILES = ("s3.json", "dynamodb.json", "sqs.json")


@contextmanager
def noting(home: Path, state: Path) -> Iterator[None]:
    """Note at the end that everything is on disk, if the body saved it into `state`."""
    before = _versions(state)
    try:
        yield
    finally:
        after = _versions(state)
        if all(after[name] not in (None, before[name]) for name in _FILES):
            note(home, datetime.now(UTC).isoformat(timespec="seconds"))


def note(home: Path, when: str) -> None:
    """Note that what is on disk is all there is, since `when` (ISO 8601)."""
    (home / _MARK).write_text(when, encoding="ascii")


def forget(home: Path) -> None:
    """Take that note away: from now on there may be more in memory than on disk."""
    (home / _MARK).unlink(missing_ok=True)


def saved_at(home: Path) -> str:
    """Return since when everything is on disk; nothing if it may not be."""
    try:
        return (home / _MARK).read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _versions(state: Path) -> dict[str, tuple[int, int] | None]:
    # Each save replaces the file, so a file that is the same one was not saved.
    found: dict[str, tuple[int, int] | None] = dict.fromkeys(_FILES)
    for name in _FILES:
        file = state / name
        if file.exists():
            found[name] = (file.stat().st_ino, file.stat().st_mtime_ns)
    return found
