"""The folder of a persistent sandbox, and what is remembered in it."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from docferry.domain.errors import InvalidInput

DEFAULT_HOME = Path(".docferry/sandbox")
CREDENTIALS = "credentials"
_MEMORY, _LOCK, _CLEAN = "sandbox.json", "lock", "clean"


@dataclass(frozen=True, slots=True)
class Memory:
    """What outlives the process. `config` is the path of docferry.toml.

    `saved_at` is when the state was last saved, as ISO 8601 in UTC; empty if never. `damaged` is set once a
    process was killed that may have changed it since, and stays until a reset.
    """

    port: int
    config: str
    saved_at: str = ""
    damaged: bool = False


@contextmanager
def opened(home: Path) -> Iterator[None]:
    """Make the folder a sandbox's if it is not one yet, and let one caller at a time work on it.

    Raises InvalidInput if it holds something else.
    """
    if home.exists() and not (home.is_dir() and ((home / _LOCK).exists() or not any(home.iterdir()))):
        raise InvalidInput(
            f"{home} is not a folder of a sandbox; nothing was changed", hint="name another, or an empty one"
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (home / ".gitignore").write_text("*\n", encoding="ascii")
        yield


def remembered(home: Path) -> Memory | None:
    """Return what is remembered, or None where no sandbox was ever started.

    Raises InvalidInput if it is garbled.
    """
    try:
        return Memory(**json.loads((home / _MEMORY).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"{home / _MEMORY} is garbled; the sandbox cannot be told from it", hint=f"delete the folder {home}"
        ) from error


def remember(home: Path, memory: Memory) -> None:
    """Remember, in one step."""
    beside = home / f"{_MEMORY}.new"
    beside.write_text(json.dumps(asdict(memory), indent=2) + "\n", encoding="utf-8")
    beside.replace(home / _MEMORY)


def mark_clean(home: Path) -> None:
    """Note that what is on disk is all there is."""
    (home / _CLEAN).touch()


def mark_in_use(home: Path) -> None:
    """Take that note away: from now on there may be more in memory than on disk."""
    (home / _CLEAN).unlink(missing_ok=True)


def is_clean(home: Path) -> bool:
    """Tell whether what is on disk is all there is."""
    return (home / _CLEAN).exists()
