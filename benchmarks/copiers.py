"""One way of sending CopyObject, `python -m benchmarks.copiers CLIENT URL REQUESTS`: prints seconds as JSON.

Each is its client at its plainest: no looks, no marks, only the request, 64 in flight (threads: 8). CPU seconds
are of the sending alone, without the interpreter's start.
"""

import asyncio
import importlib
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import orjson
import uvloop
from yarl import URL

from benchmarks.buckets import key_of
from benchmarks.contestants import REGION, SOURCE, TARGET
from benchmarks.engine import settings
from docferry.aws.signing import Credentials, Request, signed_headers
from docferry.profiles import connected

IN_FLIGHT = 64
THREADS = 8
WITHIN_S = 120.0
Told = dict[str, float]


@contextmanager
def clocked() -> Iterator[Told]:
    """Fill in wall and CPU seconds of what is done meanwhile."""
    told: Told = {}
    wall, cpu = time.perf_counter(), time.process_time()
    yield told
    told["sending_s"] = time.perf_counter() - wall
    told["sending_cpu_s"] = time.process_time() - cpu


def boto3_in_threads(url: str, requests: int) -> Told:
    """boto3, one client shared by threads."""
    boto3 = importlib.import_module("boto3")
    config = importlib.import_module("botocore.config").Config(max_pool_connections=THREADS)
    client = boto3.client("s3", endpoint_url=url, config=config)

    def copy(number: int) -> None:
        key = key_of(number)
        client.copy_object(Bucket=TARGET, Key=key, CopySource={"Bucket": SOURCE, "Key": key})

    with clocked() as told, ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(copy, range(requests)):
            pass
    return told


def aiohttp_signed(url: str, requests: int) -> Told:
    """aiohttp with docferry's signature, in which the derived key is cached; nothing is retried."""
    return uvloop.run(_aiohttp_signed(url, requests))


async def _aiohttp_signed(url: str, requests: int) -> Told:
    aiohttp, host = importlib.import_module("aiohttp"), urlsplit(url).netloc
    credentials = Credentials("benchmark", "benchmark")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def copy(number: int) -> None:
            key = key_of(number)
            request = Request("PUT", host, f"/{TARGET}/{key}", {}, {"x-amz-copy-source": f"/{SOURCE}/{key}"})
            headers = signed_headers(request, credentials, REGION, "s3", time.time())
            async with session.put(URL(url + request.path, encoded=True), headers=headers) as answer:
                await answer.read()
                answer.raise_for_status()

        return await _in_flight(copy, requests)


def docferry_client(url: str, requests: int) -> Told:
    """docferry's own client as its wiring builds it, retries, deadlines and translated errors included."""
    return uvloop.run(_docferry_client(url, requests))


async def _docferry_client(url: str, requests: int) -> Told:
    async with connected(settings(url, SOURCE, TARGET)) as connection:

        async def copy(number: int) -> None:
            key = key_of(number)
            headers = {"x-amz-copy-source": f"/{SOURCE}/{key}"}
            await connection.target.send("s3", "PUT", f"/{TARGET}/{key}", headers=headers)

        return await _in_flight(copy, requests)


async def _in_flight(copy: Callable[[int], Awaitable[None]], requests: int) -> Told:
    numbers = iter(range(requests))

    async def work() -> None:
        for number in numbers:
            await copy(number)

    with clocked() as told:
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return told


def awscrt_s3(url: str, requests: int) -> Told:
    """The S3 client of the AWS common runtime, in C, with threads of its own."""
    s3, http, auth = (importlib.import_module(f"awscrt.{name}") for name in ("s3", "http", "auth"))
    provider = auth.AwsCredentialsProvider.new_static("benchmark", "benchmark")
    client = s3.S3Client(region=REGION, credential_provider=provider, tls_mode=s3.S3RequestTlsMode.DISABLED)
    slots, broken = threading.Semaphore(IN_FLIGHT), []
    host = urlsplit(url).netloc

    def done(*, error: Exception | None = None, **_: object) -> None:
        if error is not None:
            broken.append(error)
        slots.release()

    with clocked() as told:
        for number in range(requests):
            key = key_of(number)
            fields = [("host", host), ("content-length", "0"), ("x-amz-copy-source", f"/{SOURCE}/{key}")]
            request = http.HttpRequest("PUT", f"/{TARGET}/{key}", http.HttpHeaders(fields))
            slots.acquire(timeout=WITHIN_S)
            client.make_request(
                type=s3.S3RequestType.DEFAULT, request=request, operation_name="CopyObject", on_done=done
            )
        for _ in range(IN_FLIGHT):
            slots.acquire(timeout=WITHIN_S)
    if broken:
        raise broken[0]
    return told


COPIERS: dict[str, Callable[[str, int], Told]] = {
    "boto3": boto3_in_threads,
    "aiohttp": aiohttp_signed,
    "docferry": docferry_client,
    "awscrt": awscrt_s3,
}

if __name__ == "__main__":
    sys.stdout.write(orjson.dumps(COPIERS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))).decode() + "\n")
