"""Sections about programs that move a store: copying it, finding nothing to do, and how much memory that takes."""

from benchmarks.contestants import SOURCE, TARGET, Absent, Contestant, everybody
from benchmarks.report import MISSING, Section, Target, at_least, at_most, ratio, row_of_error
from benchmarks.runs import Run, best, failed, measured
from benchmarks.server_process import Server

OBJECT_BYTES = 4096
PEAK_LIMIT_MIB = 150.0
_LIST = "List"
_WRITES = ("Copy", "Put", "Delete")


def copied(server: Server, objects: int, repeats: int) -> Section:
    """Bucket to bucket into an empty target."""
    present, absent = everybody()
    server.seed(SOURCE, objects=objects, size=OBJECT_BYTES)
    runs: dict[str, list[Run]] = {one.name: [] for one in present}
    for _ in range(repeats):
        for one in present:
            server.seed(TARGET, objects=0, size=0)
            server.forget_tables()
            runs[one.name].append(_verified(server, measured(server, one.name, one.copy(server.url)), objects))
    section = Section(
        "copy",
        f"Copy of {objects:,} objects of {OBJECT_BYTES:,} bytes, bucket to bucket (best of {repeats})",
        ("client", "wall s", "objects/s", "rate ÷ s5cmd", "CPU s", "CPU ÷ s5cmd", "peak MiB", "requests",
         "server CPU s", "server busy"),
    )  # fmt: skip
    shown = {name: best(found) for name, found in runs.items()}
    peer = shown.get("s5cmd")
    for one in present:
        _copy_row(section, one, shown[one.name], peer, objects)
    _add_absent(section, absent)
    _judge_copy(section, shown["docferry"], peer, objects)
    return section


def _verified(server: Server, run: Run, objects: int) -> Run:
    held, wrong = server.compare(SOURCE, TARGET)
    if run.error or (held == objects and not wrong):
        return run
    return failed(run.client, f"the target holds {held} objects and {wrong} keys are not as at the source")


def _copy_row(section: Section, one: Contestant, run: Run, peer: Run | None, objects: int) -> None:
    section.runs.append(run)
    if run.error:
        row_of_error(section, one.name, run.error)
        return
    section.rows.append(
        (
            f"{one.name} {one.version}",
            f"{run.wall_s:.2f}",
            f"{objects / run.wall_s:,.0f}",
            ratio(peer.wall_s, run.wall_s) if peer else MISSING,
            f"{run.cpu_s:.2f}",
            ratio(run.cpu_s, peer.cpu_s) if peer else MISSING,
            f"{run.peak_mib:.0f}",
            f"{sum(run.requests.values()):,}",
            f"{run.server_cpu_s:.2f}",
            f"{run.server_share:.0%}",
        )
    )


def _judge_copy(section: Section, ours: Run, peer: Run | None, objects: int) -> None:
    if ours.error:
        section.targets.append(Target("docferry copies everything", ours.error, False))
        return
    pass_s = ours.output.get("pass_s", ours.wall_s)
    section.notes.extend(
        (
            f"docferry: {pass_s:.2f} s is the pass itself ({objects / pass_s:,.0f} objects/s), the rest the "
            "interpreter's start; marks, checkpoints and the lease are DynamoDB requests to the same server",
            "docferry copies on conditions of both sides and lists the source again to confirm; the peers do not",
        )
    )
    if peer is None or peer.error:
        section.targets.append(Target("at least s5cmd's rate, no more CPU", "s5cmd did not run", None))
        return
    rate = at_least("at least s5cmd's rate", objects / ours.wall_s, objects / peer.wall_s, "objects/s")
    section.targets.extend((rate, at_most("no more CPU than s5cmd", ours.cpu_s, peer.cpu_s, "s")))


def nothing_to_do(server: Server, objects: int, repeats: int) -> Section:
    """A pass over two equal buckets."""
    present, absent = everybody()
    section = Section(
        "noop",
        f"Nothing to do: {objects:,} objects, all there already (best of {repeats})",
        ("client", "wall s", "wall ÷ rclone", "CPU s", "CPU ÷ rclone", "peak MiB", "LISTs", "server busy"),
    )
    server.seed(SOURCE, objects=objects, size=OBJECT_BYTES)
    server.seed(TARGET, objects=0, size=0)
    server.forget_tables()
    first = _verified(server, measured(server, "docferry", present[0].copy(server.url)), objects)
    if first.error:
        section.runs.append(first)
        row_of_error(section, "docferry", f"its first pass failed: {first.error}")
        return section
    runs: dict[str, list[Run]] = {one.name: [] for one in present}
    for _ in range(repeats):
        for one in present:
            runs[one.name].append(_untouched(measured(server, one.name, one.again(server.url))))
    shown = {name: best(found) for name, found in runs.items()}
    for one in present:
        _noop_row(section, one, shown[one.name], shown.get("rclone"))
    _add_absent(section, absent)
    _judge_noop(section, shown["docferry"], shown.get("rclone"))
    return section


