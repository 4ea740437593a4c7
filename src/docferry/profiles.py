"""Credentials as the AWS CLI finds them: profiles, environment, instance roles, renewed by botocore."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import botocore.exceptions
import botocore.session

from docferry.aws.signing import Credentials
from docferry.connection import Connection, Keys, opened
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.settings import Settings, Side


@asynccontextmanager
async def connected(settings: Settings, *, workers: bool = True) -> AsyncIterator[Connection]:
    """Open the clients with the settings' profiles and close them at the end, `workers` being as in `opened`.

    Raises ServiceError if there are no credentials or nothing answers at the endpoint, InvalidInput for an unknown
    profile.
    """
    async with opened(settings, of_profile, workers=workers) as connection:
        yield connection


def of_profile(settings: Settings, side: Side) -> Keys:
    """Return what gives the credentials of one side's profile. Raises as `connected` does."""
    profile = side.profile or settings.aws.profile or None
    session = botocore.session.Session(profile=profile)
    if settings.aws.credentials_file:
        session.set_config_variable("credentials_file", settings.aws.credentials_file)
    try:
        found = session.get_credentials()
    except botocore.exceptions.ProfileNotFound as error:
        raise InvalidInput(f"there is no AWS profile {profile!r}", hint="name another with --profile") from error
    except botocore.exceptions.BotoCoreError as error:
        raise ServiceError(
            f"the AWS credentials cannot be used: {error}", hint="check them, then try again"
        ) from error
    if found is None:
        raise ServiceError(
            "no AWS credentials were found; nothing was changed",
            hint="name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )

    def current() -> Credentials:
        frozen = found.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or "")

    return current
