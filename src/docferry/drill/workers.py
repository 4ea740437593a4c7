"""Workers beside the runner: each takes a batch off a queue, carries it, and gives back what it could not do."""

import asyncio
import random

from docferry.domain.errors import DocferryError, Retryable
from docferry.drill.region import SIDES
from docferry.drill.site import SILENCE_S, Site
from docferry.ports import Delivery
from docferry.simulation.network import Link
from docferry.simulation.process import Process
from docferry.simulation.remote_feeds import RemoteQueue
from docferry.simulation.way import Way
from docferry.workers.changes import HandedOver, carry_batch

BATCH_S = 8.0


async def work(site: Site, process: Process, draw: random.Random) -> None:
    """Work until killed."""
    link = Link(site.network, process, silence_s=SILENCE_S)
    while True:
        await process.clock.sleep(draw.uniform(0.1, 1.0))
        name = draw.choice(SIDES)
        queue = RemoteQueue(Way(link, name, "queue"), site.sides[name].queue, process.clock.sleep)
        try:
            given = await queue.receive(0.0)
            if given:
                await _carry(site, process, queue, given, from_source=name == "source")
        except Retryable:
            continue
        except DocferryError as error:
            site.tell(process.name, f"gave a batch back: {type(error).__name__}: {error}")


async def _carry(
    site: Site, process: Process, queue: RemoteQueue, given: tuple[Delivery, ...], *, from_source: bool
) -> None:
    handed = HandedOver(given)
    directions = await site.directions(process, "worker")
    await asyncio.shield(carry_batch(directions, handed, HandedOver(), from_source=from_source, seconds=BATCH_S))
    left = {one.receipt for one in handed.left}
    await queue.take_off([one for one in given if one.receipt not in left])
