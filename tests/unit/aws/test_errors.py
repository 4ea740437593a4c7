import pytest
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from docferry.aws.errors import translated
from docferry.domain.errors import Conflict, DocferryError, InvalidInput, Retryable, ServiceError

RETRIED_BY_BOTOCORE = {
    *ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
    *TransientRetryableChecker._TRANSIENT_ERROR_CODES,
}
RETRIED_BESIDES = {"OverLimit", "OperationAborted", "TransactionConflictException", "KMS.ThrottlingException"}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b'{"__type":"com.amazonaws#ThrottlingException"}', Retryable),
        (400, b'{"__type":"com.amazonaws#ConditionalCheckFailedException"}', Conflict),
        (400, b'{"__type":"com.amazonaws#ResourceNotFoundException","message":"no table"}', InvalidInput),
        (412, b"", Conflict),
        (409, b"<Error><Code>ConditionalRequestConflict</Code></Error>", Conflict),
        (503, b"<Error><Code>SlowDown</Code></Error>", Retryable),
        (500, b"not xml <", Retryable),
        (404, b"<Error><Code>NoSuchBucket</Code></Error>", InvalidInput),
        (404, b"<Error><Code>NoSuchBucket</Code><Key>a&#x1;b</Key></Error>", InvalidInput),
        (500, b"<Error><Code>AccessDenied</Code></Error>", ServiceError),
        (403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", ServiceError),
    ],
)
def test_each_answer_becomes_the_error_that_says_what_to_do(
    status: int, body: bytes, expected: type[DocferryError]
) -> None:
    assert type(translated(status, body, "PutItem")) is expected


@pytest.mark.parametrize("code", sorted(RETRIED_BY_BOTOCORE | RETRIED_BESIDES))
def test_whatever_botocore_retries_is_retryable(code: str) -> None:
    in_json = b'{"__type":"com.amazonaws#%s"}' % code.encode()
    in_xml = b"<Error><Code>%s</Code></Error>" % code.encode()
    assert type(translated(400, in_json, "PutItem")) is Retryable
    assert type(translated(409, in_xml, "PUT /b/k")) is Retryable


def test_a_denial_points_to_the_credentials() -> None:
    error = translated(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", "GET /b")
    assert str(error) == "GET /b: AccessDenied: no"
    assert "credentials" in error.hint


def test_a_code_is_found_where_sts_has_it() -> None:
    told = (
        b'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code>'
        b"<Message>said</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    )
    assert type(translated(400, told % b"Throttling", "AssumeRole")) is Retryable
    denied = translated(403, told % b"AccessDenied", "AssumeRole")
    assert str(denied) == "AssumeRole: AccessDenied: said"


def test_a_denial_that_says_nothing_names_what_may_be_missing() -> None:
    assert "HEAD /b/k: 403: without a reason" in str(translated(403, b"", "HEAD /b/k"))
    assert "s3:GetObject" in str(translated(403, b"", "HEAD /b/k"))
