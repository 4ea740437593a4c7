"""A disk that fills up while a plan is written."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from docferry.cli.plan import write
from docferry.cli.render import lines_to
from docferry.domain.errors import InvalidInput


@contextmanager
def full_after(count: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_plan_before_stays_whole_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    write(plan, {"documents": {"count": 1}})
    before = plan.read_bytes()
    with full_after(20), pytest.raises(InvalidInput, match=r"plan\.json"):
        write(plan, {"documents": {"count": 2}, "more": "x" * 100})
    assert plan.read_bytes() == before
    assert list(tmp_path.iterdir()) == [plan]


def test_what_shows_metadata_and_records_is_for_its_owner_only(tmp_path: Path) -> None:
    with lines_to(tmp_path / "lines.jsonl") as put:
        put({"metadata": "x"})
    assert (tmp_path / "lines.jsonl").stat().st_mode & 0o077 == 0
