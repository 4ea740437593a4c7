"""A small, fast S3 server in memory: the ground on which the benchmark's clients meet.

It runs as one process on 127.0.0.1, and tells its own CPU seconds, so that a table can show that it was not what
limited a client. Started with `python -m benchmarks.s3_server`, it prints its port and ends with its parent.

Unlike AWS: signatures are not looked at, nothing is throttled and no request fails by itself; path-style
addresses only; keys of letters, digits and `/_.-` only; one version of an object is kept though version ids are
given out; the storage class is always STANDARD, ETags are MD5s, no checksums; no multipart upload, no ranges, no
chunked bodies, no policies; tags are always empty. Conditions are honoured: If-Match and If-None-Match on writes,
x-amz-copy-source-if-match on copies. DynamoDB's requests (see tables.py) come to the same port. Paths under `/-/`
are the benchmark's own: seed, forget-tables, compare, usage.
"""

import asyncio
import gc
import os
import sys
import time
from collections import Counter
from email.utils import formatdate
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

import orjson
import uvloop

from benchmarks.buckets import (
    PLAIN_KEY,
    Bucket,
    CountedBucket,
    Held,
    StoredBucket,
    iso_time,
    missing_or_different,
    only_stored,
)
from benchmarks.tables import ConditionFailed, Tables
from benchmarks.wire import Connection, Headers, refused, reply

XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
KEPT_HEADERS = ("content-type", "cache-control", "content-encoding", "content-disposition", "content-language")
Query = dict[str, str]


class Refusal(Exception):
    """An error answer with S3's code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Store:
    """Everything the server holds, and what it answers."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}
        self.tables = Tables()
        self.counts: Counter[str] = Counter()

    def answer(self, method: str, target: str, headers: Headers, body: bytes) -> bytes:
        """Return the whole answer to one request as it goes over the wire."""
        path, _, tail = target.partition("?")
        query = dict(parse_qsl(tail, keep_blank_values=True)) if tail else {}
        bucket, _, key = unquote(path)[1:].partition("/")
        try:
            if bucket == "-":
                return control(self, key, query)
            if "x-amz-target" in headers:
                return self._table(headers["x-amz-target"].rpartition(".")[2], body)
            if key:
                return self._object(method, bucket, key, query, headers, body)
            return self._bucket(method, bucket, query)
        except Refusal as refusal:
            return refused(refusal.status, refusal.code, method == "HEAD")
        except NotImplementedError:
            return refused(501, "NotImplemented", method == "HEAD")

    def stored(self, name: str) -> StoredBucket:
        """Return a bucket that holds objects. Raises Refusal if there is none of the name."""
        bucket = self.buckets.get(name)
        if not isinstance(bucket, StoredBucket):
            raise Refusal(404, "NoSuchBucket")
        return bucket

    def _table(self, operation: str, body: bytes) -> bytes:
        self.counts[operation] += 1
        try:
            return reply(self.tables.answer(operation, body))
        except ConditionFailed:
            return reply(b'{"__type":"ConditionalCheckFailedException"}', status=400)

    def _bucket(self, method: str, name: str, query: Query) -> bytes:
        if not name:
            return reply(f"<ListAllMyBucketsResult {XMLNS}><Buckets/></ListAllMyBucketsResult>".encode())
        if name not in self.buckets:
            raise Refusal(404, "NoSuchBucket")
        if method == "HEAD":
            return reply(b"", b"x-amz-bucket-region: us-east-1\r\n")
        if "location" in query:
            return reply(f"<LocationConstraint {XMLNS}/>".encode())
        if "versioning" in query:
            status = "<Status>Enabled</Status>"
            return reply(f"<VersioningConfiguration {XMLNS}>{status}</VersioningConfiguration>".encode())
        if method != "GET":
            raise NotImplementedError
        self.counts["List"] += 1
        return listing(name, self.buckets[name], query)

    def _object(self, method: str, name: str, key: str, query: Query, headers: Headers, body: bytes) -> bytes:
        if not PLAIN_KEY.fullmatch(key):
            raise Refusal(400, "InvalidArgument")
        bucket = self.stored(name)
        held = bucket.objects.get(key)
        if method == "PUT" and not query.keys() - {"x-id"}:
            check(headers.get("if-match"), headers.get("if-none-match"), held)
            if "x-amz-copy-source" in headers:
                return self._copy(bucket, key, headers)
            return self._put(bucket, key, headers, body)
        if method == "DELETE":
            self.counts["Delete"] += 1
            bucket.remove(key)
            return reply(b"", status=204)
        if held is None:
            raise Refusal(404, "NoSuchKey")
        if "tagging" in query and method == "GET":
            self.counts["GetTags"] += 1
            return reply(f"<Tagging {XMLNS}><TagSet/></Tagging>".encode())
        if method not in ("GET", "HEAD"):
            raise NotImplementedError
        self.counts[method.capitalize()] += 1
        return reply(held.body, told(held), without_body=method == "HEAD")

    def _put(self, bucket: StoredBucket, key: str, headers: Headers, body: bytes) -> bytes:
        self.counts["Put"] += 1
        kept = "".join(f"{name}: {headers[name]}\r\n" for name in headers if kept_with_object(name))
        held = bucket.put(key, body, headers=kept.encode("latin-1"))
        return reply(b"", f'ETag: "{held.etag}"\r\nx-amz-version-id: {held.version}\r\n'.encode())

    def _copy(self, bucket: StoredBucket, key: str, headers: Headers) -> bytes:
        self.counts["Copy"] += 1
        source_name, _, source_key = unquote(headers["x-amz-copy-source"]).lstrip("/").partition("/")
        source = self.stored(source_name).objects.get(source_key.partition("?")[0])
        if source is None:
            raise Refusal(404, "NoSuchKey")
        check(headers.get("x-amz-copy-source-if-match"), None, source)
        held = bucket.put(key, source.body, source.etag, source.headers)
        result = (
            f"<CopyObjectResult {XMLNS}><LastModified>{iso_time(held.modified_s)}</LastModified>"
            f"<ETag>&quot;{held.etag}&quot;</ETag></CopyObjectResult>"
        )
        ids = f"x-amz-version-id: {held.version}\r\nx-amz-copy-source-version-id: {source.version}\r\n"
        return reply(result.encode(), ids.encode())


