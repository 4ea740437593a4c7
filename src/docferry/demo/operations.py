"""What an application does to the source, one request at a time, each noted in the operation log.

Every operation writes its own number as `generation`: into the metadata, the tags or the record it writes, so that
whoever looks at a key later can tell which operation it is looking at.
"""

import base64
import hashlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from docferry.aws import s3_xml
from docferry.aws.dynamodb import API
from docferry.aws.errors import translated
from docferry.aws.http import Answer, AwsClient
from docferry.aws.s3 import path_of
from docferry.demo.documents import PART_BYTES
from docferry.demo.oplog import Begin, End, OperationLog
from docferry.demo.records import RecordKey, contents
from docferry.demo.state import GENERATION, DocumentState, State, digest_of
from docferry.domain.change import Kind
from docferry.domain.errors import DocferryError
from docferry.ports import Clock
from docferry.settings import Settings


@dataclass(frozen=True, slots=True)
class Application:
    """One application at the source, by name.

    Every method raises DocferryError if its request failed for good; that is in the log by then, and whether the
    request took effect is unknown.
    """

    client: AwsClient
    settings: Settings
    log: OperationLog
    clock: Clock
    name: str

    async def put(
        self,
        kind: str,
        key: str,
        body: bytes,
        content_type: str,
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> DocumentState:
        """Create or overwrite a document, tags and all, with one request."""
        op = self.log.number()
        state = DocumentState(
            digest_of(body), content_type, {**metadata, GENERATION: str(op)}, {**tags, GENERATION: str(op)}
        )
        headers = _headers(state) | {"x-amz-tagging": urlencode(state.tags, quote_via=quote)}
        await self._do(op, kind, Kind.DOCUMENT, key, state, self._s3("PUT", key, headers=headers, body=body))
        return state

    async def put_in_parts(
        self, key: str, body: bytes, content_type: str, metadata: Mapping[str, str], tags: Mapping[str, str]
    ) -> DocumentState:
        """Create a document by multipart upload, then tag it: not every store takes tags with the upload."""
        op = self.log.number()
        state = DocumentState(digest_of(body), content_type, {**metadata, GENERATION: str(op)}, {})
        await self._do(op, "upload", Kind.DOCUMENT, key, state, self._upload(key, body, _headers(state)))
        return await self.retag(key, state, tags)

    async def put_metadata(self, key: str, held: DocumentState, metadata: Mapping[str, str]) -> DocumentState:
        """Replace the metadata of a document and nothing else, by copying it onto itself."""
        op = self.log.number()
        state = replace(held, metadata={**metadata, GENERATION: str(op)})
        headers = _headers(state) | {
            "x-amz-copy-source": path_of(self.settings.source.bucket, key),
            "x-amz-metadata-directive": "REPLACE",
        }
        await self._do(op, "metadata", Kind.DOCUMENT, key, state, self._s3("PUT", key, headers=headers))
        return state

    async def retag(self, key: str, held: DocumentState, tags: Mapping[str, str]) -> DocumentState:
        """Replace the tags of a document and nothing else."""
        op = self.log.number()
        state = replace(held, tags={**tags, GENERATION: str(op)})
        body = s3_xml.tagging(state.tags)
        headers = {"content-md5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
        request = self._s3("PUT", key, query={"tagging": ""}, headers=headers, body=body)
        await self._do(op, "retag", Kind.DOCUMENT, key, state, request)
        return state

    async def delete(self, key: str) -> None:
        """Delete a document."""
        await self._do(self.log.number(), "delete", Kind.DOCUMENT, key, None, self._s3("DELETE", key))

    async def put_record(self, kind: str, key: RecordKey, about: Mapping[str, str]) -> None:
        """Create or overwrite a record."""
        op = self.log.number()
        item = contents(key, op, self.name, dict(about))
        await self._do(op, kind, Kind.RECORD, key.name, item, self._dynamodb("PutItem", {"Item": item}))

    async def delete_record(self, key: RecordKey) -> None:
        """Delete a record."""
        request = {"Key": key.item}
        await self._do(
            self.log.number(), "delete", Kind.RECORD, key.name, None, self._dynamodb("DeleteItem", request)
        )

    async def _do(
        self, op: int, kind: str, store: Kind, key: str, state: State, request: Coroutine[Any, Any, str]
    ) -> None:
        self.log.write(Begin(op, self.name, kind, store, key, state, self.clock.monotonic()))
        try:
            version = await request
        except DocferryError as error:
            self.log.write(End(op, False, self.clock.monotonic(), self.clock.now(), error=str(error)))
            raise
        self.log.write(End(op, True, self.clock.monotonic(), self.clock.now(), version))

    async def _s3(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> str:
        path = path_of(self.settings.source.bucket, key)
        answer = await self.client.send("s3", method, path, query=query, headers=headers, body=body)
        if headers and "x-amz-copy-source" in headers:
            _refuse_error(answer, f"CopyObject {key!r}")
        return answer.headers.get("x-amz-version-id", "")

    async def _upload(self, key: str, body: bytes, headers: Mapping[str, str]) -> str:
        path = path_of(self.settings.source.bucket, key)
        created = await self.client.send("s3", "POST", path, query={"uploads": ""}, headers=headers)
        upload = {"uploadId": s3_xml.text_of(created.body, "UploadId")}
        etags = []
        for number, start in enumerate(range(0, len(body), PART_BYTES), 1):
            part = {**upload, "partNumber": str(number)}
            sent = await self.client.send("s3", "PUT", path, query=part, body=body[start : start + PART_BYTES])
            etags.append(sent.headers["etag"])
        done = await self.client.send("s3", "POST", path, query=upload, body=s3_xml.completion(etags))
        _refuse_error(done, f"CompleteMultipartUpload {key!r}")
        return done.headers.get("x-amz-version-id", "")

    async def _dynamodb(self, operation: str, fields: Mapping[str, Any]) -> str:
        await self.client.json("dynamodb", API + operation, {"TableName": self.settings.source.table, **fields})
        return ""


def _headers(state: DocumentState) -> dict[str, str]:
    metadata = {f"x-amz-meta-{name}": value for name, value in state.metadata.items()}
    return {"content-type": state.content_type, **metadata}


def _refuse_error(answer: Answer, what: str) -> None:
    if s3_xml.is_error(answer.body):
        raise translated(500, answer.body, what)
