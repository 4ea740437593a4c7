import subprocess
from pathlib import Path
from typing import Any

import pytest

from docferry.sandbox import terraform_setup as setup

LOCK = """provider "registry.terraform.io/hashicorp/other" {
  version = "1.0.0"
}
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.100"
}
"""


@pytest.fixture(autouse=True)
def _searched_anew() -> None:
    setup.mirror.cache_clear()


def found(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """Let the search of the disk print these."""
    ended = subprocess.CompletedProcess([], 1, stdout="".join(f"{one}\n" for one in folders))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    setup.mirror.cache_clear()


def test_the_locked_version_is_the_providers_own(tmp_path: Path) -> None:
    assert setup.locked_version(tmp_path) == ""
    (tmp_path / ".terraform.lock.hcl").write_text(LOCK, encoding="utf-8")
    assert setup.locked_version(tmp_path) == "5.100.0"


def test_a_mirror_is_one_that_has_the_version_unpacked_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, unpacked, packed = (tmp_path / name / setup.PROVIDER for name in ("other", "unpacked", "packed"))
    for folder in (other / "4.0.0", unpacked / "5.100.0", packed):
        folder.mkdir(parents=True)
    (packed / "terraform-provider-aws_5.100.0_linux_amd64.zip").touch()
    found(monkeypatch, other, unpacked)
    assert setup.mirror("5.100.0") == tmp_path / "unpacked"
    found(monkeypatch, other, packed)
    assert setup.mirror("5.100.0") == tmp_path / "packed"
    found(monkeypatch, other)
    assert setup.mirror("5.100.0") is None


def test_a_search_that_takes_too_long_finds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("find", setup.SEARCH_TIMEOUT_S)

    monkeypatch.setattr(subprocess, "run", slow)
    assert setup.mirror("5.100.0") is None