def kept_with_object(name: str) -> bool:
    """Tell whether a header of an upload belongs to the object."""
    return name in KEPT_HEADERS or name.startswith("x-amz-meta-")


def check(match: str | None, none_match: str | None, held: Held | None) -> None:
    """Raise Refusal unless the conditions hold for what is there."""
    if match is not None and (held is None or match.strip('"') not in ("*", held.etag)):
        raise Refusal(412, "PreconditionFailed")
    if none_match is not None and held is not None:
        raise Refusal(412, "PreconditionFailed")


def told(held: Held) -> bytes:
    """Return the headers that tell about an object."""
    shown = f'ETag: "{held.etag}"\r\nx-amz-version-id: {held.version}\r\n'
    return f"{shown}Last-Modified: {http_time(held.modified_s)}\r\n".encode() + held.headers


@lru_cache(maxsize=64)
def http_time(seconds: int) -> str:
    """Return the time as headers write it."""
    return formatdate(seconds, usegmt=True)


def listing(name: str, bucket: Bucket, query: Query) -> bytes:
    """Write a page of ListObjectsV2, or of ListObjects where that was asked for."""
    second = query.get("list-type") == "2"
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    limit = int(query.get("max-keys", "1000"))
    after = query.get("continuation-token") or query.get("start-after") if second else query.get("marker")
    page = bucket.page(after or "", prefix, delimiter, limit)
    go_on = "NextContinuationToken" if second else "NextMarker"
    parts = (
        f"<ListBucketResult {XMLNS}><Name>{name}</Name><Prefix>{prefix}</Prefix><MaxKeys>{limit}</MaxKeys>",
        f"<Delimiter>{delimiter}</Delimiter>" if delimiter else "",
        f"<KeyCount>{len(page.rows) + len(page.prefixes)}</KeyCount>",
        f"<IsTruncated>{str(page.more).lower()}</IsTruncated>",
        f"<{go_on}>{page.last}</{go_on}>" if page.more else "",
        *page.rows,
        *(f"<CommonPrefixes><Prefix>{one}</Prefix></CommonPrefixes>" for one in page.prefixes),
        "</ListBucketResult>",
    )
    return reply("".join(parts).encode())


def control(store: Store, action: str, query: Query) -> bytes:
    """Do what the benchmark itself asks for."""
    if action == "seed":
        objects, size = int(query["objects"]), int(query["size"])
        if query.get("counted"):
            store.buckets[query["bucket"]] = CountedBucket(objects, size)
        else:
            bucket = store.buckets[query["bucket"]] = StoredBucket()
            bucket.seed(objects, size)
        gc.collect()
        gc.freeze()
        return reply(b"{}")
    if action == "forget-tables":
        store.tables = Tables()
        return reply(b"{}")
    if action == "compare":
        source, target = only_stored([store.buckets.get(query[name]) for name in ("source", "target")])
        held = {"target": len(target.objects), "wrong": missing_or_different(source, target)}
        return reply(orjson.dumps(held))
    if action == "usage":
        return reply(orjson.dumps({"cpu_s": time.process_time(), "requests": store.counts}))
    raise Refusal(404, "NoSuchAction")


async def serve() -> None:
    """Serve until the parent closes our standard input."""
    loop = asyncio.get_running_loop()
    store = Store()
    server = await loop.create_server(lambda: Connection(store.answer), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, os.read, sys.stdin.fileno(), 1)


if __name__ == "__main__":
    uvloop.run(serve())
