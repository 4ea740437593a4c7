from dataclasses import replace

import pytest

from docferry.account.port import Kind, Names, Need
from docferry.aws.account_probes import Probes
from docferry.aws.http import AwsClient
from tests.unit.aws.conftest import FakeAws
from tests.unit.aws.test_roles import asked, gives

NAMES = Names("target", "eu-west-1", "b", "t", "c", "k", "j", "q", "arn:probe", "arn:worker")


@pytest.mark.parametrize(("kind", "role"), [(Kind.PROBE_ROLE, "arn:probe"), (Kind.WORKER_ROLE, "arn:worker")])
async def test_a_role_is_tried_with_the_external_id_that_it_asks_for(
    aws: FakeAws, client: AwsClient, kind: Kind, role: str
) -> None:
    gives(aws)
    await Probes(client, replace(NAMES, external_id="an-id")).attempt(Need("sts:AssumeRole", kind))
    (sent,) = asked(aws)
    assert (sent["RoleArn"], sent["ExternalId"]) == ([role], ["an-id"])
    # As infra/modules/region/iam.tf has it for workers.
    assert sent["RoleSessionName"][0].startswith("epoch-")
