"""Reads out of a refusal what was denied."""

import re

from docferry.domain.errors import ServiceError

_CODES = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "KMS.AccessDeniedException",
    "KmsAccessDenied",
}
_CREDENTIALS = {
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
}
_SKEWED = {"RequestExpired", "RequestTimeTooSkewed"}
_SAID = re.compile(r'perform: (?P<action>[\w:*]+)(?: on resource: "?(?P<resource>[^"\s]+)"?)?')


def is_denied(error: ServiceError) -> bool:
    """Tell whether a permission is missing. HEAD answers 403 without saying why."""
    return error.code in _CODES or (error.status == 403 and not error.code)


def is_skewed(error: ServiceError) -> bool:
    """Tell whether the request was signed too far from the service's own time."""
    text = str(error)
    return error.code in _SKEWED or "Signature expired" in text or "Signature not yet current" in text


def is_about_credentials(error: ServiceError) -> bool:
    """Tell whether the credentials themselves are no good."""
    return error.about_caller or error.code in _CREDENTIALS


def denied_action(error: ServiceError) -> tuple[str, str]:
    """Return action and resource as AWS names them, empty where it does not."""
    found = _SAID.search(str(error))
    if not found:
        return "", ""
    service, _, name = found["action"].partition(":")
    # SQS writes its actions in small letters; IAM does not tell them apart.
    return f"{service.lower()}:{name}", found["resource"] or ""
