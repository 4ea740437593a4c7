"""Tries what is allowed on a bucket and its documents, and leaves nothing behind."""

import base64
import hashlib
from collections.abc import Mapping

from docferry.account.denial import is_denied
from docferry.account.finish import finished
from docferry.account.port import Need
from docferry.aws import s3_xml
from docferry.aws.http import Answer, AwsClient
from docferry.aws.s3 import S3Documents, path_of
from docferry.domain.errors import Conflict, ServiceError

NAME = "docferry-preflight-absent"
"""What nothing is called."""
NO_ETAG = '"00000000000000000000000000000000"'
NULL = {"versionId": "null"}
"""The version of what was stored before there were versions: well-formed anywhere."""
_OF_BUCKET: Mapping[str, Mapping[str, str]] = {
    "s3:ListBucket": {"list-type": "2", "max-keys": "1"},
    "s3:ListBucketVersions": {"versions": "", "max-keys": "1"},
    "s3:GetBucketVersioning": {"versioning": ""},
    "s3:GetBucketNotification": {"notification": ""},
    "s3:GetBucketLocation": {"location": ""},
    "s3:GetBucketObjectLockConfiguration": {"object-lock": ""},
    "s3:GetEncryptionConfiguration": {"encryption": ""},
    "s3:GetBucketRequestPayment": {"requestPayment": ""},
}


class DocumentProbes:
    """Reads go to the first document that is there, writes to a key beside it at which there is none."""

    def __init__(self, client: AwsClient, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._first: str | None = None

    async def attempt(self, need: Need) -> None:
        """Send the request."""
        if need.action in _OF_BUCKET:
            await self._client.send("s3", "GET", path_of(self._bucket), query=_OF_BUCKET[need.action])
            return
        there = await self._there()
        beside = there.rpartition("/")[0] + "/" + NAME if "/" in there else NAME
        if need.action == "s3:PutObject":
            await self._begin_upload(beside)
        elif need.action == "s3:DeleteObject":
            await finished(self._delete(beside))
        else:
            await self._sent(need.action, there or beside, beside)

    async def _there(self) -> str:
        if self._first is None:
            try:
                page = await S3Documents(self._client, self._bucket).page("")
                self._first = page.rows[0].key if page.rows else ""
            except ServiceError as error:
                if not is_denied(error):
                    raise
                self._first = ""
        return self._first

    async def _sent(self, action: str, there: str, beside: str) -> None:
        tags = s3_xml.tagging({})
        asked = {
            "s3:GetObject": ("GET", there, {}, {"range": "bytes=0-0"}, b""),
            "s3:GetObjectVersion": ("GET", beside, NULL, {}, b""),
            "s3:GetObjectAttributes": ("GET", there, {"attributes": ""}, {"x-amz-object-attributes": "ETag"}, b""),
            "s3:GetObjectTagging": ("GET", there, {"tagging": ""}, {}, b""),
            "s3:GetObjectVersionTagging": ("GET", beside, {"tagging": "", **NULL}, {}, b""),
            "s3:PutObjectTagging": ("PUT", beside, {"tagging": ""}, digested(tags), tags),
            "s3:PutObjectVersionTagging": ("PUT", beside, {"tagging": "", **NULL}, digested(tags), tags),
            "s3:AbortMultipartUpload": ("DELETE", beside, {"uploadId": NAME}, {}, b""),
        }
        method, key, query, headers, body = asked[action]
        await self._send(method, key, query, headers, body)

    async def _begin_upload(self, key: str) -> None:
        """An upload that is begun and given up is no document, and nothing is told of it."""
        try:
            await self._send("DELETE", key, {"uploadId": NAME})
        except ServiceError as error:
            if is_denied(error):
                raise ServiceError(f"an upload could not be given up again, so none was begun: {error}") from error
        await finished(self._upload(key))

    async def _upload(self, key: str) -> None:
        begun = await self._send("POST", key, {"uploads": ""})
        await self._send("DELETE", key, {"uploadId": s3_xml.text_of(begun.body, "UploadId")})

    async def _delete(self, key: str) -> None:
        try:
            gone = await self._send("DELETE", key, headers={"if-match": NO_ETAG})
        except Conflict:
            return
        # A store that ignores the condition has put a delete marker where there was nothing.
        if version := gone.headers.get("x-amz-version-id"):
            await self._send("DELETE", key, {"versionId": version})

    async def _send(
        self,
        method: str,
        key: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        path = path_of(self._bucket, key)
        return await self._client.send("s3", method, path, query=query, headers=headers, body=body)


def digested(body: bytes) -> dict[str, str]:
    """Return the header with the digest of a body: buckets with Object Lock take nothing without."""
    return {"content-md5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}
