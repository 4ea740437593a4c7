"""Has spin search one of the models in full: the protocol in several worlds, and with something left out."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[2] / "models"
ERROR = re.compile(r"assertion violated\s+!\(+(\w+)")
STATES = re.compile(r"(\d+) states, stored")
UNREACHED = re.compile(r"\w+\.pml:(\d+), state")
LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class World:
    """What may happen in one search of a model: the bounds that it takes by these names.

    A `large` one is worth the time of a better compilation.
    """

    model: Path
    name: str
    bounds: tuple[tuple[str, int], ...]
    large: bool = False


@dataclass(frozen=True, slots=True)
class Weakening:
    """What is left out, the world that shows what it costs, and the invariant that is broken by it.

    `broken` is empty where all of them hold. Two names are left out together: what one of them guards, the other
    one guards as well.
    """

    names: tuple[str, ...]
    world: World
    broken: str

    def __str__(self) -> str:
        return "+".join(self.names) or "nothing left out"


@dataclass(frozen=True, slots=True)
class Search:
    """What a search came to. `broken` is empty if all invariants hold; `unreached` are lines of the model."""

    broken: str
    states: int
    unreached: frozenset[int]


def need_spin() -> None:
    """Skip a test where spin or gcc is missing, but in CI fail."""
    missing = [one for one in ("spin", "gcc") if shutil.which(one) is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"the model is not searched: install {' and '.join(missing)} (apt-get install -y spin gcc)")
    assert not missing, f"CI needs {' and '.join(missing)} to search the models"


def search(world: World, directory: Path, weakening: Weakening | None = None) -> Search:
    """Search a world to its end, or to the first invariant that is broken; `directory` takes what spin makes."""
    defines = [f"-D{name}={bound}" for name, bound in world.bounds]
    defines += [f"-D{name}" for name in weakening.names] if weakening else []
    _ran(["spin", "-a", *defines, str(world.model)], directory)
    # Most searches are too short to be worth the time of a better compilation.
    level = "-O1" if world.large else "-O0"
    _ran(["gcc", level, "-w", "-DSAFETY", "-DVECTORSZ=2048", "-o", "pan", "pan.c"], directory)
    # Who is blocked when nothing can happen any more is judged by the model itself.
    said = _ran(["./pan", "-m200000", "-w22", "-E"], directory)
    if "max search depth too small" in said or not (found := STATES.search(said)):
        raise AssertionError(f"the search of {world.name!r} did not come to its end:\n{said[-2000:]}")
    error = ERROR.search(said)
    if not error and "errors: 0" not in said:
        raise AssertionError(f"the search of {world.name!r} ended in what is no invariant:\n{said[-2000:]}")
    unreached = frozenset(map(int, UNREACHED.findall(said)))
    return Search(error.group(1) if error else "", int(found.group(1)), unreached)


def _ran(command: list[str], directory: Path) -> str:
    ran = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    if ran.returncode:
        raise AssertionError(f"{command[0]} failed:\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
    return ran.stdout


def all_as_they_should(searches: Iterable[Weakening]) -> bool:
    """Make searches, and say what each came to. Returns whether none came to something else than it should."""
    wrong = 0
    for one in searches:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as directory:
            found = search(one.world, Path(directory), one)
        wrong += found.broken != one.broken
        took_s = time.perf_counter() - began
        said = f"{found.broken or 'holds'}, {found.states} states in {took_s:.0f} s: {one}, {one.world.name}"
        sys.stdout.write(f"{'as it should' if found.broken == one.broken else 'WRONG'}: {said}\n")
        sys.stdout.flush()
    return not wrong
