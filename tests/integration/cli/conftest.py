"""A migration of its own on the shared embedded AWS, driven through the command line."""

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import tomli_w

from docferry.cli.main import main
from docferry.demo.access import application_client
from docferry.demo.documents import LocalDocument, odd
from docferry.demo.ingest import Ingested, ingest
from docferry.sandbox import configuration, stores
from docferry.settings import Runner, Settings, Side

SCRIPT = Path(sys.executable).with_name("docferry")
PLAIN = tuple(LocalDocument(f"documents/{n:04}.txt", body=f"body {n}".encode() * n) for n in range(120))


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        held: dict[str, Any] = json.loads(self.out)
        return held


@dataclass(frozen=True)
class Site:
    """A directory with a docferry.toml, and what its stores were filled with."""

    directory: Path
    settings: Settings

    @property
    def config(self) -> Path:
        return self.directory / "docferry.toml"

    @property
    def log(self) -> Path:
        return self.directory / "operations.jsonl"

    def run(self, *arguments: str) -> Said:
        """Run a command in this process, as the `docferry` script does."""
        out, err = io.StringIO(), io.StringIO()
        argv = ["docferry", *arguments, "--config", str(self.config)]
        with (
            mock.patch.object(sys, "argv", argv),
            contextlib.chdir(self.directory),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [str(SCRIPT), *arguments, "--config", str(self.config)],
            cwd=self.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("DOCFERRY_")},
        )

    def configure(self, **sections: Mapping[str, Any]) -> None:
        """Write docferry.toml with other values in some sections."""
        held = self.settings.model_dump(exclude_defaults=True)
        changed = {name: {**held.get(name, {}), **values} for name, values in sections.items()}
        self.config.write_text(tomli_w.dumps({**held, **changed}), encoding="utf-8")

    def fill(self, documents: tuple[LocalDocument, ...] = (*PLAIN, *odd())) -> Ingested:
        return asyncio.run(ingest(self.settings, documents, self.log, lambda done, total: None))

    def send(self, side: Side, method: str, path: str, **more: Any) -> bytes:
        """Send one request as an application does."""

        async def sent() -> bytes:
            async with application_client(self.settings, side) as client:
                return (await client.send("s3", method, path, **more)).body

        return asyncio.run(sent())


@pytest.fixture
def site(endpoint: str, tmp_path: Path) -> Site:
    return site_at(endpoint, tmp_path)


def site_at(endpoint: str, directory: Path) -> Site:
    credentials = directory / "credentials"
    configuration.write_credentials(credentials)
    settings = configuration.sandbox_settings(endpoint, credentials)
    name = uuid.uuid4().hex[:12]
    # A dead runner is to block the next one for a moment only.
    settings = settings.model_copy(
        update={
            "source": _renamed(settings.source, name),
            "target": _renamed(settings.target, name),
            "runner": Runner(lease_s=1.0, settle_s=1.0, visibility_s=3),
        }
    )
    stores.create(settings)
    made = Site(directory, settings)
    made.configure()
    return made


def _renamed(side: Side, name: str) -> Side:
    named: Callable[[str], str] = lambda held: held.replace("sandbox", name)  # noqa: E731
    kinds = ("bucket", "table", "queue", "control_table", "conflicts_table", "journal_table")
    return side.model_copy(update={kind: named(getattr(side, kind)) for kind in kinds})


@pytest.fixture
def filled(site: Site) -> Site:
    site.fill()
    return site
