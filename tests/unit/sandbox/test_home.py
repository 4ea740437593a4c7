import json
import subprocess
import sys
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.sandbox.home import DEFAULT_HOME, Memory, command, opened, remember, remembered

MEMORY = Memory(4566, "docferry.toml", "2025-07-01T00:00:00+00:00", damaged=True)


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not a folder of a sandbox; nothing was changed"), opened(tmp_path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(InvalidInput, match="not a folder of a sandbox"), opened(file):
        pass
    with pytest.raises(InvalidInput, match="cannot read"):
        remembered(file)
    assert file.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_bad_input() -> None:
    with pytest.raises(InvalidInput, match="cannot use the folder"), opened(Path("/proc/sandbox")):
        pass


def test_a_sandbox_is_private_and_out_of_version_control(tmp_path: Path) -> None:
    home = tmp_path / "some" / "where"
    with opened(home):
        assert home.stat().st_mode & 0o777 == 0o700
        assert (home / ".gitignore").read_text() == "*\n"
    (home / "more").touch()
    with opened(home):
        assert (home / "more").exists()


def test_one_at_a_time_works_on_a_sandbox(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from docferry.sandbox.home import opened\n"
    script += "with opened(Path(sys.argv[1])): print('in', flush=True)"
    with opened(tmp_path):
        other = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            other.communicate(timeout=0.5)
    assert other.communicate(timeout=10)[0] == b"in\n"


def test_what_is_remembered_is_found_again(tmp_path: Path) -> None:
    assert remembered(tmp_path) is None
    remember(tmp_path, MEMORY)
    assert remembered(tmp_path) == MEMORY


@pytest.mark.parametrize(
    "garbled",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"port": 1}',
        b'{"port": 1, "config": "c", "colour": "red"}',
        b'{"port": "4566", "config": "c"}',
        b'{"port": 4566, "config": null}',
        b'{"port": 4566, "config": "c", "damaged": "no"}',
    ],
)
def test_a_garbled_memory_is_bad_input_that_names_the_file_and_the_cure(tmp_path: Path, garbled: bytes) -> None:
    remember(tmp_path, MEMORY)
    (tmp_path / "sandbox.json").write_bytes(garbled)
    with pytest.raises(InvalidInput, match=r"sandbox\.json is garbled") as raised:
        remembered(tmp_path)
    assert raised.value.hint == f"delete the folder {tmp_path}"


def test_a_memory_of_an_earlier_version_without_the_optional_parts_is_understood(tmp_path: Path) -> None:
    (tmp_path / "sandbox.json").write_text(json.dumps({"port": 4566, "config": "c"}))
    assert remembered(tmp_path) == Memory(4566, "c", saved_at="", damaged=False)


def test_a_command_names_the_folder_unless_it_is_the_one_it_has_anyway() -> None:
    assert command("reset", DEFAULT_HOME) == "docferry sandbox reset"
    assert command("reset", Path("my box")) == "docferry sandbox reset --home 'my box'"
