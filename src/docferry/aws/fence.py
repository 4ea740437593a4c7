"""The hard fence of one side: a statement in the bucket's policy and one in the table's, that deny writes.

Everything else that the policies say stays. Replication and docferry's own roles are exempt: a global table that
is denied for 20 hours drops its replica for good
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html).
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from docferry.aws.dates import moment
from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.roles import AssumedRole, told_at
from docferry.aws.s3 import path_of
from docferry.aws.write_probe import WriteProbe
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.ports import Clock

SID = "DocferryHardFence"
BUCKET_ACTIONS = (
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
)
TABLE_ACTIONS = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
)
_NO_POLICY = ("NoSuchBucketPolicy", "PolicyNotFoundException")

Policy = dict[str, Any]


class AwsFence:
    """The `HardFence` port over one bucket and one table.

    `prober` has the credentials of a role that is not exempt and may write both, as an application may. `exempt`
    are ARNs, with wildcards, of those who are never denied.
    """

    def __init__(
        self,
        client: AwsClient,
        prober: AwsClient,
        role: AssumedRole,
        bucket: str,
        table: str,
        exempt: Sequence[str],
        clock: Clock,
    ) -> None:
        self._client = client
        self._probe = WriteProbe(client, prober, bucket, table)
        self._role = role
        self._bucket = bucket
        self._exempt = list(exempt)
        self._clock = clock

    async def refusal(self) -> str:
        """Return why the fence could not be used: the prober may not write, or the policies may not be read."""
        if not self._exempt:
            return "fence.exempt names nobody, so that it would keep out docferry's own roles"
        try:
            await self._role.fresh(self._clock)
            await self._bucket_policy()
            await self._table_policy()
            denied = any(await self._probe.denials())
        except (ServiceError, InvalidInput) as error:
            return str(error)
        return "the probe role may not write where applications write now" if denied else ""

    async def close_between(self, begin: float, end: float) -> None:
        """Deny from one moment to another, on the clock of AWS."""
        ahead_s = await self._ahead_s()
        conditions = {
            "DateGreaterThan": {"aws:CurrentTime": moment(begin + ahead_s)},
            "DateLessThan": {"aws:CurrentTime": moment(end + ahead_s)},
        }
        await self._deny(conditions)

    async def close(self) -> None:
        """Deny until it is lifted."""
        await self._deny({})

    async def lift(self) -> bool:
        """Take both statements away. Returns whether there was one."""
        policy = await self._bucket_policy()
        held = _without(policy)
        if held != policy:
            await self._put_bucket_policy(held)
        table, revision = await self._table_policy()
        left = _without(table)
        if left != table:
            await self._put_table_policy(left, revision)
        return held != policy or left != table

    async def denials(self) -> tuple[bool, ...]:
        """Probe the bucket and the table, by writes whose conditions never hold."""
        await self._role.fresh(self._clock)
        return await self._probe.denials()

    async def _deny(self, conditions: Mapping[str, Any]) -> None:
        held = await self._bucket_policy()
        objects = f"arn:aws:s3:::{self._bucket}/*"
        await self._put_bucket_policy(_with(held, self._statement(BUCKET_ACTIONS, objects, conditions)))
        table, revision = await self._table_policy()
        statement = self._statement(TABLE_ACTIONS, await self._table_arn(), conditions)
        await self._put_table_policy(_with(table, statement), revision)

    def _statement(self, actions: Sequence[str], resource: str, conditions: Mapping[str, Any]) -> Policy:
        return {
            "Sid": SID,
            "Effect": "Deny",
            "Principal": "*",
            "Action": list(actions),
            "Resource": resource,
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": self._exempt}, **conditions},
        }

    async def _ahead_s(self) -> float:
        """Return by how much AWS's clock is ahead of ours. It tells whole seconds: half of one is in doubt."""
        answer = await self._client.send("s3", "GET", path_of(self._bucket), query={"location": ""})
        return (told_at(answer) or self._clock.now()) - self._clock.now()

    async def _bucket_policy(self) -> Policy:
        try:
            answer = await self._client.send("s3", "GET", path_of(self._bucket), query={"policy": ""})
        except ServiceError as error:
            if error.code not in _NO_POLICY:
                raise
            return {}
        held: Policy = orjson.loads(answer.body)
        return held

    async def _put_bucket_policy(self, policy: Policy) -> None:
        path, query = path_of(self._bucket), {"policy": ""}
        if not policy:
            await self._client.send("s3", "DELETE", path, query=query)
            return
        body = orjson.dumps(policy)
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        headers = {"content-md5": digest, "content-type": "application/json"}
        await self._client.send("s3", "PUT", path, query=query, headers=headers, body=body)

    async def _table_arn(self) -> str:
        return str((await self._probe.described())["TableArn"])

    async def _table_policy(self) -> tuple[Policy, str]:
        asked = {"ResourceArn": await self._table_arn()}
        try:
            answer = await self._client.json("dynamodb", API + "GetResourcePolicy", asked)
        except ServiceError as error:
            if error.code not in _NO_POLICY:
                raise
            return {}, "NO_POLICY"
        held: Policy = orjson.loads(answer["Policy"])
        return held, answer["RevisionId"]

    async def _put_table_policy(self, policy: Policy, revision: str) -> None:
        # On the revision that was read, so that nobody else's change is lost. Within 15 s of a change DynamoDB
        # refuses the next, which the client tries again.
        asked = {"ResourceArn": await self._table_arn(), "ExpectedRevisionId": revision}
        if not policy:
            await self._client.json("dynamodb", API + "DeleteResourcePolicy", asked)
            return
        await self._client.json(
            "dynamodb", API + "PutResourcePolicy", {**asked, "Policy": orjson.dumps(policy).decode()}
        )


def _without(policy: Policy) -> Policy:
    statements = [one for one in policy.get("Statement", ()) if one.get("Sid") != SID]
    return {**policy, "Statement": statements} if statements else {}


def _with(policy: Policy, statement: Policy) -> Policy:
    held = _without(policy) or {"Version": "2012-10-17", "Statement": []}
    return {**held, "Statement": [*held["Statement"], statement]}
