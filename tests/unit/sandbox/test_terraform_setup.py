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


def test_the_locked_version_is_the_providers_own(tmp_path: Path) -> None:
    assert setup.locked_version(tmp_path) == ""
    (tmp_path / ".terraform.lock.hcl").write_text(LOCK, encoding="utf-8")
    assert setup.locked_version(tmp_path) == "5.100.0"


@pytest.mark.parametrize("held", ["5.100.0/linux_amd64", "terraform-provider-aws_5.100.0_linux_amd64.zip"])
def test_a_mirror_is_a_folder_that_has_the_version_unpacked_or_not(
    held: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in (
        tmp_path / "another version" / setup.PROVIDER / "4.0.0" / "linux_amd64",
        tmp_path / "a working folder" / ".terraform" / "providers" / setup.PROVIDER / "5.100.0" / "linux_amd64",
        tmp_path / "mirror" / setup.PROVIDER / held,
    ):
        one.mkdir(parents=True)
    monkeypatch.setattr(setup, "_LIKELY", (tmp_path / "no such place", tmp_path))
    assert setup.mirror("5.100.0") == tmp_path / "mirror"


def test_a_search_that_takes_too_long_finds_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("find", setup.SEARCH_TIMEOUT_S)

    monkeypatch.setattr(subprocess, "run", slow)
    assert setup.mirror("5.100.0") is None
