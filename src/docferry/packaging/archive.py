"""The zip: what is left out of distributions, and how the same files always become the same bytes."""

import base64
import contextlib
import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from docferry.domain.errors import InvalidInput

TIMESTAMP = (1980, 1, 1, 0, 0, 0)
"""Of every member: the earliest that a zip can hold."""
MODE = 0o100644
UNIX = 3

_DIRECTORIES = {"__pycache__", "test", "tests"}
_SUFFIXES = {".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".c", ".h"}
_NAMES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "py.typed"}


@dataclass(frozen=True, slots=True)
class Written:
    """A zip that was written. Sizes in bytes; `sha256_base64` is what Terraform shows as `source_code_hash`."""

    files: int
    size: int
    unzipped: int
    sha256: str
    sha256_base64: str


def wanted(directory: Path) -> dict[str, Path]:
    """Return what of the distributions in a directory is needed at run time, by its path in the zip.

    Left out are scripts, tests, bytecode, stubs, sources of compiled modules, and pip's notes on the installation.
    """
    files = {file.relative_to(directory).as_posix(): file for file in directory.rglob("*") if file.is_file()}
    return {name: file for name, file in sorted(files.items()) if _wanted(PurePosixPath(name))}


def _wanted(path: PurePosixPath) -> bool:
    return not (
        path.parts[0] == "bin"
        or _DIRECTORIES.intersection(path.parts[:-1])
        or path.suffix in _SUFFIXES
        or path.name in _NAMES
        or path.name.startswith("_testcapi.")
    )


def write(files: Mapping[str, Path], file: BinaryIO) -> Written:
    """Write the files into a zip: sorted, with fixed times and modes.

    The same files give the same bytes on every machine whose Python has the same zlib; what they unpack to is the
    same everywhere.
    """
    unzipped = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, TIMESTAMP)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = UNIX
            member.external_attr = MODE << 16
            body = files[name].read_bytes()
            unzipped += len(body)
            archive.writestr(member, body)
    file.seek(0)
    body = file.read()
    digest = hashlib.sha256(body)
    in_base64 = base64.b64encode(digest.digest()).decode()
    return Written(len(files), len(body), unzipped, digest.hexdigest(), in_base64)


@contextlib.contextmanager
def replacing(output: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `output` once it is whole.

    Raises InvalidInput if it cannot be written.
    """
    partial = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        if output.is_dir():
            raise IsADirectoryError(None, "it is a directory")
        opened = partial.open("w+b")
    except OSError as error:
        raise _unwritable(output, error) from error
    try:
        with opened:
            yield opened
        try:
            partial.replace(output)
        except OSError as error:
            raise _unwritable(output, error) from error
    finally:
        partial.unlink(missing_ok=True)


def _unwritable(output: Path, error: OSError) -> InvalidInput:
    return InvalidInput(f"cannot write {output}: {error.strerror}", hint="name another file with --output")