def _untouched(run: Run) -> Run:
    written = sum(run.requests.get(one, 0) for one in _WRITES)
    return failed(run.client, f"it wrote {written} times where nothing was to do") if written else run


def _noop_row(section: Section, one: Contestant, run: Run, peer: Run | None) -> None:
    section.runs.append(run)
    if run.error:
        row_of_error(section, one.name, run.error)
        return
    section.rows.append(
        (
            f"{one.name} {one.version}",
            f"{run.wall_s:.2f}",
            ratio(run.wall_s, peer.wall_s) if peer else MISSING,
            f"{run.cpu_s:.2f}",
            ratio(run.cpu_s, peer.cpu_s) if peer else MISSING,
            f"{run.peak_mib:.0f}",
            f"{run.requests.get(_LIST, 0):,}",
            f"{run.server_share:.0%}",
        )
    )


def _judge_noop(section: Section, ours: Run, peer: Run | None) -> None:
    if ours.error:
        section.targets.append(Target("docferry finds nothing to do", ours.error, False))
        return
    pass_s = ours.output.get("pass_s", ours.wall_s)
    section.notes.append(f"docferry: {pass_s:.2f} s is the pass itself, the rest the interpreter's start")
    if peer is None or peer.error:
        section.targets.append(Target("no slower than rclone", "rclone did not run", None))
        return
    section.targets.append(at_most("no slower than rclone, whole process", ours.wall_s, peer.wall_s, "s"))
    section.notes.append(f"the pass alone takes {ratio(pass_s, peer.wall_s)} of rclone's whole process")


def memory(server: Server, objects: int) -> Section:
    """A pass over two equal listings so long that memory would show if it grew."""
    present, absent = everybody()
    section = Section(
        "memory",
        f"Peak memory: nothing to do over {objects:,} keys on both sides (one run)",
        ("client", "peak MiB", "peak ÷ docferry", "wall s", "keys/s", "CPU s", "server busy"),
    )
    for bucket in (SOURCE, TARGET):
        server.seed(bucket, objects=objects, size=OBJECT_BYTES, counted=True)
    server.forget_tables()
    runs = []
    for one in present:
        later = ["later"] if one.name == "docferry" else []
        runs.append(_untouched(measured(server, one.name, [*one.again(server.url), *later])))
    for one, run in zip(present, runs, strict=True):
        _memory_row(section, one, run, runs[0], objects)
    _add_absent(section, absent)
    peer = next((run for run in runs if run.client == "rclone"), None)
    _judge_memory(section, runs[0], peer, objects)
    return section


def _judge_memory(section: Section, ours: Run, peer: Run | None, objects: int) -> None:
    if ours.error or ours.output.get("same") != objects:
        found = ours.error or f"it saw {ours.output.get('same', 0):,} equal keys"
        section.targets.append(Target("docferry walks all keys", found, False))
        return
    aim = f"docferry's peak under {PEAK_LIMIT_MIB:.0f} MiB"
    section.targets.append(at_most(aim, ours.peak_mib, PEAK_LIMIT_MIB, "MiB"))
    if peer is None or peer.error:
        section.targets.append(Target("no slower than rclone", "rclone did not run", None))
    else:
        section.targets.append(at_most("no slower than rclone", ours.wall_s, peer.wall_s, "s"))


def _memory_row(section: Section, one: Contestant, run: Run, ours: Run, objects: int) -> None:
    section.runs.append(run)
    if run.error:
        row_of_error(section, one.name, run.error)
        return
    section.rows.append(
        (
            f"{one.name} {one.version}",
            f"{run.peak_mib:.0f}",
            ratio(run.peak_mib, ours.peak_mib),
            f"{run.wall_s:.1f}",
            f"{objects / run.wall_s:,.0f}",
            f"{run.cpu_s:.1f}",
            f"{run.server_share:.0%}",
        )
    )


def _add_absent(section: Section, absent: list[Absent]) -> None:
    for one in absent:
        row_of_error(section, one.name, one.why)
