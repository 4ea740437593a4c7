from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.settings import load

_NAMES = {"region": "r", "bucket": "b", "table": "t", "queue": "q"}
_TABLES = {"control_table": "c", "conflicts_table": "k", "journal_table": "j"}
SIDE = "".join(f'{name} = "{value}"\n' for name, value in {**_NAMES, **_TABLES}.items())
WHOLE = f'[aws]\ncredentials_file = "keys"\nprofile = "filed"\n[source]\n{SIDE}[target]\n{SIDE}'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "docferry.toml"
    path.write_text(WHOLE)
    return path


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load(config).aws.profile == "filed"
    monkeypatch.setenv("DOCFERRY_AWS__PROFILE", "environment")
    monkeypatch.setenv("DOCFERRY_SOURCE__BUCKET", "other")
    settings = load(config)
    assert (settings.aws.profile, settings.source.bucket, settings.source.table) == ("environment", "other", "t")
    assert load(config, profile="flag").aws.profile == "flag"


def test_a_credentials_file_is_looked_for_beside_the_configuration(config: Path) -> None:
    assert load(config).aws.credentials_file == str(config.parent / "keys")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[source", "no valid TOML"),
        (WHOLE.replace('bucket = "b"', 'bucket = ""', 1), "source.bucket"),
        (WHOLE + "[records]\nattribute = 1\n", "records.attribute"),
        ("", "source"),
        (WHOLE + "[runner]\nwindow = 0\n", "runner.window"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_place(config: Path, text: str, said: str) -> None:
    config.write_text(text)
    with pytest.raises(InvalidInput, match=said) as raised:
        load(config)
    assert str(config) in str(raised.value)


def test_a_file_that_was_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no configuration file"):
        load(tmp_path / "nowhere.toml")
