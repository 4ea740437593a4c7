"""What roles may do, and whether each statement of their policies is what lets them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from tests.integration.sandbox.reached import client
from tests.terraform.probes import PROBES, Arn, Caller

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "403"}


@dataclass(frozen=True)
class Permission:
    """One action on one resource, of a statement of a role's policies."""

    role: str
    statement: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.role} {self.statement}: {self.action} on {self.resource}"


def may(caller: Caller, permission: Permission) -> bool:
    """Return whether a request that needs the permission is not denied."""
    try:
        PROBES[permission.action](caller, Arn(permission.resource))
    except ClientError as error:
        return error.response["Error"]["Code"] not in DENIED
    return True


def roles(url: str, prefix: str) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of the customer's own policies of every role with such a name."""
    iam = client(url, "iam")
    found = {}
    for role in iam.get_paginator("list_roles").paginate().search("Roles[].RoleName"):
        if role.startswith(prefix):
            attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
            own = [one["PolicyArn"] for one in attached if ":aws:policy/" not in one["PolicyArn"]]
            found[role] = [statement for arn in own for statement in _statements(iam, arn)]
    return {role: statements for role, statements in found.items() if statements}


def _statements(iam: Any, arn: str) -> list[dict[str, Any]]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    held = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return list((json.loads(held) if isinstance(held, str) else held)["Statement"])


def permissions(role: str, statement: Mapping[str, Any]) -> Iterator[Permission]:
    """Yield every action on every resource of a statement."""
    for action in _listed(statement["Action"]):
        for resource in _listed(statement["Resource"]):
            yield Permission(role, statement["Sid"], action, resource)


def _listed(held: str | list[str]) -> list[str]:
    return [held] if isinstance(held, str) else held


@dataclass(frozen=True)
class Verdict:
    """What probes say: `denied` despite their statement, `idle` though it was taken away, `unprobed` by any."""

    probed: int
    denied: list[str]
    idle: list[str]
    unprobed: set[str]


def judged(url: str, prefix: str) -> Verdict:
    """Probe every statement of the policies of every role with such a name: with it, and with the others only."""
    found = Verdict(0, [], [], set())
    probed = 0
    for role, statements in roles(url, prefix).items():
        for statement in statements:
            asked = list(permissions(role, statement))
            found.unprobed.update(one.action for one in asked if one.action not in PROBES)
            known = [one for one in asked if one.action in PROBES]
            probed += len(known)
            whole = with_statements(url, statements)
            found.denied.extend(str(one) for one in known if not may(whole, one))
            rest = with_statements(url, [one for one in statements if one is not statement])
            found.idle.extend(str(one) for one in known if may(rest, one))
    return replace(found, probed=probed)


def with_statements(url: str, statements: list[dict[str, Any]]) -> Caller:
    """Return who has the permissions of these statements and no other."""
    iam, name = client(url, "iam"), "probe"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=document)
    arn = f"arn:aws:iam::{client(url, 'sts').get_caller_identity()['Account']}:role/{name}"
    return Caller(url, client(url, "sts").assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"])
