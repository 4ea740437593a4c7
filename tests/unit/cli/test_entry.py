"""What is started by the command's name."""

import pytest

from docferry.cli import entry, main


def test_a_command_that_is_interrupted_while_it_starts_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "main", interrupted)
    monkeypatch.setattr("sys.argv", ["docferry", "status"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "docferry: interrupted before it began\n"
