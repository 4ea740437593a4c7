"""docferry sandbox fill"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from docferry.cli import options, render
from docferry.cli.run import run_until_stopped, until_stopped
from docferry.demo import documents
from docferry.demo.documents import LocalDocument
from docferry.demo.ingest import Ingested, ingest
from docferry.domain.errors import InvalidInput
from docferry.settings import Settings, load


def fill(
    directory: Annotated[
        Path | None,
        typer.Option(
            "--documents",
            help="A folder of real documents; Python's own library unless given.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many of them.", show_default=False)] = None,
    config: options.Config = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    as_json: options.Json = False,
) -> None:
    """Put real documents and their records into the source.

    As the demo does: each with user metadata, a content type, tags and records, and a few with odd keys.

    Example: docferry sandbox fill --limit 500
    """
    settings = load(config, profile=profile, endpoint_url=endpoint_url)
    if not settings.aws.endpoint_url:
        raise InvalidInput(
            "there is no endpoint URL: only a sandbox is ever filled", hint="docferry sandbox start"
        )
    chosen = documents.find(directory, limit) + documents.odd()
    done = run_until_stopped(lambda stop: until_stopped(_fill(settings, chosen), stop))
    if as_json:
        render.as_json(asdict(done))
        return
    held = f"{render.count(done.documents, 'document')} ({render.size(done.bytes)})"
    render.out.print(f"put {held} and {render.count(done.records, 'record')} into {settings.source.bucket}")


async def _fill(settings: Settings, chosen: tuple[LocalDocument, ...]) -> Ingested:
    count = 0

    def report(done: int, total: int) -> None:
        nonlocal count
        count = done

    with TemporaryDirectory(prefix="docferry-") as name:
        async with render.live(_state(lambda: count, len(chosen))):
            return await ingest(settings, chosen, Path(name) / "log", report)


def _state(count: Callable[[], int], total: int) -> Callable[[], render.State]:
    rate = render.Rate()

    def state() -> render.State:
        done = count()
        return f"filling: {done:,} documents · {rate(done):,.0f}/s", done, total

    return state
