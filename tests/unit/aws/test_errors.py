import pytest

from docferry.aws.errors import translated
from docferry.domain.errors import Conflict, DocferryError, InvalidInput, Retryable, ServiceError


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"__type":"com.amazonaws#ThrottlingException"}', Retryable),
        (400, b'{"__type":"com.amazonaws#ConditionalCheckFailedException"}', Conflict),
        (400, b'{"__type":"com.amazonaws#ResourceNotFoundException","message":"no table"}', InvalidInput),
        (412, b"", Conflict),
        (503, b"<Error><Code>SlowDown</Code></Error>", Retryable),
        (500, b"not xml <", Retryable),
        (404, b"<Error><Code>NoSuchBucket</Code></Error>", InvalidInput),
        (403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", ServiceError),
    ],
)
def test_each_answer_becomes_the_error_that_says_what_to_do(
    status: int, body: bytes, expected: type[DocferryError]
) -> None:
    assert type(translated(status, body, "PutItem")) is expected


def test_a_denial_points_to_the_credentials() -> None:
    error = translated(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "GET /b")
    assert str(error) == "GET /b: AccessDenied: no"
    assert "credentials" in error.hint
