"""What an application imports, to write where applications may write now: docs/cutover-protocol.md."""

from docferry.client.route import Held, Leave, Route

__all__ = ["Held", "Leave", "Route"]
