"""Two heaps of keys too large for memory, and what one has that the other lacks.

    with KeySpool(directory) as spool:
        spool.documents(keys)                      # any iterable of document keys, as often as wanted
        spool.references([(record, key), ...])     # which record names which document
        spool.dangling(5)                          # records that name a document that is not there
        spool.orphans(5)                           # documents that no record names

Keys come in any order and may come twice. Rows are only appended; the first question sorts them on disk, and each
answer is one merge in key order. Memory stays at tens of megabytes whatever the number of rows. Calls block: ask
from a thread if something else must go on meanwhile, one call at a time.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Generic, Self, TypeVar

from docferry.domain.errors import NeedsOperator

CACHE_KIB = 32_000

T = TypeVar("T")

# Nothing here outlives the process, so nothing is made durable.
_SETUP = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -{CACHE_KIB};
CREATE TABLE documents (key BLOB NOT NULL);
CREATE TABLE refs (key BLOB NOT NULL, record BLOB NOT NULL);
"""
_SORT = """
CREATE INDEX IF NOT EXISTS documents_sorted ON documents (key);
CREATE INDEX IF NOT EXISTS refs_sorted ON refs (key, record);
"""
_DANGLING = """
SELECT DISTINCT key, record FROM refs
WHERE NOT EXISTS (SELECT 1 FROM documents WHERE documents.key = refs.key) ORDER BY key, record
"""
_ORPHANS = """
SELECT DISTINCT key FROM documents
WHERE NOT EXISTS (SELECT 1 FROM refs WHERE refs.key = documents.key) ORDER BY key
"""


@dataclass(frozen=True, slots=True)
class Unmatched(Generic[T]):
    """How many there are, and the first of them in key order."""

    count: int
    first: tuple[T, ...]


class KeySpool:
    """A temporary database in a directory of the caller's, removed when it is closed.

    Every call raises NeedsOperator when that directory cannot be written to or is full.
    """

    def __init__(self, directory: Path) -> None:
        with _explained(directory):
            self._place = TemporaryDirectory(prefix="keys-", dir=directory)
            self._database = sqlite3.connect(
                Path(self._place.name, "keys.sqlite"), isolation_level=None, check_same_thread=False
            )
            # Sorting spills beside the database: the system's temporary directory may be small.
            beside = self._place.name.replace("'", "''")
            self._database.execute(f"PRAGMA temp_store_directory = '{beside}'")
            self._database.executescript(_SETUP)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove everything."""
        # The pragma holds for the whole process: left behind, it would name a directory that is gone.
        self._database.execute("PRAGMA temp_store_directory = ''")
        self._database.close()
        self._place.cleanup()

    def documents(self, keys: Iterable[str]) -> None:
        """Note documents that exist."""
        self._append("INSERT INTO documents VALUES (?)", ((_stored(key),) for key in keys))

    def references(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Note pairs of a record, under any label that tells it apart, and the document key it names."""
        rows = ((_stored(key), _stored(record)) for record, key in pairs)
        self._append("INSERT INTO refs VALUES (?, ?)", rows)

    def dangling(self, limit: int) -> Unmatched[tuple[str, str]]:
        """Return the (record, document key) pairs whose document was not noted: their number, the first few."""
        count, first = self._ask(_DANGLING, limit)
        return Unmatched(count, tuple((_shown(record), _shown(key)) for key, record in first))

    def orphans(self, limit: int) -> Unmatched[str]:
        """Return the documents that no record names: their number, the first few."""
        count, first = self._ask(_ORPHANS, limit)
        return Unmatched(count, tuple(_shown(key) for (key,) in first))

    def _append(self, statement: str, rows: Iterable[tuple[bytes, ...]]) -> None:
        # One transaction a call, so that a row does not cost a write of its own.
        with _explained(Path(self._place.name)):
            self._database.execute("BEGIN")
            try:
                self._database.executemany(statement, rows)
            finally:
                self._database.execute("COMMIT")

    def _ask(self, statement: str, limit: int) -> tuple[int, list[tuple[bytes, ...]]]:
        count, first = 0, []
        with _explained(Path(self._place.name)):
            self._database.executescript(_SORT)
            for row in self._database.execute(statement):
                count += 1
                if count <= limit:
                    first.append(row)
        return count, first


def _stored(text: str) -> bytes:
    # Bytes keep what text columns may not: NUL, and halves of surrogate pairs.
    return text.encode("utf-8", "surrogatepass")


def _shown(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogatepass")


@contextmanager
def _explained(directory: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise NeedsOperator(
            f"the temporary key database in {directory} failed: {error}; no store was touched",
            hint="give a directory with more room: about three times the bytes of all keys",
        ) from error
