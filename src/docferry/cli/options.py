"""The options that every command takes."""

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
