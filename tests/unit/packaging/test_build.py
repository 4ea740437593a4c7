import zipfile
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.packaging.build import Contents, build
from docferry.packaging.closure import Pins
from docferry.packaging.runtime import Architecture, Runtime
from tests.unit.packaging import layout

RUNTIME = Runtime(Architecture.ARM64, "3.13")


@pytest.fixture
def needed(tmp_path: Path) -> Contents:
    own = layout.write(tmp_path / "own/docferry/handlers/one.py", "handler = None\n")
    return Contents({"fer-one": "1.0", "fer-two": "2.0"}, {"docferry/handlers/one.py": own})


def test_two_builds_are_the_same_to_the_byte(needed: Contents, tmp_path: Path) -> None:
    first = build(RUNTIME, needed, tmp_path / "a.zip", fetch=layout.fetch)
    second = build(RUNTIME, needed, tmp_path / "b.zip", fetch=layout.fetch)
    assert first == second
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_it_holds_the_dependencies_and_what_the_handlers_reach(needed: Contents, tmp_path: Path) -> None:
    said: list[str] = []
    build(RUNTIME, needed, tmp_path / "held.zip", said.append, layout.fetch)
    with zipfile.ZipFile(tmp_path / "held.zip") as opened:
        assert opened.namelist() == [
            "docferry/handlers/one.py",
            "fer_one-1.0.dist-info/METADATA",
            "fer_one-1.0.dist-info/licenses/LICENSE",
            "fer_one/__init__.py",
            "fer_one/fast.cp313.so",
            "fer_two-2.0.dist-info/METADATA",
            "fer_two-2.0.dist-info/licenses/LICENSE",
            "fer_two/__init__.py",
            "fer_two/fast.cp313.so",
        ]
    assert said == ["fetching 2 wheels for Python 3.13 on arm64", "writing 9 files"]


def test_an_output_that_cannot_be_written_is_known_before_anything_is_fetched(
    needed: Contents, tmp_path: Path
) -> None:
    def refuse(pins: Pins, runtime: Runtime, directory: Path) -> None:
        pytest.fail("it was fetched")

    with pytest.raises(InvalidInput, match="cannot write"):
        build(RUNTIME, needed, tmp_path / "absent/held.zip", fetch=refuse)


def test_a_fetch_that_fails_leaves_no_zip(needed: Contents, tmp_path: Path) -> None:
    def fail(pins: Pins, runtime: Runtime, directory: Path) -> None:
        raise InvalidInput("no wheel")

    with pytest.raises(InvalidInput):
        build(RUNTIME, needed, tmp_path / "held.zip", fetch=fail)
    assert [one.name for one in tmp_path.iterdir()] == ["own"]
