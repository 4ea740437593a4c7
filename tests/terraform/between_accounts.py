"""The whole infrastructure in two accounts: applied, migrated across with the live suite, and destroyed.

Not among the tests that always run, since it takes as long again as in one account:
`pytest tests/terraform/between_accounts.py`. What plans make of it is in infra/tests/between_accounts.tftest.hcl.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from docferry.sandbox.emulator import running
from tests.terraform.drift import drifts
from tests.terraform.stack import DEMO, Stack, lives, stack_at

OWN, OTHER = "000000000000", "222222222222"
DEPLOYS = "deploys"
EXTERNAL_ID = "terraform-1"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(permissions=True) as endpoint:
        variables = {
            "target_assume_role": {"role_arn": role_of_terraform(endpoint), "external_id": EXTERNAL_ID},
            "external_id": "docferry-a1b2c3d4",
        }
        yield stack_at(endpoint, tmp_path_factory.mktemp("stack"), variables)


def role_of_terraform(endpoint: str) -> str:
    """Make a role in the other account that whoever is in this one may take, to apply as."""
    # The embedded AWS takes an access key that looks like an account's number for one of that account.
    iam = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=OTHER,
        aws_secret_access_key="test",
    )
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    made = iam.create_role(RoleName=DEPLOYS, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=DEPLOYS, PolicyName="all", PolicyDocument=document(everything))
    return str(made["Role"]["Arn"])


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_each_side_is_in_its_own_account(stack: Stack) -> None:
    for side, account in (("source", OWN), ("target", OTHER)):
        assert {arn.split(":")[4] for arn in stack.outputs[f"{side}_access_roles"].values()} == {account}


def test_the_live_suite_passes_with_a_profile_for_each_side(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    keys = {"here": "test", "there": OTHER}
    file.write_text(
        "".join(f"[{name}]\naws_access_key_id={key}\naws_secret_access_key=test\n" for name, key in keys.items())
    )
    profiles = {"DOCFERRY_SOURCE__PROFILE": "here", "DOCFERRY_TARGET__PROFILE": "there"}
    lives(stack, AWS_SHARED_CREDENTIALS_FILE=str(file), **profiles)


def test_a_second_plan_changes_nothing(stack: Stack) -> None:
    found = drifts(stack.terraform.plan(stack.variables, files=[DEMO]))
    assert found - {"output ledger_phase: update"} == set()


def test_destroy_works(stack: Stack) -> None:
    stack.terraform.destroy(stack.variables, [DEMO])
    assert stack.terraform.state().get("values", {}).get("root_module", {}) == {}
