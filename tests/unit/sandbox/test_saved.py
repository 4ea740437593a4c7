from pathlib import Path

import pytest

from docferry.sandbox.saved import forget, note, noting, saved_at

FILES = ("s3.json", "dynamodb.json", "sqs.json")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def save(state: Path, *names: str) -> None:
    for name in names:
        beside = state / f"{name}.new"
        beside.write_text("{}")
        beside.replace(state / name)


def test_a_save_of_everything_is_noted_even_if_the_process_ends_by_an_exception(
    tmp_path: Path, state: Path
) -> None:
    save(state, *FILES)
    with pytest.raises(SystemExit), noting(tmp_path, state):
        save(state, *FILES)
        raise SystemExit(0)
    assert saved_at(tmp_path)


@pytest.mark.parametrize("saved", [(), FILES[:2], FILES[1:]])
def test_a_save_that_left_something_out_is_not_noted(tmp_path: Path, state: Path, saved: tuple[str, ...]) -> None:
    save(state, *FILES)
    with noting(tmp_path, state):
        save(state, *saved)
    assert not saved_at(tmp_path)


def test_files_that_were_never_there_are_not_taken_for_saved(tmp_path: Path, state: Path) -> None:
    with noting(tmp_path, state):
        save(state, *FILES[:2])
    assert not saved_at(tmp_path)


def test_a_note_stays_until_it_is_taken_away(tmp_path: Path) -> None:
    note(tmp_path, "2025-07-01T00:00:00+00:00")
    assert saved_at(tmp_path) == "2025-07-01T00:00:00+00:00"
    forget(tmp_path)
    forget(tmp_path)
    assert not saved_at(tmp_path)
