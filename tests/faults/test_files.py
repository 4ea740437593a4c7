"""Files on this machine when the disk is full: one clear line, and what was there before is still there."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.cli.conftest import SCRIPT, Site

BYTES = 64


def limited(site: Site, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that can make no file longer than a few bytes, as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (BYTES, BYTES))

    return subprocess.run(
        [str(SCRIPT), *arguments, "--config", str(site.config)],
        cwd=site.directory,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_a_plan_that_cannot_be_written_leaves_the_one_before_and_says_so_in_one_line(site: Site) -> None:
    assert site.run("plan").code == 0
    before = (site.directory / "plan.json").read_bytes()
    said = limited(site, "plan", "--json")
    assert said.returncode in (2, 4, 5), said
    (line,) = [one for one in said.stderr.splitlines() if one.startswith("docferry: ")]
    assert "Traceback" not in said.stderr
    assert "next:" in line
    assert (site.directory / "plan.json").read_bytes() == before
    assert sorted(one.name for one in site.directory.iterdir() if "plan" in one.name) == ["plan.json"]


def test_what_holds_documents_metadata_is_for_its_owner_only(site: Site, tmp_path: Path) -> None:
    output = site.directory / "differences.jsonl"
    said = site.run("validate", "--output", str(output))
    assert said.code == 1, said
    assert output.read_text()
    assert output.stat().st_mode & 0o077 == 0
