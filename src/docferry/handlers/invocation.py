"""One invocation of a function: what it was asked, what it may reach, and how much time it has."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from docferry.aws.queue_feed import QueueFeed
from docferry.aws.signing import Credentials
from docferry.connection import Connection, Keys, opened
from docferry.domain.errors import DocferryError, InvalidInput
from docferry.migration import Directions
from docferry.progress import Progress
from docferry.settings import Settings, Side, load
from docferry.wiring import build

MARGIN_S = 15.0
"""Left of an invocation's time for what is under way to land, and for what was done to be noted."""

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation. `seconds` is the time it has for work."""

    connection: Connection
    event: Mapping[str, Any]
    seconds: float
    progress: Progress = field(default_factory=Progress)

    async def directions(self, lease: str) -> Directions:
        """Return the migration in both directions, to be worked on under a lease of that name."""
        return await build(self.connection, self.progress, lease=lease)

    async def give_back(self, from_source: bool, handles: Sequence[str]) -> None:
        """Let messages of one side's change queue come again soon. What fails comes again later."""
        settings = self.connection.settings
        client, side = (
            (self.connection.source, settings.source) if from_source else (self.connection.target, settings.target)
        )
        # What the service polled for is hidden for as long as a function may take.
        with suppress(DocferryError):
            await QueueFeed(client, side.queue).hide(handles, settings.runner.visibility_s)

    def number(self, name: str) -> int:
        """Return a number of the event. Raises InvalidInput if it has none of that name."""
        value = self.event.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InvalidInput(f"the event says {name}: {value!r}, which is no number of a part")
        return value


Step = Callable[[Invocation], Awaitable[Answer]]


def answer(event: Mapping[str, Any], context: LambdaContext, step: Step) -> Answer:
    """Do one step within the time that is left, and return what came of it.

    Connections, and with them whatever might still go out, end here: a frozen function sends nothing later. Raises
    docferry's errors with what to do in their message, for that is all that a state machine shows.
    """

    async def work() -> Answer:
        async with opened(settings(), from_environment) as connection:
            left_s = context.get_remaining_time_in_millis() / 1000 - MARGIN_S
            return await step(Invocation(connection, event, left_s))

    try:
        return asyncio.run(work())
    except DocferryError as error:
        raise type(error)(f"{error}; next: {error.hint}" if error.hint else str(error)) from error


@lru_cache
def settings() -> Settings:
    """Read the settings from the environment, once for the life of the process. Raises InvalidInput."""
    return load()


def from_environment(settings: Settings, side: Side) -> Keys:
    """Return what gives the function's own credentials, for either side: AWS puts them into the environment.

    The other side's role, where that is in another account, is assumed with them
    (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
    """

    def current() -> Credentials:
        return Credentials(
            os.environ["AWS_ACCESS_KEY_ID"],
            os.environ["AWS_SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN", ""),
        )

    return current
