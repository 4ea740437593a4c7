"""Runs the real Terraform on a copy of a configuration, against the embedded AWS.

A copy, so that neither state nor plugins ever lie beside the configuration, and so that a backend can be set that
the configuration does not have.
"""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.sandbox import terraform_setup as setup

Event = dict[str, Any]
"""One line of Terraform's own JSON (https://developer.hashicorp.com/terraform/internals/machine-readable-ui)."""
_LITTER = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfplan", ".terraform.tfstate.lock.info")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What Terraform complains of. `severity` is `error` or `warning`; `where` is empty if it is about no line."""

    severity: str
    summary: str
    detail: str
    where: str

    def __str__(self) -> str:
        told = " ".join(f"{self.summary}: {self.detail}".split()).rstrip(": ")
        return f"{self.where}: {told}" if self.where else told


@dataclass(frozen=True, slots=True)
class Tested:
    """How the cases of `terraform test` ended; `failed` are told with their file."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terraform:
    """A configuration ready to be run. `root` is the folder of its root module, `environment` all that it sees."""

    program: str
    root: Path
    environment: Mapping[str, str]
    told: Callable[[Event], None] = lambda _: None

    def init(self, *, backend: bool = True, settings: Mapping[str, str] | None = None) -> None:
        """Install providers and modules, and connect the backend unless told not to.

        `settings` complete a partial backend. Raises ServiceError.
        """
        given = [f"-backend-config={name}={value}" for name, value in (settings or {}).items()]
        self._run("init", "-json", *([] if backend else ["-backend=false"]), *given)

    def validate(self) -> tuple[Diagnostic, ...]:
        """Return everything that Terraform says of the configuration, warnings too."""
        said = self._plain("validate", "-json", fine=(0, 1))
        return tuple(_diagnostic(one) for one in json.loads(said)["diagnostics"])

    def unformatted(self) -> tuple[str, ...]:
        """Return the files, of every module and test, that are not laid out as `terraform fmt` does."""
        return tuple(self._plain("fmt", "-check", "-recursive", "-list=true", fine=(0, 3)).split())

    def test(self) -> Tested:
        """Run the configuration's own tests. Raises ServiceError if they cannot be run at all."""
        report = self.root / "junit.xml"
        events = self._run("test", "-json", f"-junit-xml={report}", fine=(0, 1))
        if not report.is_file():
            raise ServiceError(_complaint("test", events))
        return _tested(report)

    def plan(self, variables: Mapping[str, Any] | None = None, files: Iterable[Path] = ()) -> dict[str, Any]:
        """Return what Terraform would do, as `terraform show -json` tells it. Raises ServiceError."""
        self._run("plan", "-json", "-out=plan.tfplan", *_given(variables, files))
        planned: dict[str, Any] = json.loads(self._plain("show", "-json", "plan.tfplan"))
        return planned

    def apply(self, variables: Mapping[str, Any] | None = None, files: Iterable[Path] = ()) -> dict[str, Any]:
        """Make it so, and return the outputs by name. Raises ServiceError; what was done by then stays."""
        self._run("apply", "-json", "-auto-approve", *_given(variables, files))
        return self.output()

    def destroy(self, variables: Mapping[str, Any] | None = None, files: Iterable[Path] = ()) -> None:
        """Remove everything that it made. Raises ServiceError."""
        self._run("destroy", "-json", "-auto-approve", *_given(variables, files))

    def output(self) -> dict[str, Any]:
        """Return the values of the outputs, by name. Raises ServiceError."""
        return {name: one["value"] for name, one in json.loads(self._plain("output", "-json")).items()}

    def state(self) -> dict[str, Any]:
        """Return the state, as `terraform show -json` tells it. Raises ServiceError."""
        held: dict[str, Any] = json.loads(self._plain("show", "-json"))
        return held

    def _run(self, verb: str, *arguments: str, fine: tuple[int, ...] = (0,)) -> list[Event]:
        events = []
        with subprocess.Popen(
            [self.program, verb, *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                events.append(_event(line))
                self.told(events[-1])
        if child.returncode not in fine:
            raise ServiceError(_complaint(verb, events))
        return events

    def _plain(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> str:
        ended = subprocess.run(
            [self.program, *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode not in fine:
            raise ServiceError(f"terraform {arguments[0]}: {' '.join(ended.stderr.split())}")
        return ended.stdout


def prepared(
    infra: Path,
    folder: Path,
    endpoint_url: str,
    *,
    module: str = ".",
    region: str = "us-east-1",
    local_state: bool = True,
    told: Callable[[Event], None] = lambda _: None,
) -> Terraform:
    """Copy a configuration into `folder` and return what runs it, or one module of it, there.

    With `local_state` its state is kept in `folder`, whatever backend it has; a later copy into the same folder
    finds it again. Raises InvalidInput if there is no Terraform or no configuration.
    """
    program = setup.program()
    if not any(infra.glob("*.tf")):
        raise InvalidInput(f"there is no Terraform configuration in {infra}", hint="name the folder that has it")
    copy = folder / "infra"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(infra, copy, ignore=_LITTER)
    root = copy / module
    if local_state:
        place = json.dumps(str(folder.absolute() / "terraform.tfstate"))
        override = f'terraform {{\n  backend "local" {{\n    path = {place}\n  }}\n}}\n'
        (root / "backend_override.tf").write_text(override, encoding="utf-8")
    variables = setup.cli_configuration(folder.absolute(), setup.locked_version(infra))
    variables["TF_DATA_DIR"] = str(folder.absolute() / "data")
    return Terraform(program, root.absolute(), setup.environment(endpoint_url, region, variables), told)


def _given(variables: Mapping[str, Any] | None, files: Iterable[Path]) -> list[str]:
    spelt = {name: one if isinstance(one, str) else json.dumps(one) for name, one in (variables or {}).items()}
    return [f"-var-file={file.absolute()}" for file in files] + [
        f"-var={name}={one}" for name, one in spelt.items()
    ]


def _event(line: str) -> Event:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    # Whatever it says before it knows that it is to speak JSON.
    return event if isinstance(event, dict) else {"type": "text", "@message": line.rstrip()}


def _complaint(verb: str, events: list[Event]) -> str:
    told = [_diagnostic(one["diagnostic"]) for one in events if one["type"] == "diagnostic"]
    errors = [str(one) for one in told if one.severity == "error"]
    rest = [one["@message"] for one in events if one["type"] == "text" and one["@message"]]
    return f"terraform {verb}: {'; '.join(errors or rest) or 'it failed and said nothing'}"


def _diagnostic(told: Mapping[str, Any]) -> Diagnostic:
    place = told.get("range")
    where = f"{place['filename']}:{place['start']['line']}" if place else told.get("address", "")
    return Diagnostic(told["severity"], told["summary"], told.get("detail", ""), where)


def _tested(report: Path) -> Tested:
    ended: dict[str, list[str]] = {"passed": [], "failed": [], "skipped": []}
    for suite in ET.parse(report).getroot().iter("testsuite"):
        for case in suite.iter("testcase"):
            bad = [
                one.get("message") or (one.text or "") for kind in ("failure", "error") for one in case.iter(kind)
            ]
            how = "failed" if bad else "skipped" if case.find("skipped") is not None else "passed"
            named = f"{suite.get('name')}: {case.get('name')}"
            ended[how].append(": ".join([named, *(" ".join(one.split()) for one in bad)]))
    return Tested(*(tuple(ended[how]) for how in ("passed", "failed", "skipped")))
