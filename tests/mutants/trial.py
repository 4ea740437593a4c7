"""Runs tests on a copy of the sources, with a mutant in it or none."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants.mutant import PACKAGE, ROOT, SOURCES, Mutant, Stale
from tests.mutants.witness import OTHERS

LIMIT_S = 300.0
PASSED, FAILED = 0, 1
"""How pytest ends. Everything else, an import that fails included, tells nothing of a mutant."""
SHOWN_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a mutant: whether it was `killed`, by which tests, or why that cannot be told."""

    mutant: Mutant
    killed: bool
    by: tuple[str, ...]
    problem: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of pytest ended, and what it said."""

    code: int
    said: str

    @property
    def failed(self) -> tuple[str, ...]:
        """The tests that failed."""
        lines = [
            one.removeprefix("FAILED ").split(" - ")[0]
            for one in self.said.splitlines()
            if one.startswith("FAILED ")
        ]
        return tuple(dict.fromkeys(lines))


@contextmanager
def copied() -> Iterator[Path]:
    """Copy the sources to a temporary folder."""
    with TemporaryDirectory(prefix="mutant-") as place:
        sources = Path(place, "src")
        shutil.copytree(SOURCES, sources, ignore=shutil.ignore_patterns("__pycache__"))
        yield sources


def ran(sources: Path, tests: Sequence[str]) -> Ran:
    """Run tests on these sources: the first that fails ends it. What takes too long has failed.

    Raises RuntimeError if other sources than these were imported.
    """
    command = [sys.executable, "-m", "pytest", "--no-cov", "-p", "no:cacheprovider", "-p", "tests.mutants.witness"]
    command += ["-x", "-rf", "--tb=line", "--no-header", *tests]
    # What an outer pytest says to its workers is not for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    environment |= {"PYTHONPATH": f"{sources}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    environment["DOCFERRY_MUTANT"] = str(sources / PACKAGE)
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Ran(FAILED, f"FAILED {tests[0]} - not done within {LIMIT_S:g} s")
    if OTHERS in done.stdout + done.stderr:
        raise RuntimeError(done.stdout[-SHOWN_CHARACTERS:] + done.stderr[-SHOWN_CHARACTERS:])
    return Ran(done.returncode, done.stdout + done.stderr)


def tried(mutant: Mutant) -> Verdict:
    """Try a mutant."""
    began = time.monotonic()
    with copied() as sources:
        try:
            mutant.apply(sources)
        except (Stale, OSError) as error:
            return Verdict(mutant, False, (), f"does not fit: {error}", time.monotonic() - began)
        came = ran(sources, mutant.killers)
    seconds = time.monotonic() - began
    if came.code not in (PASSED, FAILED):
        said = f"pytest ended with {came.code}: {came.said[-SHOWN_CHARACTERS:]}"
        return Verdict(mutant, False, (), said, seconds)
    return Verdict(mutant, came.code == FAILED, came.failed, "", seconds)
