"""docferry sandbox deploy|undeploy"""

import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import tomli_w
import typer

from docferry.cli import options, render
from docferry.cli.outputs import configuration, flattened
from docferry.domain.errors import InvalidInput
from docferry.packaging.build import build, contents
from docferry.packaging.runtime import Architecture, Runtime
from docferry.sandbox import server
from docferry.sandbox.configuration import PROFILE
from docferry.sandbox.home import CREDENTIALS, DEFAULT_HOME, command
from docferry.sandbox.terraform import Event, Terraform, prepared
from docferry.settings import Aws

FOLDER, PACKAGE, CONFIG = "terraform", "functions.zip", "deployed.toml"
DEMO = Path("environments") / "demo.tfvars"
Home = Annotated[Path, typer.Option(help="Folder that holds the sandbox.")]
Infra = Annotated[Path, typer.Option(help="Folder of the Terraform configuration.")]


def deploy(home: Home = DEFAULT_HOME, infra: Infra = Path("infra"), as_json: options.Json = False) -> None:
    """Deploy the AWS infrastructure on it, with real Terraform: as in an account, for nothing. Takes two minutes.

    Needs Terraform on PATH. Deploys again what was deployed before, with what has changed since.

    Example: docferry sandbox deploy
    """
    began, running = time.monotonic(), _running(home)
    folder = home.absolute() / FOLDER
    folder.mkdir(exist_ok=True)
    _package(folder / PACKAGE)
    terraform = _ready(infra, folder, running.url)
    made = terraform.apply(_variables(folder, running), [infra / DEMO])
    config = home / CONFIG
    aws = Aws(profile=PROFILE, credentials_file=CREDENTIALS, endpoint_url=running.url)
    config.write_text(tomli_w.dumps({**configuration(made), "aws": aws.model_dump()}), encoding="utf-8")
    if as_json:
        render.as_json({"config": str(config), "outputs": made})
        return
    render.out.print(render.rows((name, str(one)) for name, one in flattened(made).items()), markup=False)
    took = render.seconds(time.monotonic() - began)
    render.out.print(f"deployed in {took}; next: docferry status --config {config}", markup=False)


def undeploy(home: Home = DEFAULT_HOME, infra: Infra = Path("infra"), as_json: options.Json = False) -> None:
    """Remove what was deployed on it, with everything in it.

    Example: docferry sandbox undeploy
    """
    running, folder = _running(home), home.absolute() / FOLDER
    if not (folder / PACKAGE).is_file():
        raise InvalidInput(f"nothing was deployed on the sandbox in {home}", hint="docferry sandbox deploy")
    _ready(infra, folder, running.url).destroy(_variables(folder, running), [infra / DEMO])
    (home / CONFIG).unlink(missing_ok=True)
    if as_json:
        render.as_json({"undeployed": True})
    else:
        render.out.print("undeployed")


def _running(home: Path) -> server.Status:
    status = server.status(home)
    if not status.running:
        raise InvalidInput(f"no sandbox runs in {home}", hint=command("start", home))
    return status


def _package(file: Path) -> None:
    runtime = Runtime(_architecture(), _python())
    build(runtime, contents(runtime), file, _say)


def _ready(infra: Path, folder: Path, url: str) -> Terraform:
    terraform = prepared(infra, folder, url, told=_teller())
    terraform.init()
    return terraform


def _variables(folder: Path, running: server.Status) -> dict[str, Any]:
    return {
        "endpoint_url": running.url,
        # Where policies are not enforced, no store takes a token's end for anything.
        "fencing_token_enabled": running.permissions,
        "lambda_package": str(folder / PACKAGE),
        "lambda_architecture": _architecture().value,
        "lambda_runtime": f"python{_python()}",
    }


def _architecture() -> Architecture:
    # The embedded AWS runs functions with the interpreter that it runs on itself.
    return Architecture.ARM64 if platform.machine() in ("arm64", "aarch64") else Architecture.X86_64


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _teller() -> Callable[[Event], None]:
    """Give what says each thing that Terraform has made or removed, and how many there will be."""
    total = done = 0

    def tell(event: Event) -> None:
        nonlocal total, done
        if event["type"] == "change_summary" and event["changes"]["operation"] == "plan":
            total = sum(event["changes"][kind] for kind in ("add", "change", "remove"))
        elif event["type"] == "apply_complete" and event["hook"]["action"] != "read":
            done += 1
            _say(f"{done:3} of {total}  {event['hook']['resource']['addr']}")

    return tell


def _say(line: str) -> None:
    render.err.print(line, markup=False, soft_wrap=True)
