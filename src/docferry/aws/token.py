"""The fencing token of one side: a session of the worker role that allows nothing after a moment.

The moment is in the session's own policy, so that nothing has to spread when a gate is closed, and servers compare
it with their own clock. AWS keeps a session for 15 minutes at least; the policy ends what it allows long before.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws-dates.html.
"""

import orjson

from docferry.aws.dates import moment
from docferry.aws.http import AwsClient
from docferry.aws.roles import asked_time, assume
from docferry.aws.signing import Credentials
from docferry.aws.write_probe import WriteProbe
from docferry.domain.errors import DocferryError, ServiceError
from docferry.ports import Clock

SESSION_S = 900
"""The least that AWS gives."""
PROBED_S = 60.0
PROBE_SESSION = "epoch-0.probe"


class WorkerRole:
    """Credentials of a worker role, whose sessions end when they are told to."""

    def __init__(self, client: AwsClient, role: str, clock: Clock, external_id: str = "") -> None:
        self._client = client
        self._role = role
        self._clock = clock
        self._external_id = external_id
        self._offset_s: float | None = None
        """By how much the time of AWS is ahead of monotonic time: the time of day of this machine may jump."""
        self._held: Credentials | None = None

    async def take(self, session: str, lasts_s: float) -> None:
        """Take a session that allows nothing after `lasts_s`, by the clock of AWS. Raises ServiceError."""
        asked_at = self._clock.monotonic()
        if self._offset_s is None:
            self._hear(await asked_time(self._client))
        assert self._offset_s is not None
        policy = ending(asked_at + self._offset_s + lasts_s)
        try:
            taken = await assume(
                self._client, self._role, session, lasts_s=SESSION_S, policy=policy, external_id=self._external_id
            )
        except ServiceError as error:
            raise ServiceError(
                f"the worker role {self._role} may not be assumed: {error}; nothing was written",
                hint="Terraform's operator_arns names who may; see docs/troubleshooting.md, The fencing token",
            ) from error
        self._hear(taken.told_at)
        self._held = taken.credentials

    def _hear(self, told_at: float | None) -> None:
        if told_at is not None or self._offset_s is None:
            self._offset_s = (told_at or self._clock.now()) - self._clock.monotonic()

    def __call__(self) -> Credentials:
        """Return the credentials. Raises ServiceError if none were taken."""
        if self._held is None:
            raise ServiceError("the worker role was not assumed yet; nothing was written")
        return self._held


class RoleToken:
    """The `FencingToken` port over a worker role. `trial` is a second session, for `probe` to try."""

    def __init__(self, role: WorkerRole, trial: WorkerRole, probe: WriteProbe) -> None:
        self._role = role
        self._trial = trial
        self._probe = probe

    async def take(self, session: str, lasts_s: float) -> None:
        """Take a token."""
        await self._role.take(session, lasts_s)

    async def refusal(self) -> str:
        """Return what does not hold, of: a token lets write, and one that is over lets no more."""
        try:
            await self._trial.take(PROBE_SESSION, PROBED_S)
            if any(await self._probe.denials()):
                return "the worker role may not write where the engine writes"
            await self._trial.take(PROBE_SESSION, -PROBED_S)
            if not all(await self._probe.denials()):
                return "a write with a token that is over was not denied"
        except DocferryError as error:
            return str(error)
        return ""


def ending(at: float) -> str:
    """Return the policy of a session that narrows its role in nothing but time, `at` being seconds since 1970."""
    condition = {"DateLessThan": {"aws:CurrentTime": moment(at)}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
