"""Short-lived credentials of another role."""

import math
from urllib.parse import urlencode

from docferry.aws import s3_xml
from docferry.aws.http import AwsClient
from docferry.aws.signing import Credentials
from docferry.domain.errors import ServiceError
from docferry.ports import Clock

_STS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
LASTS_S = 3600


class AssumedRole:
    """Credentials of a role, taken when they are asked for first and again before they end.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
    """

    def __init__(self, client: AwsClient, role: str, session: str) -> None:
        self._client = client
        self._asked = {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": role,
            "RoleSessionName": session,
            "DurationSeconds": str(LASTS_S),
        }
        self._held: Credentials | None = None
        self._taken_at = -math.inf

    async def fresh(self, clock: Clock) -> None:
        """Assume the role, unless that was done lately. Raises ServiceError if it is not allowed."""
        if clock.monotonic() - self._taken_at < LASTS_S / 2:
            return
        answer = await self._client.send(
            "sts",
            "POST",
            "/",
            headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
            body=urlencode(self._asked).encode(),
        )
        found = s3_xml.parse(answer.body).find(f".//{_STS}Credentials")
        if found is None:
            raise ServiceError(f"{self._asked['RoleArn']} could not be assumed: the answer holds no credentials")
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        self._held = Credentials(*(found.findtext(_STS + name, "") for name in names))
        self._taken_at = clock.monotonic()

    def __call__(self) -> Credentials:
        """Return the credentials. Raises ServiceError if they were not taken yet."""
        if self._held is None:
            raise ServiceError("the role was not assumed yet")
        return self._held
