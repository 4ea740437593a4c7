"""The facts about an in-memory side: settings as given, versions as the bucket really holds them."""

from collections.abc import Mapping

from docferry.simulation.documents import MemoryDocuments
from docferry.survey_port import BucketFacts, Head, TableFacts, VersionMark, VersionPage


class MemorySurvey:
    """The `Survey` port over a `MemoryDocuments`; `heads` are looks that its documents alone cannot give."""

    def __init__(
        self,
        documents: MemoryDocuments,
        bucket: BucketFacts,
        table: TableFacts,
        *,
        heads: Mapping[str, Head] | None = None,
        page_rows: int = 1000,
    ) -> None:
        self._documents = documents
        self._bucket = bucket
        self._table = table
        self._heads = heads or {}
        self._page_rows = page_rows

    async def bucket(self) -> BucketFacts:
        """Return the facts given at the start."""
        return self._bucket

    async def table(self) -> TableFacts:
        """Return the facts given at the start."""
        return self._table

    async def versions(self, position: VersionMark | None, prefix: str = "") -> VersionPage:
        """Add up one page: keys in order, the latest version of each first."""
        stacks = sorted(self._documents._versions.items())
        rows = [
            (VersionMark(key, str(age)), age, version)
            for key, stack in stacks
            if key.startswith(prefix)
            for age, version in enumerate(reversed(stack))
        ]
        start = next((n for n, (mark, _, _) in enumerate(rows, 1) if mark == position), 0)
        page = rows[start : start + self._page_rows]
        noncurrent = [version.size for _, age, version in page if age and version]
        markers = sum(version is None for _, _, version in page)
        more = len(rows) > start + len(page)
        return VersionPage(len(noncurrent), sum(noncurrent), markers, page[-1][0] if more else None)

    async def head(self, key: str) -> Head | None:
        """Return the look given for the key, or what the document itself shows."""
        document = await self._documents.look(key)
        if document is None:
            return None
        return self._heads.get(key) or Head(document.encryption or self._bucket.encryption)
