"""Section about the libraries that could send docferry's requests: why it is the one it is."""

import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from benchmarks.contestants import SOURCE, TARGET
from benchmarks.report import Section, Target, at_most, ratio, row_of_error
from benchmarks.runs import Run, best, failed, measured
from benchmarks.server_process import Server

OBJECT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Library:
    """One library. A slow one sends a fraction of the requests, so that it does not take the whole time."""

    name: str
    label: str
    fraction: float = 1.0


LIBRARIES = (
    Library("boto3", "boto3, 8 threads", 0.2),
    Library("aiohttp", "aiohttp, docferry's signing"),
    Library("awscrt", "awscrt S3Client"),
    Library("docferry", "docferry's own client"),
)


def compared(server: Server, objects: int, repeats: int) -> Section:
    """CopyObject through each library."""
    section = Section(
        "clients",
        f"Client libraries: CopyObject, the request alone (best of {repeats})",
        ("library", "requests", "copies/s", "rate ÷ boto3", "CPU µs each", "CPU ÷ boto3", "server busy"),
    )
    server.seed(SOURCE, objects=objects, size=OBJECT_BYTES)
    shown: dict[str, Run] = {}
    for one in LIBRARIES:
        try:
            version(one.name)
        except PackageNotFoundError:
            row_of_error(section, one.label, f"skipped, not installed: pip install {one.name}")
            continue
        requests = max(1, int(objects * one.fraction))
        shown[one.name] = best([_one_run(server, one, requests) for _ in range(repeats)])
        _add_row(section, one, shown[one.name], shown.get("boto3"))
    _judge(section, shown)
    return section


def _judge(section: Section, shown: dict[str, Run]) -> None:
    cpu = {name: _rates(run)[1] for name, run in shown.items() if not run.error}
    ours = cpu.pop("docferry", None)
    aim = "docferry's client takes no more CPU a request than the cheapest library"
    if ours is None or not cpu:
        section.targets.append(Target(aim, "nothing to compare", None if ours else False))
    else:
        section.targets.append(at_most(aim, ours, min(cpu.values()), "µs"))


def _one_run(server: Server, library: Library, requests: int) -> Run:
    server.seed(TARGET, objects=0, size=0)
    command = [sys.executable, "-m", "benchmarks.copiers", library.name, server.url, str(requests)]
    run = measured(server, library.name, command)
    held, _ = server.compare(SOURCE, TARGET)
    if run.error or held == requests:
        return run
    return failed(library.name, f"the target holds {held} objects of {requests}")


def _rates(run: Run) -> tuple[float, float]:
    """Copies a second and CPU microseconds each."""
    sent = run.requests.get("Copy", 0)
    return sent / run.output["sending_s"], run.output["sending_cpu_s"] / sent * 1e6


def _add_row(section: Section, library: Library, run: Run, base: Run | None) -> None:
    section.runs.append(run)
    if run.error:
        row_of_error(section, library.label, run.error)
        return
    rate, cpu = _rates(run)
    base_rate, base_cpu = _rates(base) if base and not base.error else (0.0, 0.0)
    section.rows.append(
        (
            f"{library.label} {version(library.name)}",
            f"{run.requests.get('Copy', 0):,}",
            f"{rate:,.0f}",
            ratio(rate, base_rate),
            f"{cpu:,.0f}",
            ratio(cpu, base_cpu),
            f"{run.server_cpu_s / run.output['sending_s']:.0%}",
        )
    )
