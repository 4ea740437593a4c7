"""Translates what AWS answers into docferry's errors, once, at the edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import Element

import orjson

from docferry.aws import s3_xml
from docferry.domain.errors import Conflict, DocferryError, InvalidInput, Retryable, ServiceError

_RETRY_STATUS = {429, 500, 502, 503, 504}
_RETRY_CODES = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "InternalError",
    "InternalServerError",
    "KMS.ThrottlingException",
    "LimitExceededException",
    "OperationAborted",
    "OverLimit",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
"""What botocore's standard mode retries
(https://docs.aws.amazon.com/boto3/latest/guide/retries.html#standard-retry-mode), SQS's and KMS's own names for
throttling, and what says that somebody else's request was in the way."""
_CONFLICT_CODES = {"ConditionalCheckFailedException", "PreconditionFailed", "ConditionalRequestConflict"}
_MISSING_CODES = {"ResourceNotFoundException", "NoSuchBucket", "QueueDoesNotExist"}
_CREDENTIAL_CODES = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}

_NO_REASON = "without a reason, as to every HEAD: s3:GetObject is missing, or kms:Decrypt for the document's key"


def translated(status: int, body: bytes, what: str) -> DocferryError:
    """Return the error that an answer of AWS stands for. `what` names the request, for the message."""
    code, said = _code_and_message(body)
    if status == 403 and not body:
        said = _NO_REASON
    message = f"{what}: {code or status}{': ' + said if said else ''}"
    if code in _CONFLICT_CODES or status == 412:
        return Conflict(message)
    if code in _MISSING_CODES:
        return InvalidInput(message, hint="check the name and the region in docferry.toml")
    if code in _CREDENTIAL_CODES:
        hint = "check the credentials and their permissions"
        return ServiceError(message, code=code, status=status, hint=hint)
    if code in _RETRY_CODES or status in _RETRY_STATUS:
        return Retryable(message)
    return ServiceError(message, code=code, status=status)


@contextmanager
def gone_is_conflict(what: str) -> Iterator[None]:
    """Turn "no such key" into Conflict where the key was there a moment ago: somebody deleted it since."""
    try:
        yield
    except ServiceError as error:
        if error.status != 404:
            raise
        raise Conflict(f"{what} is gone: {error}") from error


def _code_and_message(body: bytes) -> tuple[str, str]:
    try:
        if body.startswith(b"{"):
            held = orjson.loads(body)
            kind = str(held.get("__type", "")).rpartition("#")[2]
            return kind, str(held.get("message") or held.get("Message") or "")
        root = s3_xml.parse(body)
        # S3 has them at the top; STS and others have them in an element of a namespace.
        return _within(root, "Code"), _within(root, "Message")
    except (orjson.JSONDecodeError, Retryable):
        return "", ""


def _within(root: Element, name: str) -> str:
    return next((one.text or "" for one in root.iter() if one.tag.rpartition("}")[2] == name), "")
