"""Applications that write straight to the source: before docferry hears of a store, all of them do."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from docferry.aws import s3_xml
from docferry.aws.dynamodb import API
from docferry.aws.errors import translated
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.demo.documents import PART_BYTES
from docferry.demo.operations import Application, headers_of
from docferry.demo.state import GENERATION, DocumentState, digest_of
from docferry.domain.change import Kind
from docferry.domain.record import Item
from docferry.settings import Side


@dataclass(frozen=True, slots=True)
class Direct:
    """`Requests` to one side, whatever any gate says."""

    client: AwsClient
    side: Side

    async def put(self, key: str, body: bytes, state: DocumentState) -> str:
        """Put a document, tags and all, with one request."""
        headers = headers_of(state) | {"x-amz-tagging": urlencode(state.tags, quote_via=quote)}
        answer = await self.client.send("s3", "PUT", self._path(key), headers=headers, body=body)
        return answer.headers.get("x-amz-version-id", "")

    async def tag(self, key: str, tags: Mapping[str, str]) -> str:
        """Replace the tags of a document and nothing else."""
        body = s3_xml.tagging(tags)
        headers = {"content-md5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
        query = {"tagging": ""}
        answer = await self.client.send("s3", "PUT", self._path(key), query=query, headers=headers, body=body)
        return answer.headers.get("x-amz-version-id", "")

    async def put_record(self, item: Item) -> str:
        """Put a record."""
        await self.client.json("dynamodb", API + "PutItem", {"TableName": self.side.table, "Item": item})
        return ""

    async def upload(self, key: str, body: bytes, state: DocumentState) -> str:
        """Put a document by multipart upload, without tags."""
        path = self._path(key)
        created = await self.client.send("s3", "POST", path, query={"uploads": ""}, headers=headers_of(state))
        upload = {"uploadId": s3_xml.text_of(created.body, "UploadId")}
        etags = []
        for number, start in enumerate(range(0, len(body), PART_BYTES), 1):
            part = {**upload, "partNumber": str(number)}
            sent = await self.client.send("s3", "PUT", path, query=part, body=body[start : start + PART_BYTES])
            etags.append(sent.headers["etag"])
        done = await self.client.send("s3", "POST", path, query=upload, body=s3_xml.completion(etags))
        if s3_xml.is_error(done.body):
            raise translated(500, done.body, f"CompleteMultipartUpload {key!r}")
        return done.headers.get("x-amz-version-id", "")

    def _path(self, key: str) -> str:
        return path_of(self.side.bucket, key)


@dataclass(frozen=True, slots=True)
class Ingest(Application):
    """The application that fills the source."""

    requests: Direct

    async def put_in_parts(
        self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str], tags: Mapping[str, str]
    ) -> DocumentState:
        """Create a document by multipart upload, then tag it: not every store takes tags with the upload."""
        op = self.log.number()
        state = DocumentState(digest_of(body), content_type, {**metadata, GENERATION: str(op)}, {})
        await self.noted(op, "upload", Kind.DOCUMENT, key, state, self.requests.upload(key, body, state))
        return await self.retag(key, state, tags)
