"""docferry outputs"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import tomli_w
import typer
from pydantic import ValidationError

from docferry.cli import options, render
from docferry.domain.errors import InvalidInput
from docferry.settings import Client, Fence, Records, Replication, Runner, Settings, Side

STDIN = "-"
_SHAPE = "give it what `terraform output -json` prints, or the folder that terraform is run in"


def outputs(
    folder: Annotated[
        str, typer.Argument(metavar="[DIR]", help="Folder of the configuration; - reads standard input.")
    ] = "infra",
    flat: Annotated[
        bool, typer.Option("--flat", help="As flat JSON: what lies in an object gets a dotted name.")
    ] = False,
    toml: Annotated[
        bool, typer.Option("--toml", help="As a docferry.toml that leads every command to the deployed stores.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Show what Terraform deployed: runs `terraform output -json` in the folder, or reads it. No secret is shown.

    Example: docferry outputs --toml > docferry.toml
    """
    if flat + toml + as_json > 1:
        raise InvalidInput("--flat, --toml and --json exclude each other", hint="give one of them")
    said, named = (sys.stdin.read(), "standard input") if folder == STDIN else (asked(Path(folder)), folder)
    found = values(said, named)
    if toml:
        typer.echo(tomli_w.dumps(configuration(found)), nl=False)
    elif flat or as_json:
        render.as_json(flattened(found) if flat else found)
    else:
        rows = ((name, one if isinstance(one, str) else json.dumps(one)) for name, one in flattened(found).items())
        render.out.print(render.rows(rows), markup=False)


def asked(folder: Path) -> str:
    """Return what Terraform says of the outputs in a folder. Raises InvalidInput if it says nothing."""
    if not folder.is_dir():
        raise InvalidInput(f"there is no folder {folder}", hint="name the folder that terraform is run in")
    program = shutil.which("terraform")
    if not program:
        raise InvalidInput(
            "there is no terraform on PATH",
            hint="pipe what `terraform output -json` printed into docferry outputs -",
        )
    ended = subprocess.run(
        [program, "output", "-json", "-no-color"], cwd=folder, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        told = " ".join(ended.stderr.replace("│", " ").replace("╷", " ").replace("╵", " ").split())
        raise InvalidInput(f"terraform in {folder}: {told}", hint="run terraform init there with its backend")
    return ended.stdout


def values(said: str, named: str) -> dict[str, Any]:
    """Return the values of outputs by name, without those that are marked sensitive.

    `said` is what `terraform output -json` printed. Raises InvalidInput, with where it is from, if it is not that.
    """
    try:
        held = json.loads(said)
        found = {name: one["value"] for name, one in held.items() if not one["sensitive"]}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(f"{named} gives no outputs of Terraform", hint=_SHAPE) from error
    if not found:
        raise InvalidInput(f"{named} has no outputs", hint="run terraform apply first")
    return found


def flattened(held: Mapping[str, Any]) -> dict[str, Any]:
    """Return them with what lies in objects under dotted names; lists stay lists."""
    return dict(_flat(held, ""))


def _flat(held: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, one in held.items():
        if isinstance(one, dict):
            yield from _flat(one, f"{path}{name}.")
        else:
            yield path + name, one


def configuration(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that lead to what was deployed. Raises InvalidInput if an output is missing or wrong."""
    try:
        settings = Settings.model_construct(
            replication=Replication(found.get("replication", Replication.ENGINE)),
            source=_side(found, "source"),
            target=_side(found, "target"),
            records=Records(**_given(found, "document_attribute")),
            runner=Runner(**_given(found, "scan_segments"), state_machine=found.get("state_machine_arn") or ""),
            client=Client(**_given(found, "lease_s", "client_"), **_given(found, "deadline_s", "client_")),
            fence=Fence(exempt=tuple(found.get("fence_exempt", ()))),
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInput(
            f"the outputs make no configuration: {where}: {first['msg'].lower()}", hint=_SHAPE
        ) from error
    except ValueError as error:
        raise InvalidInput(f"the outputs make no configuration: replication: {error}", hint=_SHAPE) from error
    return settings.model_dump(mode="json", exclude_defaults=True)


def _given(found: Mapping[str, Any], name: str, prefix: str = "") -> dict[str, Any]:
    return {name: found[prefix + name]} if prefix + name in found else {}


def _side(found: Mapping[str, Any], which: str) -> Side:
    named = {name: f"{which}_{name}" for name in Side.model_fields}
    missing = [
        named[name] for name, one in Side.model_fields.items() if one.is_required() and named[name] not in found
    ]
    if missing:
        raise InvalidInput(f"the outputs make no configuration: there is no {missing[0]}", hint=_SHAPE)
    # An output is null where the deployment has no such thing.
    return Side(**{name: one for name, output in named.items() if (one := found.get(output)) is not None})
