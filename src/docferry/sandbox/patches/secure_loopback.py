"""Loopback counts as TLS.

Buckets refuse what does not come through TLS (aws:SecureTransport), and ministack, which speaks plain HTTP on
loopback here, heeds that where it heeds policies at all: it would refuse everybody. It takes a request's word for
its scheme, as from a load balancer that ends TLS; whoever says `http` there is still refused, so that such a
policy can be tried.
"""

from typing import Any

from ministack import app

from docferry.sandbox.patches import seam

_SCHEME = b"x-forwarded-proto"


def apply() -> None:
    """Let every request that names no scheme be one that came through TLS."""
    served = seam.function(app, "app", "scope", "receive", "send")

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = scope.get("headers")
        if scope["type"] == "http" and headers is not None and all(name.lower() != _SCHEME for name, _ in headers):
            scope = {**scope, "headers": [*headers, (_SCHEME, b"https")]}
        await served(scope, receive, send)

    app.app = serve
