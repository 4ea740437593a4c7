import re
from pathlib import Path

from docferry.domain.switch import ORDER, Step
from docferry.switch.live import Live
from docferry.switch.rehearsal import Rehearsal

DOCUMENT = (Path(__file__).parents[3] / "docs" / "cutover-protocol.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d) (\w+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_the_document_has_the_very_steps_of_the_code_in_their_order() -> None:
    rows = [(int(number), name, action) for number, name, action, _ in ROW.findall(DOCUMENT)]
    assert rows == [(number, step.value, step.action) for number, step in enumerate(ORDER)]


def test_the_point_of_no_return_is_the_opening() -> None:
    past = {name: what for _, name, _, what in ROW.findall(DOCUMENT)}
    assert [name for name, what in past.items() if "point of no return" in what] == [Step.OPEN.value]
    assert {name for name, what in past.items() if "abort" in what} == {"fence", "drain", "close", "verify"}


def test_a_dry_run_has_every_step_of_the_real_one() -> None:
    for step in ORDER:
        assert callable(getattr(Live, step.value))
        assert callable(getattr(Rehearsal, step.value))
