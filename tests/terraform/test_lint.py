"""The linters find what they are there for: a policy that is wrong in each way."""

from typing import Any

import pytest

from tests.terraform.lint import findings, risks


def allowing(actions: str | list[str], resource: str, **more: Any) -> dict[str, dict[str, Any]]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource, **more}
    return {"some.policy": {"Version": "2012-10-17", "Statement": [statement]}}


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (allowing("s3:GetObjekt", "arn:aws:s3:::b/*"), "UNKNOWN_ACTION"),
        (allowing("s3:ListBucket", "arn:aws:s3:::b/*"), "RESOURCE_MISMATCH"),
        (allowing("s3:GetObject", "*"), "RESOURCE_STAR"),
        (
            allowing("s3:GetObject", "arn:aws:s3:::b/*", Condition={"Bool": {"aws:SourceArn": "true"}}),
            "MISMATCHED_TYPE",
        ),
    ],
)
def test_what_is_wrong_is_found(policy: dict[str, dict[str, Any]], said: str) -> None:
    assert any(said in one for one in findings(policy))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            allowing(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "*"),
            "privilege_escalation",
        ),
        (allowing("s3:GetObject", "*"), "data_exfiltration"),
        (allowing("s3:PutBucketPolicy", "*"), "permissions_management"),
        (allowing("dynamodb:*", "*"), "service_wildcard"),
    ],
)
def test_what_is_risky_is_found(policy: dict[str, dict[str, Any]], said: str) -> None:
    assert any(said in one for one in risks(policy))


def test_a_narrow_policy_is_neither() -> None:
    narrow = allowing(["s3:GetObject"], "arn:aws:s3:::b/*")
    assert findings(narrow) == []
    assert risks(narrow) == []
