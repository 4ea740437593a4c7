"""The checkers, each of which says of every case what it found, and how long it took."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from benchmarks.contestants import environment
from benchmarks.preflight.corpus import CORPUS, DAY, Case, Report
from benchmarks.preflight.counterparts import CHECKOV, LENIENT, is_of_the_machine, of_terraform
from docferry.domain.errors import InvalidInput
from docferry.preflight import config
from docferry.preflight.rule import Context
from docferry.preflight.rules import all_rules
from docferry.preflight.run import run
from docferry.sandbox import terraform_setup as setup

CHECKOV_PROGRAM = Path(__file__).parents[2] / ".venv-checkov" / "bin" / "checkov"


@dataclass(frozen=True, slots=True)
class Said:
    """What one checker said, by case. A case that it could not judge here is in `unjudged`, with the reason."""

    checker: str
    reports: Mapping[str, tuple[Report, ...]] = field(default_factory=dict)
    unjudged: Mapping[str, str] = field(default_factory=dict)
    wall_s: float = 0.0
    outside: int = 0
    error: str = ""


def docferry(cases: Sequence[Case], root: Path = CORPUS, day: date = DAY) -> Said:
    """Return what docferry preflight says on a day. The time is that of the command, on all below `root`."""
    ids = tuple(one.id for one in all_rules())
    found = {}
    for case in cases:
        result = run(case.path, Context(day, config.load(case.path, None, ids)), all_rules())
        found[case.name] = tuple(
            Report(one.place.file, frozenset({one.place.line}), (one.rule,), f"{one.rule}: {one.message}")
            for one in result.findings
            if one.place
        )
    program = Path(sys.executable).with_name("docferry")
    began = time.perf_counter()
    command = [str(program), "preflight", str(root), "--format", "json"]
    subprocess.run(command, capture_output=True, check=False, env=environment())
    return Said("docferry preflight", found, wall_s=time.perf_counter() - began)


def checkov(cases: Sequence[Case], root: Path = CORPUS) -> Said:
    """Return what checkov says of all below `root`, in one run."""
    if not CHECKOV_PROGRAM.is_file():
        return Said("checkov", error="is not installed: make .venv-checkov/.installed")
    options = ("--framework", "terraform", "--skip-download", "--output", "json", "--compact", "--quiet")
    command = [str(CHECKOV_PROGRAM), "--directory", str(root), *options, "--soft-fail"]
    began = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    took = time.perf_counter() - began
    try:
        failed = orjson.loads(ended.stdout)["results"]["failed_checks"]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return Said("checkov", error=f"said no JSON: {ended.stderr[-200:]}")
    found = {
        case.name: tuple(report for one in failed if (report := _of_checkov(one, case)) is not None)
        for case in cases
    }
    outside = sum(one["check_id"] not in CHECKOV for one in failed)
    return Said("checkov", found, wall_s=took, outside=outside)


def _of_checkov(check: dict[str, Any], case: Case) -> Report | None:
    directory, _, file = check["file_path"].rpartition("/")
    if directory != f"/{case.name}" or check["check_id"] not in CHECKOV:
        return None
    first, last = check["file_line_range"]
    said = f"{check['check_id']}: {check['check_name']}"
    name, rules = check["check_id"], CHECKOV[check["check_id"]]
    return Report(file, frozenset(range(first, last + 1)), rules, said, name in LENIENT)


def terraform(cases: Sequence[Case]) -> tuple[Said, Said]:
    """Return what Terraform says when it is initialised and validates: without the backends, and with them.

    The time is that of one run a case, for it knows no other way.
    """
    names = ("terraform validate", "the same, with backend")
    try:
        program = setup.program()
    except InvalidInput as error:
        plain, connected = (Said(name, error=str(error)) for name in names)
        return plain, connected
    without = {case.name: _judged(program, case, backend=False) for case in cases}
    backed = {case.name: _judged(program, case, backend=True) for case in cases if case.has_backend}
    plain, connected = (_said(name, told) for name, told in zip(names, (without, without | backed), strict=True))
    return plain, connected


def _said(name: str, told: Mapping[str, "_Judged"]) -> Said:
    found = {case: one.reports for case, one in told.items()}
    lacking = {case: one.lacking for case, one in told.items() if one.lacking and not one.reports}
    return Said(name, found, lacking, sum(one.wall_s for one in told.values()))


@dataclass(frozen=True, slots=True)
class _Judged:
    """What Terraform said of one case, and what it missed on this machine, if anything."""

    reports: tuple[Report, ...]
    lacking: str
    wall_s: float


def _judged(program: str, case: Case, *, backend: bool) -> _Judged:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(case.path, Path(folder, "case"))
        began = time.perf_counter()
        told = _told(program, Path(folder, "case"), backend=backend)
        took = time.perf_counter() - began
    lacking = [one.said for one in told if is_of_the_machine(one.said)]
    reports = tuple(one for one in told if one.file and one.said not in lacking)
    return _Judged(reports, lacking[0] if lacking else "", took)


def _told(program: str, folder: Path, *, backend: bool) -> list[Report]:
    variables = setup.cli_configuration(folder.parent, "5.100.0") | {"AWS_MAX_ATTEMPTS": "1"}
    settings = setup.environment("http://127.0.0.1:9", "eu-central-1", variables)
    options = ("-json", "-input=false", *(() if backend else ("-backend=false",)))
    lines = _run([program, "init", *options], folder, settings).splitlines()
    events = [orjson.loads(one) for one in lines if one.startswith("{")]
    told = [one["diagnostic"] for one in events if "diagnostic" in one]
    if not any(one["severity"] == "error" for one in told):
        told += orjson.loads(_run([program, "validate", "-json"], folder, settings))["diagnostics"]
    return list(dict.fromkeys(_of_terraform(one, folder) for one in told))


def _run(command: list[str], folder: Path, settings: Mapping[str, str]) -> str:
    ended = subprocess.run(
        command, cwd=folder, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return ended.stdout


def _of_terraform(told: dict[str, Any], folder: Path) -> Report:
    place = told.get("range")
    said = " ".join(f"{told['summary']}: {told.get('detail', '')}".split())
    rules = of_terraform(said)
    any_rule = tuple(one.id for one in all_rules())
    if not place:
        return Report("", frozenset(), rules or any_rule, said)
    first, last = place["start"]["line"], place["end"]["line"]
    head, end = _outer_block(folder / place["filename"], first)
    # What is said of a block's first line is said of all of it; of what is known, the block may be what is meant.
    lines = {*range(first, (end if first == head else last) + 1), *([head] if rules else [])}
    return Report(place["filename"], frozenset(lines), rules or any_rule, said)


def _outer_block(file: Path, line: int) -> tuple[int, int]:
    """Return the first and the last line of the top-level block that a line is in."""
    lines = file.read_text(encoding="utf-8").splitlines()
    head = next((number for number in range(line, 0, -1) if lines[number - 1][:1].isalpha()), line)
    return head, next(
        (number for number in range(head, len(lines) + 1) if lines[number - 1].startswith("}")), head
    )
