"""The short form of the soak: `make soak` is the long one."""

from pathlib import Path

from tests.faults.soak import soak

SECONDS = 75.0
"""Three or four switches with their dwell, and two judgements."""


def test_switching_to_and_fro_beside_a_writer_loses_nothing(endpoint: str, tmp_path: Path) -> None:
    done = soak(endpoint, tmp_path, SECONDS)
    assert done.switches >= 2, done.report
    assert done.judged >= 1, done.report
    # Too short to tell whether memory grows; it has to be measured, though.
    assert all(one.last > 0 for one in done.memory.values()), done.report
