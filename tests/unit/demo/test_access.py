from pathlib import Path

import pytest

from docferry.demo.access import credentials_of
from docferry.domain.errors import ServiceError
from docferry.settings import Settings
from tests.unit.demo.logs import settings_at


def keys(settings: Settings) -> tuple[str, str]:
    held = credentials_of(settings, settings.source)
    return held.access_key, held.secret_key


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://[::1]:4566", "http://localhost:4566"])
def test_an_endpoint_on_this_machine_gets_test_keys(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "REAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "REAL")
    assert keys(settings_at(url)) == ("test", "test")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1.example.com", "https://store.example.com"])
def test_elsewhere_keys_have_to_be_found(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServiceError, match="no credentials"):
        keys(settings_at(url))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    assert keys(settings_at(url)) == ("mine", "hidden")


def test_a_credentials_file_and_a_profile_are_used_even_on_this_machine(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("[p]\naws_access_key_id = filed\naws_secret_access_key = hidden\n")
    settings = settings_at("http://127.0.0.1:1", credentials_file=str(file), profile="p")
    assert keys(settings) == ("filed", "hidden")
