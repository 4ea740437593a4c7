import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docferry.domain.errors import DocferryError
from docferry.sandbox import server
from docferry.sandbox.holder import holder
from tests.integration.sandbox import reached

SOURCE = "sandbox-us-east-1"
BUCKET, TABLE, QUEUE = f"{SOURCE}-s3-documents", f"{SOURCE}-dynamodb-records", f"{SOURCE}-sqs-changes"


@dataclass(frozen=True)
class Box:
    """A sandbox of a test's own."""

    home: Path
    config: Path
    port: int

    def start(self) -> server.Status:
        return server.start(self.home, port=self.port, config=self.config)

    def stop(self) -> server.Status:
        return server.stop(self.home)

    def status(self) -> server.Status:
        return server.status(self.home)

    def client(self, service: str) -> Any:
        return reached.client(f"http://127.0.0.1:{self.port}", service)

    def pid(self) -> int:
        pid = holder(self.home / "pid")
        assert pid is not None
        return pid

    def end(self, by: signal.Signals) -> None:
        """End its process without docferry, and wait until it is gone."""
        os.kill(self.pid(), by)
        while holder(self.home / "pid") is not None:
            time.sleep(0.01)


def box_in(folder: Path) -> Iterator[Box]:
    """A sandbox in a folder, ended at the end whatever became of it."""
    box = Box(folder / "sandbox", folder / "docferry.toml", reached.free_port())
    try:
        yield box
    finally:
        try:
            box.stop()
        except DocferryError:
            if holder(box.home / "pid") is not None:
                box.end(signal.SIGKILL)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    yield from box_in(tmp_path)
