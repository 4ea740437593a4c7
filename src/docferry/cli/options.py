"""The options that every command takes."""

import re
from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option(help="Configuration file; ./docferry.toml unless given.", show_default=False)
]
Profile = Annotated[str, typer.Option(help="AWS profile.", show_default=False)]
EndpointUrl = Annotated[
    str, typer.Option(help="Endpoint in place of AWS, such as a sandbox's.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Prefix = Annotated[str, typer.Option(help="Only documents under this prefix.", show_default=False)]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def duration(text: str | float) -> float:
    """Read a duration such as `5s`, `500ms` or `24h` into seconds; a plain number is seconds."""
    found = _DURATION.fullmatch(str(text).strip())
    if not found or not (value := float(found[1]) * _UNITS_S[found[2] or "s"]):
        raise typer.BadParameter(f"{text!r} is no duration, such as 5s, 500ms or 24h")
    return value
