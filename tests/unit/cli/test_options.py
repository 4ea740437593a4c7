import pytest
import typer

from docferry.cli.options import duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5.0), ("5s", 5.0), ("500ms", 0.5), ("1.5m", 90.0), ("24h", 86400.0), (2.0, 2.0)]
)
def test_a_duration_is_read_as_people_write_it(text: str | float, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "5x", "-1s", "0", "5 s s"])
def test_what_is_no_duration_is_said_so(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="no duration"):
        duration(text)
