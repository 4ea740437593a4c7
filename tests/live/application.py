"""An application that writes documents through docferry.client while the writers are moved."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from docferry.cli.outputs import configuration
from docferry.client import SyncDocumentStore, connect_sync
from docferry.settings import Settings
from tests.live.deployed import SIDES, Deployed, profile, unique

PAUSE_S = 0.1


@dataclass
class Application:
    """What it has written: documents by key, all of them acknowledged; `failed` says which were not."""

    written: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self, store: SyncDocumentStore) -> None:
        while not self._stop.wait(PAUSE_S):
            key = unique("written")
            try:
                store.put(key, key.encode())
            except Exception as error:
                self.failed.append(f"{key}: {type(error).__name__}: {error}")
            else:
                self.written.append(key)

    def end(self) -> None:
        self._stop.set()


@contextmanager
def writing(deployed: Deployed) -> Iterator[Application]:
    """Let it write until the end."""
    application = Application()
    with connect_sync(settings=settings(deployed)) as store:
        thread = threading.Thread(target=application.run, args=(store,))
        thread.start()
        try:
            yield application
        finally:
            application.end()
            thread.join()


def settings(deployed: Deployed) -> Settings:
    """What `docferry outputs --toml` writes; where AWS is, is said by the AWS CLI's own variable."""
    held = configuration(deployed.outputs)
    held["aws"] = {"endpoint_url": os.environ.get("AWS_ENDPOINT_URL", "")}
    for side in SIDES:
        held[side]["profile"] = profile(side)
    return Settings.model_validate(held)
