import base64
import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.packaging import archive
from docferry.packaging.archive import replacing, wanted
from tests.unit.packaging.layout import write


def _zip(files: dict[str, Path], output: Path) -> archive.Written:
    with replacing(output) as file:
        return archive.write(files, file)


def test_what_is_not_needed_at_run_time_stays_out(tmp_path: Path) -> None:
    kept = [
        "one/__init__.py",
        "one/_fast.abi3.so",
        "one/data.json",
        "one/testing.py",
        "one-1.dist-info/METADATA",
        "one-1.dist-info/entry_points.txt",
        "one-1.dist-info/licenses/LICENSE",
    ]
    left_out = [
        "bin/one",
        "one/__pycache__/__init__.cpython-313.pyc",
        "one/_fast.pyi",
        "one/_fast.pyx",
        "one/_fast.c",
        "one/_testcapi.cpython-313-aarch64-linux-gnu.so",
        "one/py.typed",
        "one/tests/test_one.py",
        "tests/__init__.py",
        "one-1.dist-info/RECORD",
        "one-1.dist-info/INSTALLER",
        "one-1.dist-info/REQUESTED",
        "one-1.dist-info/direct_url.json",
    ]
    for name in (*kept, *left_out):
        write(tmp_path / name)
    assert list(wanted(tmp_path)) == sorted(kept)


def test_the_same_files_give_the_same_bytes_whatever_their_times_modes_and_order(tmp_path: Path) -> None:
    first = {name: write(tmp_path / "a" / name, name) for name in ("one.py", "two.py")}
    second = {name: write(tmp_path / "b" / name, name) for name in ("two.py", "one.py")}
    os.utime(second["one.py"], (1, 10**9))
    second["two.py"].chmod(0o700)
    one, two = _zip(first, tmp_path / "a.zip"), _zip(second, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert one == two


def test_other_bytes_give_another_sum(tmp_path: Path) -> None:
    one = _zip({"one.py": write(tmp_path / "a", "a")}, tmp_path / "a.zip")
    two = _zip({"one.py": write(tmp_path / "b", "b")}, tmp_path / "b.zip")
    assert one.sha256 != two.sha256


def test_what_is_said_of_the_zip_is_so(tmp_path: Path) -> None:
    output = tmp_path / "held.zip"
    said = _zip({"b.py": write(tmp_path / "b", "bb"), "a.so": write(tmp_path / "a", "aaa")}, output)
    digest = hashlib.sha256(output.read_bytes()).digest()
    assert (said.files, said.size, said.unzipped) == (2, output.stat().st_size, 5)
    assert said.sha256 == digest.hex()
    assert base64.b64decode(said.sha256_base64) == digest
    with zipfile.ZipFile(output) as opened:
        assert [one.filename for one in opened.infolist()] == ["a.so", "b.py"]
        assert {one.external_attr >> 16 for one in opened.infolist()} == {0o100644}
        assert {one.date_time for one in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert opened.read("b.py") == b"bb"


def test_what_was_there_stays_whole_if_a_build_fails(tmp_path: Path) -> None:
    output = write(tmp_path / "held.zip", "as it was")
    with pytest.raises(RuntimeError), replacing(output) as file:
        file.write(b"half")
        raise RuntimeError
    assert output.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("where", ["absent/held.zip", "."])
def test_an_output_that_cannot_be_written_is_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(InvalidInput, match="cannot write") as refused, replacing(tmp_path / where):
        pytest.fail("it was opened")
    assert "--output" in refused.value.hint


def test_an_output_that_became_unwritable_meanwhile_leaves_nothing_behind(tmp_path: Path) -> None:
    output = tmp_path / "held.zip"
    with pytest.raises(InvalidInput, match="cannot write"), replacing(output):
        output.mkdir()
    assert list(tmp_path.iterdir()) == [output]
