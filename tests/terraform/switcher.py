"""Somebody who may switch a deployed migration by hand, and is exempt from the hard fence."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from docferry.aws.signing import Credentials
from docferry.cli.outputs import configuration
from docferry.connection import opened
from docferry.ports import HardFence
from docferry.progress import Progress
from docferry.settings import Settings
from docferry.wiring import build
from tests.integration.sandbox.reached import client

NAME = "operates-docferry"
ROOT = "arn:aws:iam::000000000000:root"
EXEMPT = [f"arn:aws:iam::000000000000:role/{NAME}", f"arn:aws:sts::000000000000:assumed-role/{NAME}/*"]
"""The role, and its sessions: the embedded AWS judges a session by an ARN of its own."""
ACTIONS = ["s3:*", "dynamodb:*", "sqs:*", "sts:AssumeRole"]


def credentials(url: str) -> Credentials:
    """Make the role where there is none, and return a session of it."""
    iam, role = client(url, "iam"), EXEMPT[0]
    if NAME not in iam.get_paginator("list_roles").paginate().search("Roles[].RoleName"):
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": "sts:AssumeRole",
        }
        iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=_policy(trust))
        allowed = {"Effect": "Allow", "Action": ACTIONS, "Resource": "*"}
        iam.put_role_policy(RoleName=NAME, PolicyName=NAME, PolicyDocument=_policy(allowed))
    held = client(url, "sts").assume_role(RoleArn=role, RoleSessionName="by-hand")["Credentials"]
    return Credentials(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"])


@asynccontextmanager
async def source_fence(url: str, outputs: dict[str, Any]) -> AsyncIterator[HardFence]:
    """Give the hard fence of the source as every command builds it from `docferry outputs --toml`."""
    found, held = configuration(outputs), credentials(url)
    settings = Settings(**{**found, "aws": {"endpoint_url": url}})
    async with opened(settings, lambda *_: lambda: held) as connection:
        fence = (await build(connection, Progress())).forward.source_fence
        assert fence
        yield fence


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
