import os
from pathlib import Path

import pytest

from docferry.demo.documents import KEY_BYTES, PART_BYTES, find, odd
from docferry.domain.errors import InvalidInput


def test_the_default_is_the_standard_library_without_packages_and_caches() -> None:
    keys = [one.key for one in find()]
    assert len(keys) > 1000
    assert "documents/json/decoder.py" in keys
    assert not [key for key in keys if "site-packages" in key or "__pycache__" in key]


def test_files_come_in_key_order_and_at_most_as_many_as_asked_for(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.json", "a.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [one.key for one in find(tmp_path)] == ["documents/a.txt", "documents/a/z.json", "documents/b.txt"]
    assert [one.key for one in find(tmp_path, 2)] == ["documents/a.txt", "documents/a/z.json"]


def test_a_document_has_its_bytes_its_content_type_metadata_and_tags(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{}")
    (document,) = find(tmp_path)
    assert (document.read(), document.content_type) == (b"{}", "application/json")
    assert document.metadata["size"] == "2"
    assert set(document.tags) == {"department", "retention"}


def test_links_and_pipes_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    assert [one.key for one in find(tmp_path)] == ["documents/file"]


def test_a_name_that_is_no_utf8_or_too_long_for_a_key_is_passed_over(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d" * 200] * 5)
    deep.mkdir(parents=True)
    (deep / ("f" * 30)).write_text("x")
    (tmp_path / os.fsdecode(b"\xff")).write_text("x")
    (tmp_path / "file").write_text("x")
    assert [one.key for one in find(tmp_path)] == ["documents/file"]


@pytest.mark.parametrize("name", ["absent", "file", "empty"])
def test_a_folder_without_documents_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match=name):
        find(tmp_path / name)


def test_the_odd_documents_cover_what_trips_up_copiers() -> None:
    documents = odd()
    keys = [one.key for one in documents]
    assert len(set(keys)) == len(keys)
    for part in ("//", "?#%+", "..", "文"):
        assert any(part in key for key in keys), part
    assert any(key.endswith("/") for key in keys)
    assert max(len(key.encode()) for key in keys) == KEY_BYTES
    assert any(not one.read() for one in documents)
    (parted,) = (one for one in documents if one.in_parts)
    assert PART_BYTES < len(parted.read()) < 2 * PART_BYTES
