from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.sandbox import stores
from docferry.sandbox.configuration import PROFILE, write_credentials
from docferry.sandbox.store import asked
from docferry.settings import Settings
from tests.unit.demo.logs import settings_at


def refusing(code: str) -> Any:
    def call(**_: Any) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "HeadBucket")

    return call


def test_what_answers_is_returned_with_the_fields_it_was_asked_for() -> None:
    assert asked(lambda **fields: fields, "404", Bucket="b") == {"Bucket": "b"}


def test_only_the_codes_of_what_is_absent_count_as_absent() -> None:
    assert asked(refusing("404"), "404", "NoSuchBucket") == {}
    with pytest.raises(ClientError, match="403"):
        asked(refusing("403"), "404", "NoSuchBucket")


@pytest.mark.parametrize("work", [stores.create, stores.notify, stores.missing])
def test_nothing_is_asked_of_or_created_in_aws_itself(work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def client(settings: Settings, *_: Any) -> Any:
        raise AssertionError("a client was built")

    monkeypatch.setattr(stores, "_client", client)
    with pytest.raises(InvalidInput, match="no endpoint"):
        work(settings_at(""))


def test_an_endpoint_where_nobody_listens_is_an_error_of_the_service(tmp_path: Path) -> None:
    write_credentials(tmp_path / "keys")
    settings = settings_at("http://127.0.0.1:9", profile=PROFILE, credentials_file=str(tmp_path / "keys"))
    with pytest.raises(ServiceError, match=r"at http://127\.0\.0\.1:9 refused: Could not connect"):
        stores.missing(settings)


@pytest.mark.parametrize("work", [stores.create, stores.notify, stores.missing])
def test_credentials_that_are_not_there_are_an_error_of_the_service(work: Any, tmp_path: Path) -> None:
    settings = settings_at("http://127.0.0.1:9", profile=PROFILE, credentials_file=str(tmp_path / "keys"))
    with pytest.raises(ServiceError, match="refused: The config profile"):
        work(settings)
