"""Section about the functions: how long a fresh process takes to import each from the zip, and what for."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Section, Target, at_most, ratio, row_of_error
from docferry.domain.errors import DocferryError
from docferry.packaging.archive import Written
from docferry.packaging.build import build, contents
from docferry.packaging.reachable import HANDLERS
from docferry.packaging.runtime import Runtime
from docferry.settings import Side

MIB = 1024 * 1024
ZIP_LIMIT_MIB = 15.0
SLOWEST = 12
LEAST = 9
"""Starts that a median is taken of, if fewer are asked for."""

_IMPORT = """
import sys, time
sys.path.insert(0, sys.argv[1])
began = time.perf_counter()
module = __import__(sys.argv[2], fromlist=["handler"])
took = time.perf_counter() - began
import json, resource
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"import_s": took, "peak_mib": peak, "modules": len(sys.modules)}))
"""
_IMPORTED = re.compile(r"^import time: +(\d+) \| +\d+ \| *(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start: seconds until the handler was imported and initialised, MiB at its peak, modules loaded."""

    import_s: float
    peak_mib: float
    modules: int


def started(repeats: int) -> Section:
    """Each function from the zip that this machine can run, without bytecode as in AWS, and with it to compare.

    The function's files cannot be written in AWS, so that every cold start compiles everything it imports.
    """
    section = Section(
        "cold",
        f"Cold start: import of the handler from the unpacked zip, fresh processes (median of {repeats})",
        ("function", "import ms", "with bytecode ms", "÷ without", "peak MiB", "modules"),
    )
    with tempfile.TemporaryDirectory() as held:
        try:
            written = _unpacked(Path(held))
        except DocferryError as error:
            row_of_error(section, "docferry", str(error))
            section.targets.append(Target("the zip is small", "not built", None))
            return section
        # First without: the runs with bytecode leave it behind.
        cold = {handler: _median(Path(held), handler, repeats, "-B") for handler in HANDLERS}
        section.notes.extend(_slowest(Path(held), HANDLERS[0]))
        for handler in HANDLERS:
            _run(Path(held), handler)
            _add_row(section, handler, cold[handler], _median(Path(held), handler, repeats))
    section.targets.append(at_most("the zip is small", written.size / MIB, ZIP_LIMIT_MIB, "MiB"))
    return section


def _unpacked(directory: Path) -> Written:
    runtime = Runtime.here()
    output = directory / "docferry.zip"
    written = build(runtime, contents(runtime), output)
    with zipfile.ZipFile(output) as opened:
        opened.extractall(directory)
    return written


def _run(directory: Path, handler: str, *options: str) -> "subprocess.CompletedProcess[str]":
    # -I and -S: nothing of this machine's environment or site-packages takes part.
    command = [sys.executable, "-I", "-S", *options, "-c", _IMPORT, str(directory), handler]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=True)


def _environment() -> dict[str, str]:
    named = [name.upper() for name, field in Side.model_fields.items() if field.is_required()]
    return {
        **{f"DOCFERRY_{side}__{name}": "benchmark" for side in ("SOURCE", "TARGET") for name in named},
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_REGION": "us-east-1",
        "PATH": os.defpath,
        "POWERTOOLS_METRICS_NAMESPACE": "docferry",
        "POWERTOOLS_SERVICE_NAME": "benchmark",
    }


def _median(directory: Path, handler: str, repeats: int, *options: str) -> Start:
    starts = [Start(**json.loads(_run(directory, handler, *options).stdout)) for _ in range(repeats)]
    return Start(
        statistics.median(one.import_s for one in starts),
        statistics.median(one.peak_mib for one in starts),
        starts[0].modules,
    )


def _add_row(section: Section, handler: str, cold: Start, compiled: Start) -> None:
    section.rows.append(
        (
            handler.rpartition(".")[2],
            f"{cold.import_s * 1000:,.0f}",
            f"{compiled.import_s * 1000:,.0f}",
            ratio(compiled.import_s, cold.import_s),
            f"{cold.peak_mib:,.0f}",
            f"{cold.modules:,}",
        )
    )


def _slowest(directory: Path, handler: str) -> list[str]:
    """Say which packages the time goes to: that of their own modules, without what these import in turn."""
    traced = _run(directory, handler, "-B", "-X", "importtime").stderr
    spent: Counter[str] = Counter()
    modules: Counter[str] = Counter()
    for microseconds, name in _IMPORTED.findall(traced):
        package = name.split(".")[0]
        package = (
            package if (directory / package).is_dir() or (directory / f"{package}.py").is_file() else "python"
        )
        spent[package] += int(microseconds)
        modules[package] += 1
    function = handler.rpartition(".")[2]
    return [
        f"{function} imports {package}: {took / 1000:,.0f} ms in {modules[package]} modules of it"
        for package, took in spent.most_common(SLOWEST)
    ]
