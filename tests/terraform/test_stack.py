"""The whole infrastructure, applied by the real Terraform on an embedded AWS that does what policies say.

The tests of this file follow one another: what is applied by the first is destroyed by the last.
"""

import re
from collections.abc import Iterator

import pytest

from tests.integration.sandbox.reached import client
from tests.terraform import switcher
from tests.terraform.drift import drifts
from tests.terraform.inventory import everything, untagged
from tests.terraform.lint import findings, risks
from tests.terraform.permissions import judged
from tests.terraform.stack import DEMO, ENVIRONMENT, Stack, applied, lives, policies

NAME = re.compile(rf"{ENVIRONMENT}-(us-east-1|eu-west-1)-[a-z0-9]+(-[a-z0-9]+)+")
WITHOUT_SERVICE = ("dashboard", "mapping", "archive")
"""Kinds whose names are AWS's choice or too short for the whole: an archive's has at most 48 characters."""
NOT_PROBED = {
    # Step Functions sets up the delivery of its logs with these, most of which no SDK has.
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    # The embedded AWS lets nobody change a table's policy who may not change all of them: it looks for no table.
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:GetResourcePolicy",
    "dynamodb:PutResourcePolicy",
    # Who may take the probe role is also said by that role.
    "sts:AssumeRole",
    # The embedded AWS has no X-Ray.
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
FALSE_FINDINGS = {"s3:GetObjectAttributes": "RESOURCE_MISMATCH", "states:DescribeExecution": "RESOURCE_MISMATCH"}
"""parliament wants a resource of each kind that these actions take, an access point and an express execution among
them; AWS wants one of any kind."""


@pytest.fixture(scope="module")
def stack(_begun_early: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    yield from applied(tmp_path_factory.mktemp("stack"))


def test_a_second_plan_changes_nothing(stack: Stack) -> None:
    found = drifts(stack.terraform.plan(stack.variables, files=[DEMO]))
    # What the ledger says is docferry's to change, and the schedule has started it by now.
    assert found - {"output ledger_phase: update"} == set()


def test_everything_bears_the_name_that_says_where_it_belongs(stack: Stack) -> None:
    made = [what.split() for what in stack.made()]
    named = [(region, name.rpartition("/")[2]) for region, kind, name in made if kind not in WITHOUT_SERVICE]
    assert named
    assert [name for _, name in named if not NAME.fullmatch(name)] == []
    # What is in a region says so in its name.
    assert [name for region, name in named if region != "global" and region not in name] == []


def test_everything_is_tagged_with_phase_and_date(stack: Stack) -> None:
    made = stack.made()
    assert untagged(made) == {}
    assert {tags["migration-phase"] for tags in made.values() if tags} == {"sync"}
    assert {tags["cutover-date"] for tags in made.values() if tags} == {"2027-01-31"}


def test_the_policies_are_sound(stack: Stack) -> None:
    held = policies(stack)
    assert len(held) > 5
    told = findings(held)
    assert [
        one for one in told if not any(what in one and kind in one for what, kind in FALSE_FINDINGS.items())
    ] == []
    assert risks(held) == []


def test_the_live_suite_passes(stack: Stack) -> None:
    lives(stack)


async def test_a_hard_fence_that_stands_is_no_change_to_terraform(stack: Stack) -> None:
    # Only now: the embedded AWS does not enforce policies of tables, so that no switch passes once it is there.
    stack.variables.update(hard_fence_enabled=True, operator_arns=[switcher.ROOT, *switcher.EXEMPT])
    outputs = stack.terraform.apply(stack.variables, [DEMO])
    async with switcher.source_fence(stack.endpoint, outputs) as fence:
        before = bucket_policy(stack, outputs["source_bucket"])
        assert await fence.refusal() == ""
        await fence.close()
        bucket_denies, _ = await fence.denials()
        assert bucket_denies
        assert "DocferryHardFence" in bucket_policy(stack, outputs["source_bucket"])
        found = drifts(stack.terraform.plan(stack.variables, files=[DEMO]))
        assert await fence.lift()
        assert await fence.denials() == (False, False)
    assert found - {"output ledger_phase: update"} == set()
    assert bucket_policy(stack, outputs["source_bucket"]) == before


def bucket_policy(stack: Stack, bucket: str) -> str:
    return str(client(stack.endpoint, "s3").get_bucket_policy(Bucket=bucket)["Policy"])


def test_each_statement_of_each_policy_is_what_lets_its_requests_through(stack: Stack) -> None:
    found = judged(stack.endpoint, ENVIRONMENT)
    assert found.probed > 100
    assert found.denied == []
    assert found.idle == []
    assert found.unprobed == NOT_PROBED


def test_destroy_leaves_nothing(stack: Stack) -> None:
    stack.terraform.destroy(stack.variables, [DEMO])
    left = everything(stack.endpoint).keys() - stack.before.keys()
    # The roles that probes and the operator had, which Terraform knows nothing of.
    assert left - {"global role probe", f"global role {switcher.NAME}"} == set()
