"""A sandbox that stays: found again by its home folder, its state kept from one start to the next."""

import os
import shutil
import signal
import socket
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.sandbox import stores
from docferry.sandbox.configuration import held, sandbox_settings, write
from docferry.sandbox.emulator import DOCUMENTS, HOLDER, LOG, STATE, TEMPORARY, launch, url_of
from docferry.sandbox.holder import holder
from docferry.sandbox.home import (
    CREDENTIALS,
    DEFAULT_HOME,
    Memory,
    command,
    opened,
    remember,
    remembered,
)
from docferry.sandbox.saved import forget, note, saved_at
from docferry.settings import DEFAULT_FILE, Settings

FIRST_PORT = 4566
PORTS = 100
STOP_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Status:
    """What is to be said of a sandbox.

    `changed` is whether this call started or stopped it, `created` the stores this call created. `warnings` are
    sentences that each end with what to do. `url` and `config` are empty where no sandbox was ever started.
    """

    running: bool
    home: Path
    pid: int | None = None
    url: str = ""
    config: Path | None = None
    permissions: bool = False
    changed: bool = False
    created: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def start(
    home: Path = DEFAULT_HOME, *, port: int = 0, config: Path | None = None, permissions: bool | None = None
) -> Status:
    """Start the sandbox and create its stores and its docferry.toml; what is there already is left alone.

    Without a port it takes the one of last time, at first the next free one from 4566 on, and as it was last time
    it does what policies say or not, at first not. After it was killed nothing is created, and the warnings say
    what is missing. Raises InvalidInput if the home or docferry.toml is somebody else's, ServiceError if the port
    is taken or it does not start.
    """
    with opened(home):
        return _start(home, port, config, permissions)


def stop(home: Path = DEFAULT_HOME) -> Status:
    """Stop the sandbox and wait until its state is saved; none running is no error.

    Raises ServiceError if it has not ended within a minute: it is left to end by itself.
    """
    if not home.exists():
        return Status(running=False, home=home)
    with opened(home):
        return _stop(home)


def status(home: Path = DEFAULT_HOME) -> Status:
    """Return whether the sandbox runs, and what is wrong with it."""
    memory = remembered(home)
    if memory is None:
        return Status(running=False, home=home)
    pid = holder(home / HOLDER)
    return Status(
        running=pid is not None,
        home=home,
        pid=pid,
        url=url_of(memory.port),
        config=Path(memory.config),
        permissions=memory.permissions,
        warnings=_damage(home, memory, running=pid is not None) + (_absent(home, memory) if pid else ()),
    )


def reset(home: Path = DEFAULT_HOME, *, port: int = 0, config: Path | None = None) -> Status:
    """Wipe everything the sandbox holds and start it anew, on its port unless another is named.

    Raises as `start` and `stop` do, and what `start` would refuse before anything is wiped.
    """
    with opened(home):
        before = remembered(home)
        held(_file(before, config))
        port = _port(home, port, before)
        _stop(home)
        for name in (STATE, DOCUMENTS, TEMPORARY):
            shutil.rmtree(home / name, ignore_errors=True)
        (home / LOG).unlink(missing_ok=True)
        forget(home)
        if before:
            remember(home, replace(before, saved_at="", damaged=False))
        return _start(home, port, config, None)


def _start(home: Path, port: int, config: Path | None, permissions: bool | None) -> Status:
    before = remembered(home)
    runs = _runs(home)
    if runs and before and port not in (0, before.port):
        raise InvalidInput(
            f"the sandbox runs on port {before.port}; nothing was changed",
            hint=f"{command('stop', home)}, then start it on the other port",
        )
    if runs and before and permissions not in (None, before.permissions):
        raise InvalidInput(
            f"the sandbox runs {'with' if before.permissions else 'without'} permissions in force; nothing was "
            "changed",
            hint=f"{command('stop', home)}, then start it the other way",
        )
    memory = _next(home, before, _port(home, port, before), _file(before, config))
    if permissions is not None:
        memory = replace(memory, permissions=permissions)
    settings = _settings(home, memory)
    write(home, Path(memory.config), settings)
    remember(home, memory)
    if not runs:
        _launch(home, memory)
    try:
        created = () if memory.damaged else stores.create(settings)
    except ServiceError as error:
        raise ServiceError(str(error), hint=f"see {home / LOG}, then {command('status', home)}") from error
    return replace(status(home), changed=not runs, created=created)


def _launch(home: Path, memory: Memory) -> None:
    saved = saved_at(home)
    # Before it can be written to: this process may die right after.
    forget(home)
    try:
        launch(home, memory.port, keep=True, permissions=memory.permissions)
    except BaseException:
        if saved:
            note(home, saved)
        raise


def _next(home: Path, before: Memory | None, port: int, config: Path) -> Memory:
    if before is None:
        return Memory(port, str(config))
    damaged = before.damaged or (not _runs(home) and _was_killed(home))
    saved = "" if damaged else saved_at(home)
    return Memory(port, str(config), saved or before.saved_at, damaged, before.permissions)


def _runs(home: Path) -> bool:
    return holder(home / HOLDER) is not None


def _file(before: Memory | None, config: Path | None) -> Path:
    return (config or Path(before.config if before else DEFAULT_FILE)).absolute()


def _port(home: Path, asked: int, before: Memory | None) -> int:
    if not 0 <= asked <= 65535:
        raise InvalidInput(f"{asked} is no port", hint="ports are 1 to 65535; 0 leaves the choice to docferry")
    known = asked or (before.port if before else 0)
    if before and known == before.port and _runs(home):
        return known
    if known and not _is_free(known):
        raise ServiceError(
            f"port {known} is taken by another process; nothing was started",
            hint=f"end that process, or name another port ({command('start', home)} --port)",
        )
    # Below the ports that systems hand out for connections, so that it is still free the next time.
    return known or next(filter(_is_free, range(FIRST_PORT, FIRST_PORT + PORTS)))


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        # As the server does: connections of the last run that linger must not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _stop(home: Path) -> Status:
    pid = holder(home / HOLDER)
    if pid is None:
        return status(home)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while holder(home / HOLDER) is not None:
        if time.monotonic() > deadline:
            raise ServiceError(
                f"the sandbox (process {pid}) did not end within {STOP_TIMEOUT_S:.0f} s; it may still be saving",
                hint=f"see {home / LOG}, and try again",
            )
        time.sleep(0.05)
    return replace(status(home), changed=True)


def _was_killed(home: Path) -> bool:
    folders = (home / STATE, home / DOCUMENTS)
    return not saved_at(home) and any(folder.is_dir() and any(folder.iterdir()) for folder in folders)


def _settings(home: Path, memory: Memory) -> Settings:
    return sandbox_settings(url_of(memory.port), home / CREDENTIALS)


def _damage(home: Path, memory: Memory, *, running: bool) -> tuple[str, ...]:
    if not memory.damaged and (running or not _was_killed(home)):
        return ()
    rest = f"as they were at {memory.saved_at}" if memory.saved_at else "lost"
    return (
        "The sandbox was killed before it could save its state: documents are as they were then; tables, records, "
        f"queues and the settings of buckets are {rest}. Start over with: {command('reset', home)}",
    )


def _absent(home: Path, memory: Memory) -> tuple[str, ...]:
    try:
        absent = stores.missing(_settings(home, memory))
    except ServiceError as error:
        again = command("reset", home)
        return (f"The sandbox does not answer as it should ({error}). See {home / LOG}, then: {again}",)
    cure = command("reset" if memory.damaged else "start", home)
    return (f"Missing in the sandbox: {', '.join(absent)}. Get it back with: {cure}",) if absent else ()
