"""Fake distributions and a fake package, laid out as pip and an installation would."""

from pathlib import Path

from docferry.packaging.closure import Pins
from docferry.packaging.runtime import Runtime


def distribution(
    directory: Path, name: str, version: str = "1.0", requires: tuple[str, ...] = (), extras: tuple[str, ...] = ()
) -> None:
    """Write the metadata of an installed distribution."""
    info = directory / f"{name.replace('-', '_')}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Provides-Extra: {one}" for one in extras] + [f"Requires-Dist: {one}" for one in requires]
    write(info / "METADATA", "\n".join(lines) + "\n")


def write(file: Path, text: str = "") -> Path:
    """Write a file, and its directories."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def fetch(pins: Pins, runtime: Runtime, directory: Path) -> None:
    """Lay out what pip would: a module, a compiled one, tests, scripts, stubs and notes of each distribution."""
    for name, version in pins.items():
        module = name.replace("-", "_")
        write(directory / module / "__init__.py", f"version = {version!r}\n")
        write(directory / module / f"fast.{runtime.abi()}.so", runtime.architecture)
        write(directory / module / "tests/test_it.py")
        write(directory / module / "__pycache__/it.pyc", str(directory))
        write(directory / module / "py.typed")
        write(directory / "bin" / name, "#!" + str(directory))
        for note in ("METADATA", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "licenses/LICENSE"):
            write(directory / f"{module}-{version}.dist-info" / note, note)
