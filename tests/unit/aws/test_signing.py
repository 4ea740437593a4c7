import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from docferry.aws.signing import Credentials, Request, signed_headers

NOW = 1_700_000_000.0


@pytest.mark.parametrize("token", ["", "a-session-token"])
@pytest.mark.parametrize(
    "value", ["two  spaces", "  around ", "a\t b", 'attachment; filename="a  b"', "caf\u00e9"]
)
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", {}),
        ("/bucket/plain", {}),
        ("/bucket/a//b/../%20%2B%3F%23/", {"list-type": "2", "start-after": "a b+c/%~é", "prefix": ""}),
    ],
)
def test_the_signature_is_botocore_s(
    monkeypatch: pytest.MonkeyPatch, path: str, query: dict[str, str], token: str, value: str
) -> None:
    request = Request("PUT", "s3.eu-west-1.amazonaws.com", path, query, {"x-amz-meta-a": value}, b"body")
    ours = signed_headers(request, Credentials("AKID", "secret", token), "eu-west-1", "s3", NOW)
    assert ours["authorization"] == botocores(monkeypatch, request, token, ours)


def test_only_ascii_space_is_collapsed_as_only_that_is_space_in_the_bytes_sent() -> None:
    def signature(value: str) -> str:
        request = Request("PUT", "h", "/b/k", {}, {"content-disposition": value})
        return signed_headers(request, Credentials("AKID", "secret"), "eu-west-1", "s3", NOW)["authorization"]

    assert signature("a  b") == signature("a b")
    assert signature("a\u00a0b") != signature("a b")


def test_the_headers_sent_are_those_given() -> None:
    given = {"x-amz-meta-a": "two  spaces", "expires": "Thu, 01 Jan 2026 00:00:00 GMT"}
    request = Request("PUT", "h", "/b/k", {}, given)
    sent = signed_headers(request, Credentials("AKID", "secret"), "eu-west-1", "s3", NOW)
    assert {name: sent[name] for name in given} == given


def botocores(monkeypatch: pytest.MonkeyPatch, request: Request, token: str, ours: dict[str, str]) -> str:
    tail = f"?{request.query_string}" if request.query else ""
    theirs = botocore.awsrequest.AWSRequest(
        method=request.method,
        url=f"https://{request.host}{request.path}{tail}",
        data=request.body,
        headers={**request.headers, "X-Amz-Content-SHA256": ours["x-amz-content-sha256"]},
    )
    auth = botocore.auth.S3SigV4Auth(
        botocore.credentials.Credentials("AKID", "secret", token or None), "s3", "eu-west-1"
    )
    theirs.context["timestamp"] = ours["x-amz-date"]
    theirs.headers["X-Amz-Date"] = ours["x-amz-date"]
    if token:
        theirs.headers["X-Amz-Security-Token"] = token
    theirs.headers["host"] = request.host
    canonical = auth.canonical_request(theirs)
    signature = auth.signature(auth.string_to_sign(theirs, canonical), theirs)
    names = auth.signed_headers(auth.headers_to_sign(theirs))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(theirs)}, SignedHeaders={names}, Signature={signature}"
