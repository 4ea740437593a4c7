import pytest

from docferry.domain.errors import ServiceError
from docferry.handlers.publishing import BUS
from tests.unit.handlers.conftest import Functions
from tests.unit.handlers.messages import created, failures, message


def test_without_a_bus_nothing_is_published(functions: Functions, environment: pytest.MonkeyPatch) -> None:
    environment.setenv(BUS, "")
    functions.data_sync({"Records": [message(1, "?")]})
    assert functions.published == []


@pytest.mark.parametrize("how", ["refused", "entry refused"])
def test_an_event_that_cannot_be_published_holds_up_nothing(functions: Functions, how: str) -> None:
    if how == "refused":
        functions.target.fails = ServiceError("no such bus")
    functions.target.answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "no"}]}
    functions.world.source.write("k01", b"changed", metadata={}, tags={})
    assert failures(functions.data_sync({"Records": [message(1, created("k01"))]})) == []
