"""How long a thousand files take: copies of this project's own, which are of the size that files have."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from benchmarks.contestants import environment
from benchmarks.report import Section, Target, at_most

INFRA = Path(__file__).parents[2] / "infra"
FILES = 1000
MOST_S = {100: 1.0, FILES: 5.0}
"""How many files, and within how many seconds of one core."""
PEAK_MIB = 200.0
_TIMED = Path(__file__).parents[1] / "timed.py"
_VARIED = "documents"
"""A word that is in most files, and is another in each copy."""


def generate(folder: Path, files: int = FILES) -> int:
    """Write so many files, and return how many bytes they are."""
    sources = sorted(one for one in INFRA.rglob("*.tf") if ".terraform" not in one.parts)
    size = 0
    for number in range(files):
        copy, source = divmod(number, len(sources))
        text = sources[source].read_text(encoding="utf-8").replace(_VARIED, f"{_VARIED}{copy}")
        path = folder / f"copy{copy:03}" / sources[source].relative_to(INFRA)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        size += len(text.encode())
    return size


def speed(repeats: int) -> Section:
    """Check files on one core, as a whole process; the best of some runs."""
    section = Section(
        "speed",
        "Copies of our own files, one core",
        ("checker", "files", "MiB read", "wall s", "CPU s", "peak MiB"),
    )
    for files, most_s in MOST_S.items():
        _add(section, files, most_s, repeats)
    return section


def _add(section: Section, files: int, most_s: float, repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "files")
        size = generate(root, files)
        runs = [_measured(root, Path(folder, "result.json")) for _ in range(repeats)]
    best = min(runs, key=lambda one: one["cpu_s"])
    peak = max(one["peak_mib"] for one in runs)
    figures = (f"{size / 2**20:.1f}", f"{best['wall_s']:.2f}", f"{best['cpu_s']:.2f}", f"{peak:.0f}")
    section.rows.append(("docferry preflight", f"{files:,}", *figures))
    section.targets.append(at_most(f"fast: {files:,} files", best["cpu_s"], most_s, "s of CPU"))
    section.targets.append(at_most(f"small: {files:,} files", peak, PEAK_MIB, "MiB"))
    if best["wall_s"] > most_s >= best["cpu_s"]:
        section.targets.append(Target(f"fast by the clock: {files:,} files", "the core was not free", None))


def _measured(root: Path, result: Path) -> dict[str, float]:
    program = Path(sys.executable).with_name("docferry")
    command = [str(program), "preflight", str(root), "--format", "json", "--fail-on", "critical"]
    subprocess.run(
        [sys.executable, "-S", str(_TIMED), str(result), *command],
        env=environment(),
        stdout=subprocess.DEVNULL,
        check=True,
        preexec_fn=_one_core,
    )
    told: dict[str, float] = orjson.loads(result.read_bytes())
    if told["exit_code"] not in (0, 1):
        raise RuntimeError(f"docferry preflight ended with {told['exit_code']:.0f}")
    return told


def _one_core() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
