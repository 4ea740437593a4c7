import platform
import sys

import pytest
from packaging.requirements import Requirement

from docferry.domain.errors import InvalidInput
from docferry.packaging.runtime import GLIBC_MINOR, Architecture, Runtime


def test_a_version_that_lambda_does_not_have_is_refused_and_those_it_has_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"3\.10") as refused:
        Runtime(Architecture.ARM64, "3.10")
    assert "3.11, 3.12, 3.13" in refused.value.hint


@pytest.mark.parametrize(
    ("python", "newest"), [("3.11", "manylinux_2_26_aarch64"), ("3.13", "manylinux_2_34_aarch64")]
)
def test_no_wheel_is_taken_that_needs_a_newer_glibc_than_the_function_has(python: str, newest: str) -> None:
    assert Runtime(Architecture.ARM64, python).platforms()[0] == newest


@pytest.mark.parametrize("architecture", Architecture)
def test_wheels_of_both_names_of_the_oldest_glibc_are_taken(architecture: Architecture) -> None:
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
    held = Runtime(architecture, "3.13").platforms()
    assert held[-2:] == [f"manylinux_2_17_{machine}", f"manylinux2014_{machine}"]
    assert f"manylinux_2_28_{machine}" in held


def test_the_abi_is_that_of_the_function() -> None:
    assert Runtime(Architecture.ARM64, "3.13").abi() == "cp313"


@pytest.mark.parametrize("python", GLIBC_MINOR)
def test_markers_are_judged_for_the_function_and_not_for_this_machine(python: str) -> None:
    environment = Runtime(Architecture.ARM64, python).markers()

    def needed(marker: str) -> bool:
        held = Requirement(f"one; {marker}").marker
        assert held is not None
        return held.evaluate({**environment, "extra": ""})

    assert needed(f"python_version == '{python}' and sys_platform == 'linux'")
    assert needed("platform_machine == 'aarch64' and implementation_name == 'cpython'")
    assert not needed("sys_platform == 'win32' or platform_system == 'Darwin'")
    assert needed("python_version < '3.12'") == (python == "3.11")


def test_this_machine_s_own_runtime_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert Runtime.here() == Runtime(Architecture.ARM64, "3.12")


@pytest.mark.parametrize(("system", "machine"), [("darwin", "x86_64"), ("linux", "riscv64")])
def test_a_machine_that_cannot_run_any_zip_says_so(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    with pytest.raises(InvalidInput, match=f"{system}, {machine}"):
        Runtime.here()
