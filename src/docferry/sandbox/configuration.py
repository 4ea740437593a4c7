"""The configuration of a sandbox: docferry.toml, a credentials file, and what other tools need to reach it."""

import os
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from docferry.domain.errors import InvalidInput
from docferry.sandbox.emulator import url_of
from docferry.sandbox.home import CREDENTIALS, remembered
from docferry.settings import Aws, Records, Runner, Settings, Side

ENVIRONMENT = "sandbox"
PROFILE = "docferry-sandbox"
SOURCE_REGION, TARGET_REGION = "us-east-1", "eu-west-1"
MARK = "# Written by docferry sandbox, which corrects [aws] when the sandbox moves and keeps everything else."
_KEYS = f"[{PROFILE}]\naws_access_key_id = test\naws_secret_access_key = test\n"


def sandbox_settings(endpoint_url: str, credentials_file: Path) -> Settings:
    """Return the settings of a sandbox, whatever DOCFERRY_ variables say: they may mean another AWS."""
    return Settings.model_construct(
        aws=Aws(profile=PROFILE, credentials_file=str(credentials_file), endpoint_url=endpoint_url),
        source=_side(SOURCE_REGION),
        target=_side(TARGET_REGION),
        records=Records(),
        runner=Runner(),
    )


def _side(region: str) -> Side:
    name = f"{ENVIRONMENT}-{region}"
    return Side(
        region=region,
        bucket=f"{name}-s3-documents",
        table=f"{name}-dynamodb-records",
        queue=f"{name}-sqs-changes",
        control_table=f"{name}-dynamodb-control",
        conflicts_table=f"{name}-dynamodb-conflicts",
    )


def write_credentials(path: Path) -> None:
    """Write the credentials file with the keys that every embedded AWS takes, readable by its owner only."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(_KEYS)


def write(home: Path, config: Path, settings: Settings) -> None:
    """Write the credentials file of `home`, and docferry.toml where there is none or it leads elsewhere.

    A docferry.toml of the sandbox keeps what was changed in it, apart from [aws]. Raises InvalidInput, and writes
    nothing, if it is not the sandbox's own.
    """
    held = _held(config)
    credentials = home / CREDENTIALS
    aws = settings.aws.model_copy(update={"credentials_file": _relative(credentials, config)})
    wanted = settings.model_copy(update={"aws": aws}).model_dump(exclude_defaults=True)
    write_credentials(credentials)
    if held is None or held.get("aws") != wanted["aws"]:
        beside = config.with_name(f".{config.name}.new")
        beside.write_text(f"{MARK}\n\n{tomli_w.dumps({**wanted, **(held or {}), 'aws': wanted['aws']})}", "utf-8")
        beside.replace(config)


def _held(config: Path) -> dict[str, Any] | None:
    try:
        text = config.read_text(encoding="utf-8")
    except FileNotFoundError:
        if config.parent.is_dir():
            return None
        raise InvalidInput(f"there is no folder {config.parent} to write {config.name} into") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {config}: {error}", hint="mend or move it, then try again") from error
    if not text.startswith(MARK):
        raise InvalidInput(
            f"{config} is not the sandbox's own; nothing was changed",
            hint="start the sandbox from another directory, or move that file away",
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{config} is no valid TOML: {error}", hint="mend that line, or delete it") from error


def _relative(credentials: Path, config: Path) -> str:
    return os.path.relpath(credentials.absolute(), config.absolute().parent)


def environment(home: Path) -> dict[str, str]:
    """Return the variables with which the AWS CLI and SDKs reach the sandbox.

    Raises InvalidInput if none was ever started.
    """
    memory = remembered(home)
    if memory is None:
        raise InvalidInput(f"there is no sandbox in {home}", hint="docferry sandbox start")
    return {
        "AWS_ENDPOINT_URL": url_of(memory.port),
        "AWS_PROFILE": PROFILE,
        "AWS_REGION": SOURCE_REGION,
        "AWS_SHARED_CREDENTIALS_FILE": str((home / CREDENTIALS).absolute()),
    }
