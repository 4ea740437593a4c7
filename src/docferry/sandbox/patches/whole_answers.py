"""An answer's head and body in one write.

Terraform's AWS provider (Go) now and then gives up on a connection between an answer's head and its body ("use of
closed network connection") when they come apart, as Hypercorn sends them, and quickly, as loopback does. It then
repeats the request, which for a create that has taken effect ends in EntityAlreadyExists.
"""

from typing import Any

import h11
from hypercorn.events import RawData
from hypercorn.protocol import h11 as hypercorn_h11

from docferry.sandbox.patches import seam


def apply() -> None:
    """Hold the head back until the first piece of the body, or the end."""
    protocol = hypercorn_h11.H11Protocol
    if not hasattr(protocol, "_send_h11_event"):
        raise seam.unknown("hypercorn's H11Protocol._send_h11_event is missing")
    plain = protocol._send_h11_event

    async def sent(self: Any, event: Any) -> None:
        if isinstance(event, h11.Response):
            self.docferry_head = self.connection.send(event)
            return
        head, self.docferry_head = getattr(self, "docferry_head", b""), b""
        if not head:
            await plain(self, event)
            return
        await self.send(RawData(data=head + (self.connection.send(event) or b"")))

    protocol._send_h11_event = sent  # type: ignore[method-assign]
