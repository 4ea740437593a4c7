from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.packaging.closure import pinned
from docferry.packaging.runtime import Architecture, Runtime
from tests.unit.packaging import layout

OLD = Runtime(Architecture.ARM64, "3.11")
RUNTIME = Runtime(Architecture.ARM64, "3.13")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_closure_is_followed_and_pinned_to_what_is_installed(site: Path) -> None:
    layout.distribution(site, "fer-root", "9", requires=("fer-one>=1", "fer_two"))
    layout.distribution(site, "fer-one", "1.5", requires=("fer-three",))
    layout.distribution(site, "fer-two", "2.5", requires=("fer-one",))
    layout.distribution(site, "fer-three", "3.5")
    held = pinned(RUNTIME, "fer-root")
    assert held == {"fer-one": "1.5", "fer-three": "3.5", "fer-two": "2.5"}
    assert list(held) == sorted(held)


def test_an_extra_counts_only_if_it_is_asked_for_also_further_down(site: Path) -> None:
    layout.distribution(
        site,
        "fer-root",
        requires=("fer-base", "fer-deep[more]; extra == 'lambda'", "fer-absent; extra == 'cli'"),
        extras=("lambda", "cli"),
    )
    layout.distribution(site, "fer-base", requires=("fer-deep",))
    layout.distribution(site, "fer-deep", requires=("fer-more; extra == 'more'",), extras=("more",))
    layout.distribution(site, "fer-more")
    assert list(pinned(RUNTIME, "fer-root[lambda]")) == ["fer-base", "fer-deep", "fer-more"]
    assert list(pinned(RUNTIME, "fer-root")) == ["fer-base", "fer-deep"]


def test_requirements_that_lead_back_end(site: Path) -> None:
    layout.distribution(site, "fer-root", requires=("fer-one",))
    layout.distribution(site, "fer-one", requires=("fer-root",))
    assert pinned(RUNTIME, "fer-root") == {"fer-one": "1.0"}


def test_markers_are_judged_for_the_function(site: Path) -> None:
    layout.distribution(
        site, "fer-root", requires=("fer-win; sys_platform == 'win32'", "fer-arm; python_version<'3.12'")
    )
    layout.distribution(site, "fer-arm")
    assert pinned(RUNTIME, "fer-root") == {}
    assert pinned(OLD, "fer-root") == {"fer-arm": "1.0"}


def test_what_only_the_function_needs_must_be_installed_for_its_version_to_be_known(site: Path) -> None:
    layout.distribution(site, "fer-root", requires=("fer-new>=2; platform_machine == 'aarch64'",))
    with pytest.raises(InvalidInput, match="fer-new, which is not installed here") as refused:
        pinned(RUNTIME, "fer-root")
    assert "pip install 'fer-new>=2'" in refused.value.hint
    assert pinned(Runtime(Architecture.X86_64, "3.13"), "fer-root") == {}


def test_metadata_older_than_the_code_are_refused(site: Path) -> None:
    layout.distribution(site, "fer-root", extras=("cli",))
    with pytest.raises(InvalidInput, match="no extra 'lambda'"):
        pinned(RUNTIME, "fer-root[lambda]")


def test_the_functions_need_neither_botocore_nor_what_the_command_line_needs() -> None:
    held = pinned(RUNTIME)
    assert {"aiohttp", "aws-lambda-powertools", "orjson", "pydantic-settings", "stamina"} <= held.keys()
    assert not {"boto3", "botocore", "docferry", "ministack", "rich", "typer", "uvloop"} & held.keys()
