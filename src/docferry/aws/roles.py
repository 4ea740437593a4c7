"""Short-lived credentials of another role.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
"""

import math
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlencode

from docferry.aws import s3_xml
from docferry.aws.http import Answer, AwsClient
from docferry.aws.signing import Credentials
from docferry.domain.errors import DocferryError, ServiceError
from docferry.ports import Clock

_STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
LASTS_S = 3600
"""As long as a role may last that is taken with another role's credentials."""
AGAIN_S = 60.0


class Assumed(NamedTuple):
    """Credentials of a role, and what the service said the time was, in seconds since 1970; None if nothing."""

    credentials: Credentials
    told_at: float | None


class AssumedRole:
    """Credentials of a role, taken when they are asked for first and again before they end."""

    def __init__(self, client: AwsClient, role: str, session: str, external_id: str = "") -> None:
        self._client = client
        self._role = role
        self._session = session
        self._external_id = external_id
        self._held: Credentials | None = None
        self._taken_at = -math.inf

    async def fresh(self, clock: Clock) -> None:
        """Assume the role, unless that was done lately. Raises ServiceError if it is not allowed."""
        if clock.monotonic() - self._taken_at < LASTS_S / 2:
            return
        taken = await assume(
            self._client, self._role, self._session, lasts_s=LASTS_S, external_id=self._external_id
        )
        self._held, self._taken_at = taken.credentials, clock.monotonic()

    async def keep_fresh(self, clock: Clock) -> None:
        """Assume the role again and again, until cancelled. Where that fails, what is sent with it says so."""
        while True:
            await clock.sleep(AGAIN_S)
            with suppress(DocferryError):
                await self.fresh(clock)

    def __call__(self) -> Credentials:
        """Return the credentials. Raises ServiceError if they were not taken yet."""
        if self._held is None:
            raise ServiceError("the role was not assumed yet")
        return self._held


async def assume(
    client: AwsClient, role: str, session: str, *, lasts_s: int, policy: str = "", external_id: str = ""
) -> Assumed:
    """Assume a role for a session that may do what both the role and `policy`, if there is one, allow.

    Raises ServiceError if it is not allowed.
    """
    asked = {"RoleArn": role, "RoleSessionName": session, "DurationSeconds": str(lasts_s)}
    given = {"Policy": policy, "ExternalId": external_id}
    answer = await _ask(client, "AssumeRole", asked | {name: one for name, one in given.items() if one})
    found = s3_xml.parse(answer.body).find(f".//{_STS}Credentials")
    if found is None:
        raise ServiceError(f"{role} could not be assumed: the answer holds no credentials")
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    return Assumed(Credentials(*(found.findtext(_STS + name, "") for name in names)), told_at(answer))


async def asked_time(client: AwsClient) -> float | None:
    """Return the time of the service, which tells it to anybody. Raises ServiceError if it does not answer."""
    return told_at(await _ask(client, "GetCallerIdentity", {}))


def told_at(answer: Answer) -> float | None:
    """Return when an answer was given, by its date: in seconds since 1970, half of one in doubt."""
    told = answer.headers.get("date")
    return parsedate_to_datetime(told).timestamp() + 0.5 if told else None


async def _ask(client: AwsClient, action: str, fields: Mapping[str, str]) -> Answer:
    return await client.send(
        "sts",
        "POST",
        "/",
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        body=urlencode({"Action": action, "Version": "2011-06-15", **fields}).encode(),
    )
