import configparser
import tomllib
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.sandbox.configuration import MARK, environment, held, sandbox_settings, write
from docferry.sandbox.home import CREDENTIALS, Memory, remember
from docferry.settings import load

URL, MOVED = "http://127.0.0.1:4566", "http://127.0.0.1:4600"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "project" / ".docferry" / "sandbox"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def config(tmp_path: Path, home: Path) -> Path:
    return tmp_path / "project" / "docferry.toml"


def written(home: Path, config: Path, url: str = URL) -> str:
    write(home, config, sandbox_settings(url, home / CREDENTIALS))
    return config.read_text(encoding="utf-8")


def test_what_is_written_loads_as_the_settings_of_the_sandbox(home: Path, config: Path) -> None:
    written(home, config)
    settings = load(config)
    assert settings.source == sandbox_settings(URL, home / CREDENTIALS).source
    assert settings.source.region != settings.target.region
    assert settings.aws.endpoint_url == URL
    assert Path(settings.aws.credentials_file) == home / CREDENTIALS


def test_variables_that_mean_another_aws_do_not_get_into_it(
    home: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCFERRY_SOURCE__BUCKET", "production")
    monkeypatch.setenv("DOCFERRY_AWS__ENDPOINT_URL", "https://production")
    assert "production" not in written(home, config)


def test_the_credentials_file_is_named_relative_to_the_configuration(home: Path, config: Path) -> None:
    assert tomllib.loads(written(home, config))["aws"]["credentials_file"] == ".docferry/sandbox/credentials"
    beside = home.parent.parent.parent / "elsewhere"
    beside.mkdir()
    named = tomllib.loads(written(home, beside / "docferry.toml"))["aws"]["credentials_file"]
    assert named == "../project/.docferry/sandbox/credentials"


def test_the_credentials_file_is_its_owners_only_whatever_was_there(home: Path, config: Path) -> None:
    (home / CREDENTIALS).write_text("[other]\n")
    (home / CREDENTIALS).chmod(0o644)
    settings = tomllib.loads(written(home, config))
    assert (home / CREDENTIALS).stat().st_mode & 0o777 == 0o600
    keys = configparser.ConfigParser()
    keys.read(home / CREDENTIALS)
    assert keys.sections() == [settings["aws"]["profile"]]


def test_a_move_corrects_aws_and_keeps_everything_else_to_the_letter(home: Path, config: Path) -> None:
    edited = written(home, config).replace('bucket = "sandbox', 'bucket = "my-sandbox', 1)
    edited += '\n[runner]   # slow machine\nwindow = 8\n\n[records]\ndocument_attribute = "[aws]"  # sic\n'
    config.write_text(edited, encoding="utf-8")
    assert written(home, config) == edited
    assert written(home, config, MOVED) == edited.replace(URL, MOVED)


def test_a_move_corrects_aws_however_it_is_written(home: Path, config: Path) -> None:
    sides = written(home, config).partition("[source]")[2]
    config.write_text(f'{MARK}\naws.endpoint_url = "{URL}"\n[source]{sides}[runner]\nwindow = 8\n')
    held = tomllib.loads(written(home, config, MOVED))
    assert held["aws"]["endpoint_url"] == MOVED
    assert held["runner"] == {"window": 8}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[aws]\nprofile = "production"\n', "not the sandbox's own; nothing was changed"),
        (b"", "not the sandbox's own"),
        (f"{MARK}\n[aws\n".encode(), "no valid TOML"),
        (b"\xff\xfe", "cannot read"),
    ],
)
def test_a_configuration_of_somebody_else_is_refused_and_left_alone(
    home: Path, config: Path, content: bytes, said: str
) -> None:
    config.write_bytes(content)
    with pytest.raises(InvalidInput, match=said) as raised:
        written(home, config)
    assert raised.value.hint
    assert config.read_bytes() == content
    assert not any(home.iterdir())


def test_a_configuration_in_no_folder_is_bad_input_that_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no folder") as raised:
        held(tmp_path / "nowhere" / "docferry.toml")
    assert "--config" in raised.value.hint
    assert not held(tmp_path / "docferry.toml")


def test_a_configuration_that_cannot_be_written_is_bad_input(home: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot write"):
        written(home, Path("/proc/docferry.toml"))


def test_other_tools_get_what_reaches_the_sandbox_from_any_directory(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.parent)
    beside = Path("..") / ".docferry" / "sandbox"
    remember(beside, Memory(4600, "docferry.toml"))
    shown = environment(beside)
    assert shown["AWS_ENDPOINT_URL"] == MOVED
    assert shown["AWS_SHARED_CREDENTIALS_FILE"] == str(home.resolve() / CREDENTIALS)
    assert shown["AWS_REGION"] == shown["AWS_DEFAULT_REGION"] == "us-east-1"


def test_what_was_never_started_reaches_nothing(home: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no sandbox in") as raised:
        environment(home)
    assert raised.value.hint == f"docferry sandbox start --home {home}"
