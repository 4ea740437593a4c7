"""Fetches wheels for another machine than this one, by pip."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.packaging.closure import Pins
from docferry.packaging.runtime import Runtime

Fetch = Callable[[Pins, Runtime, Path], None]
"""Lays the pinned distributions out in a directory as they are imported on the runtime."""

_CUT_OFF = ("connection broken by", "max retries exceeded", "could not fetch url", "read timed out")
_NO_WHEEL = "no matching distribution found for "


def fetch_with_pip(pins: Pins, runtime: Runtime, directory: Path) -> None:
    """Fetch from the package index that pip is configured for, or from its cache.

    Raises InvalidInput if there is no pip or no wheel for the runtime, ServiceError if the index does not answer.
    """
    if importlib.util.find_spec("pip") is None:
        raise InvalidInput(
            "wheels are fetched by pip, which is not installed beside docferry; nothing was built",
            hint=f"{sys.executable} -m ensurepip",
        )
    ran = subprocess.run(
        _command(pins, runtime, directory),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        # A user who always installs with --user could not use --target.
        env={**os.environ, "PIP_USER": "0"},
    )
    if ran.returncode:
        raise failure(ran.stdout + ran.stderr, runtime)


def _command(pins: Pins, runtime: Runtime, directory: Path) -> list[str]:
    platforms = [f"--platform={one}" for one in runtime.platforms()]
    return [
        *(sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--retries=2"),
        *("--no-deps", "--no-compile", "--only-binary=:all:", f"--target={directory}", "--implementation=cp"),
        *(f"--python-version={runtime.python}", f"--abi={runtime.abi()}", *platforms),
        *(f"{name}=={version}" for name, version in pins.items()),
    ]


def failure(said: str, runtime: Runtime) -> InvalidInput | ServiceError:
    """Say in one line what pip's output means."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    # An index that does not answer makes pip say "no matching distribution" as well: look for that first.
    if cut_off := [line for line in lines if any(sign in line.lower() for sign in _CUT_OFF)]:
        # The cause stands behind the object that met it: "…Connection object at 0x7f…>: …".
        cause = cut_off[-1].rpartition(">: ")[2].replace("')'", "")
        return ServiceError(
            f"the package index cannot be reached; nothing was built: {cause}",
            hint="check the network and pip's configuration (pip config list), then try again",
        )
    for line in lines:
        if _NO_WHEEL in line.lower():
            name = line[line.lower().index(_NO_WHEEL) + len(_NO_WHEEL) :].split(" ")[0]
            return InvalidInput(
                f"there is no wheel of {name} for Python {runtime.python} on Linux {runtime.architecture}; "
                "nothing was built",
                hint="name another --python, or install a version of it that has one",
            )
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["it said nothing"]
    return ServiceError(f"pip could not fetch the wheels; nothing was built: {errors[-1]}", hint="mend that")
