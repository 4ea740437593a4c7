"""The folder of a persistent sandbox, and what is remembered in it."""

import fcntl
import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TextIO

from docferry.domain.errors import InvalidInput

DEFAULT_HOME = Path(".docferry/sandbox")
CREDENTIALS = "credentials"
_MEMORY, _LOCK = "sandbox.json", "lock"


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
    permissions: bool = False


@contextmanager
def opened(home: Path) -> Iterator[None]:
    """Make the folder a sandbox's if it is not one yet, and let one caller at a time work on it.

    Raises InvalidInput if it holds something else or cannot be written to.
    """
    try:
        lock = _locked(home)
    except OSError as error:
        raise InvalidInput(f"cannot use the folder {home}: {error.strerror}", hint="name another") from error
    with lock:
        yield


def _locked(home: Path) -> TextIO:
    # Listed once: another caller may be making it a sandbox's right now, and makes the lock first.
    held = {file.name for file in home.iterdir()} if home.is_dir() else set()
    if (home.exists() and not home.is_dir()) or (held and _LOCK not in held):
        raise InvalidInput(
            f"{home} is not a folder of a sandbox; nothing was changed", hint="name another, or an empty one"
        )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (home / _LOCK).open("w", encoding="ascii")
    fcntl.flock(lock, fcntl.LOCK_EX)
    (home / ".gitignore").write_text("*\n", encoding="ascii")
    return lock


def command(verb: str, home: Path) -> str:
    """Return the command line that does this to the sandbox in this folder and to no other."""
    return f"docferry sandbox {verb}" + ("" if home == DEFAULT_HOME else f" --home {shlex.quote(str(home))}")


def remembered(home: Path) -> Memory | None:
    """Return what is remembered, or None where no sandbox was ever started.

    Raises InvalidInput if it is garbled or cannot be read.
    """
    try:
        memory = Memory(**json.loads((home / _MEMORY).read_text(encoding="utf-8")))
        if any(type(getattr(memory, one.name)) is not one.type for one in fields(Memory)):
            raise TypeError(f"{memory} holds values of other types")
        return memory
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidInput(
            f"cannot read {home / _MEMORY}: {error.strerror}", hint="name another folder"
        ) from error
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"{home / _MEMORY} is garbled; the sandbox cannot be told from it", hint=f"delete the folder {home}"
        ) from error


def remember(home: Path, memory: Memory) -> None:
    """Remember, in one step."""
    beside = home / f"{_MEMORY}.new"
    beside.write_text(json.dumps(asdict(memory), indent=2) + "\n", encoding="utf-8")
    beside.replace(home / _MEMORY)
