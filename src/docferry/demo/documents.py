"""The documents the demo ingests: real files, and a handful of keys that trip up copiers."""

import mimetypes
import os
import stat
import sysconfig
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from docferry.domain.errors import InvalidInput

PREFIX = "documents/"
ODD_PREFIX = "odd/"
PART_BYTES = 5 * 1024**2
"""The smallest part S3 takes, except for the last (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""
KEY_BYTES = 1024
_DEPARTMENTS = ("archive", "claims", "finance", "legal", "research")
_NOT_THE_LIBRARY = {"site-packages", "__pycache__"}


@dataclass(frozen=True, slots=True)
class LocalDocument:
    """A document before it is ingested: a file, or a body. One with `in_parts` is to be uploaded in parts."""

    key: str
    path: Path | None = None
    body: bytes = b""
    in_parts: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The content type that the key's ending stands for."""
        return mimetypes.guess_type(self.key)[0] or "application/octet-stream"

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags an application would give it."""
        return tags_of(self.key)

    def read(self) -> bytes:
        """Return the bytes. Raises OSError if the file cannot be read any more."""
        return self.path.read_bytes() if self.path else self.body


def tags_of(key: str) -> dict[str, str]:
    """Return the tags that go with a key, always the same for the same key."""
    number = zlib.crc32(key.encode())
    return {"department": _DEPARTMENTS[number % len(_DEPARTMENTS)], "retention": f"{1 + number % 10} years"}


def find(directory: Path | None = None, limit: int | None = None) -> tuple[LocalDocument, ...]:
    """Return the regular, readable files below a folder in key order, at most `limit` of them.

    Without a folder: the standard library of the Python that runs. Links are not followed. Raises InvalidInput
    if the folder is none, or has no such file.
    """
    root = directory or Path(sysconfig.get_path("stdlib"))
    if not root.is_dir():
        raise InvalidInput(f"{root} is not a folder", hint="name a folder with --documents")
    skipped = _NOT_THE_LIBRARY if directory is None else set()
    found = sorted(_documents(root, skipped), key=lambda one: one.key)
    if not found:
        raise InvalidInput(f"there is no readable file in {root}", hint="name another folder with --documents")
    return tuple(found[:limit])


def _documents(root: Path, skipped: set[str]) -> Iterator[LocalDocument]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in skipped]
        for name in files:
            document = _document(root, Path(folder) / name)
            if document:
                yield document


def _document(root: Path, path: Path) -> LocalDocument | None:
    key = PREFIX + path.relative_to(root).as_posix()
    try:
        about = path.lstat()
        length = len(key.encode())
    except (OSError, UnicodeEncodeError):
        return None
    if not stat.S_ISREG(about.st_mode) or not os.access(path, os.R_OK) or length > KEY_BYTES:
        return None
    return LocalDocument(key, path, metadata={"modified": str(int(about.st_mtime)), "size": str(about.st_size)})


def odd() -> tuple[LocalDocument, ...]:
    """Return documents whose keys or contents are odd but legal, one of them to be uploaded in two parts."""
    names = ("a//b.txt", "folder/", "q?#%+&=.txt", "ünïcödé-文書-🚢.txt", "../up/./here.txt", " spaces .txt")
    plain = tuple(LocalDocument(ODD_PREFIX + name, body=f"odd: {name}\n".encode()) for name in names)
    longest = ODD_PREFIX + "k" * (KEY_BYTES - len(ODD_PREFIX))
    return (
        *plain,
        LocalDocument(longest, body=b"the longest key S3 takes\n"),
        LocalDocument(ODD_PREFIX + "empty.bin"),
        LocalDocument(
            ODD_PREFIX + "two-parts.bin", body=bytes(range(256)) * (PART_BYTES // 256 + 64), in_parts=True
        ),
    )
