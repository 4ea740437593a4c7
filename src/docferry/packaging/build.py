"""The main path: what is needed, fetched, laid together, written."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docferry.packaging.archive import Written, replacing, wanted, write
from docferry.packaging.closure import Pins, pinned
from docferry.packaging.pip import Fetch, fetch_with_pip
from docferry.packaging.reachable import reachable
from docferry.packaging.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into the zip: distributions with their versions, and docferry's own files by their path in it."""

    pins: Pins
    own: dict[str, Path]


def contents(runtime: Runtime) -> Contents:
    """Look up what both functions need. Reads only. Raises InvalidInput if something is not installed."""
    return Contents(pinned(runtime), reachable())


def build(
    runtime: Runtime,
    needed: Contents,
    output: Path,
    say: Callable[[str], None] = lambda _: None,
    fetch: Fetch = fetch_with_pip,
) -> Written:
    """Build the zip, telling progress to `say`. `output` is replaced only by a whole one.

    Raises InvalidInput if the output cannot be written, and what `fetch` raises.
    """
    # Opened first: an output that cannot be written is known before anything is fetched.
    with replacing(output) as file, tempfile.TemporaryDirectory(prefix="docferry-") as held:
        directory = Path(held)
        say(f"fetching {len(needed.pins)} wheels for Python {runtime.python} on {runtime.architecture}")
        fetch(needed.pins, runtime, directory)
        files = {**wanted(directory), **needed.own}
        say(f"writing {len(files):,} files")
        return write(files, file)
