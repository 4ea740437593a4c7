"""docs/deploy.md followed to the letter on the embedded AWS, in a fresh clone.

Not among the tests that always run, since it takes ten minutes: `pytest tests/terraform/followed.py`. What is
committed is followed, and not what lies in the working tree.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docferry.sandbox import terraform_setup
from tests.terraform.needed import INFRA

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
APART = "n a terminal of its own"
"""What the text says before commands that are left running."""
SEEN = (
    "phase planning",
    "phase sync",
    "cutover: waits",
    "phase cutover",
    "applications write in us-east-1",
    "complete: waits",
    "phase completed",
)
"""What lines of what the commands print begin with, in this order."""


def script(text: str) -> str:
    """Return the commands of a document, one after another, so that the first that fails ends it."""
    lines = ["set -euo pipefail", "trap 'docferry sandbox stop; jobs -p | xargs -r kill' EXIT"]
    end = 0
    for number, found in enumerate(FENCED.finditer(text)):
        commands, before = found.group(1), text[end : found.start()]
        end = found.end()
        lines.append(f"echo '+ {heading(text[:end])}, block {number}'")
        lines.append(f"(\n{commands}) > terminal-{number}.log 2>&1 &" if APART in before else commands)
    return "\n".join(lines)


def heading(text: str) -> str:
    found: list[str] = re.findall(r"^## (.*)$", text, re.MULTILINE)
    return found[-1].replace("'", "")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("followed") / "docferry"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def providers(folder: Path) -> dict[str, str]:
    """Say where Terraform finds its provider, as docs/troubleshooting.md has it for who has no registry."""
    return terraform_setup.cli_configuration(folder, terraform_setup.locked_version(INFRA))


def test_every_command_works_and_shows_what_is_promised(clone: Path) -> None:
    bash = shutil.which("bash")
    assert bash
    log = clone / "followed.log"
    commands = script((clone / "docs" / "deploy.md").read_text(encoding="utf-8"))
    # A runner of tests has its own environment first on PATH; who reads the document has none.
    path = os.environ["PATH"].replace(f"{ROOT / '.venv' / 'bin'}:", "")
    with log.open("w") as out:
        ended = subprocess.run(
            [bash, "-c", commands],
            cwd=clone,
            env={**os.environ, **providers(clone), "PATH": path},
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    told = log.read_text(encoding="utf-8")
    assert ended.returncode == 0, told[-20000:]
    assert unseen(told) == ()


def unseen(told: str) -> tuple[str, ...]:
    """Return what no line begins with that should, behind what should come before it."""
    lines, at = re.sub(r" +", " ", f"\n{told}"), 0
    for number, one in enumerate(SEEN):
        at = lines.find(f"\n{one}", at)
        if at < 0:
            return SEEN[number:]
    return ()
