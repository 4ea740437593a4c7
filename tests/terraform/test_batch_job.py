"""The command of S3 Batch Replication, from a plan of native replication. The embedded AWS has no such jobs."""

import json
import shlex
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from tests.terraform.needed import ready
from tests.terraform.stack import DEMO

PACKAGE = Path("tests") / "fixtures" / "package.zip"


@pytest.fixture(scope="module")
def outputs(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the plan of native replication says before anything is applied."""
    terraform = ready(tmp_path_factory.mktemp("native"), endpoint)
    variables = {
        "environment": "native",
        "endpoint_url": endpoint,
        "replication": "native",
        "lambda_package": str(terraform.root / PACKAGE),
    }
    planned: dict[str, Any] = terraform.plan(variables, [DEMO])["planned_values"]["outputs"]
    return planned


@pytest.mark.parametrize(("side", "region"), [("source", "us-east-1"), ("target", "eu-west-1")])
def test_the_command_is_one_that_the_cli_takes(outputs: dict[str, Any], side: str, region: str) -> None:
    words = shlex.split(outputs[f"{side}_batch_job"]["value"])
    assert words[:6] == ["aws", "s3control", "create-job", "--region", region, "--cli-input-json"]
    (said,) = words[6:]
    # The one field that the CLI makes up by itself.
    asked = {**json.loads(said), "ClientRequestToken": "any"}
    service = boto3.client("s3control", region_name=region).meta.service_model
    report = ParamValidator().validate(asked, service.operation_model("CreateJob").input_shape)
    assert not report.has_errors(), report.generate_report()
    listed = asked["ManifestGenerator"]["S3JobManifestGenerator"]["SourceBucket"]
    assert listed == f"arn:aws:s3:::native-{region}-s3-documents"
    assert asked["RoleArn"] == outputs[f"{side}_batch_role_arn"]["value"]
