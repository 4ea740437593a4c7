"""The infrastructure applied on an embedded AWS of its own, whose policies are in force."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from docferry.sandbox.emulator import running
from docferry.sandbox.terraform import Terraform
from tests.terraform.inventory import Tags, everything
from tests.terraform.needed import INFRA, ready

SCRIPT = Path(sys.executable).with_name("docferry")
DEMO = INFRA / "environments" / "demo.tfvars"
ENVIRONMENT = "e2e"


@dataclass(frozen=True)
class Stack:
    """What was applied, and what there was before."""

    endpoint: str
    folder: Path
    terraform: Terraform
    variables: dict[str, Any]
    before: dict[str, Tags]

    @cached_property
    def outputs(self) -> dict[str, Any]:
        return self.terraform.output()

    @cached_property
    def resources(self) -> list[dict[str, Any]]:
        """Every resource of the state, of all modules, without data sources."""
        return list(_resources(self.terraform.state()["values"]["root_module"]))

    def made(self) -> dict[str, Tags]:
        """What there is now and was not before, with its tags."""
        return {what: tags for what, tags in everything(self.endpoint).items() if what not in self.before}

    def flat(self) -> Path:
        """Write the flat file of outputs, as an operator does."""
        said = subprocess.run(
            ["terraform", "output", "-json"],
            cwd=self.terraform.root,
            env=dict(self.terraform.environment),
            capture_output=True,
            check=True,
        ).stdout
        file = self.folder / "flat-outputs.json"
        with file.open("wb") as out:
            subprocess.run([SCRIPT, "outputs", "--flat", "-"], input=said, stdout=out, check=True)
        return file


def applied(folder: Path) -> Iterator[Stack]:
    """Apply everything on an embedded AWS of its own."""
    with running(permissions=True) as endpoint:
        yield stack_at(endpoint, folder)


def stack_at(endpoint: str, folder: Path, more: Mapping[str, Any] = MappingProxyType({})) -> Stack:
    """Package the functions for this machine and apply everything, as docs/deploy.md has it."""
    terraform = ready(folder / "work", endpoint)
    variables = {
        "environment": ENVIRONMENT,
        "endpoint_url": endpoint,
        "lambda_package": str(_package(folder)),
        "lambda_architecture": _architecture(),
        "lambda_runtime": f"python{_python()}",
        "watch_hours": 0,
        **more,
    }
    before = everything(endpoint)
    terraform.apply(variables, [DEMO])
    return Stack(endpoint, folder, terraform, variables, before)


def lives(stack: Stack, **environment: str) -> None:
    """Run the live suite on what was applied, in an environment that says this besides; it has to pass whole."""
    shown = {name: one for name, one in stack.terraform.environment.items() if name.startswith("AWS_")}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/live", "-p", "no:cacheprovider", "-rs", "--no-cov"],
        env={**os.environ, **shown, "DOCFERRY_OUTPUTS": str(stack.flat()), **environment},
        cwd=INFRA.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-12000:]
    assert "skipped" not in ended.stdout, ended.stdout[-4000:]


def _package(folder: Path) -> Path:
    file = folder / "functions.zip"
    asked = ["--architecture", _architecture(), "--python", _python(), "--output", str(file)]
    subprocess.run([SCRIPT, "package", *asked], check=True)
    return file


def _architecture() -> str:
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _resources(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (one for one in module.get("resources", ()) if one["mode"] == "managed")
    for child in module.get("child_modules", ()):
        yield from _resources(child)


COMPUTED = ("aws_sns_topic", "aws_sqs_queue", "aws_s3_bucket")
"""Resources that show the policy that they had when they were created; the one in force is another resource."""


def policies(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return every policy document of the state, by address; who may assume a role is not one for linters."""
    return {
        one["address"]: json.loads(one["values"]["policy"])
        for one in stack.resources
        if one["values"].get("policy") and one["type"] not in COMPUTED
    }
