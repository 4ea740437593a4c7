"""The configuration of a sandbox: docferry.toml, a credentials file, and what other tools need to reach it."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from docferry.domain.errors import InvalidInput
from docferry.sandbox.emulator import url_of
from docferry.sandbox.home import CREDENTIALS, command, remembered
from docferry.settings import Aws, Client, Records, Runner, Settings, Side

ENVIRONMENT = "sandbox"
PROFILE = "docferry-sandbox"
SOURCE_REGION, TARGET_REGION = "us-east-1", "eu-west-1"
MARK = "# Written by docferry sandbox, which corrects [aws] when the sandbox moves and keeps everything else."
_ELSEWHERE = "name another place for it with --config"
_SECTION = re.compile(r"^\[aws\].*?(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
_KEYS = f"[{PROFILE}]\naws_access_key_id = test\naws_secret_access_key = test\n"


def sandbox_settings(endpoint_url: str, credentials_file: Path) -> Settings:
    """Return the settings of a sandbox, whatever DOCFERRY_ variables say: they may mean another AWS."""
    return Settings.model_construct(
        aws=Aws(profile=PROFILE, credentials_file=str(credentials_file), endpoint_url=endpoint_url),
        source=_side(SOURCE_REGION),
        target=_side(TARGET_REGION),
        records=Records(),
        runner=Runner(),
        client=Client(),
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
        journal_table=f"{name}-dynamodb-journal",
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
    text = held(config)
    credentials = home / CREDENTIALS
    aws = settings.aws.model_copy(update={"credentials_file": _relative(credentials, config)})
    wanted = settings.model_copy(update={"aws": aws}).model_dump(exclude_defaults=True)
    corrected = _corrected(text, wanted) if text else f"{MARK}\n\n{tomli_w.dumps(wanted)}"
    try:
        write_credentials(credentials)
        if corrected != text:
            beside = config.with_name(f".{config.name}.new")
            beside.write_text(corrected, encoding="utf-8")
            beside.replace(config)
    except OSError as error:
        raise InvalidInput(f"cannot write {config}: {error.strerror}", hint=_ELSEWHERE) from error


def held(config: Path) -> str:
    """Return what docferry.toml says, nothing where there is none.

    Raises InvalidInput if it is not the sandbox's own, or if there is no folder for it.
    """
    try:
        text = config.read_text(encoding="utf-8")
        tomllib.loads(text)
    except FileNotFoundError:
        if config.parent.is_dir():
            return ""
        raise InvalidInput(
            f"there is no folder {config.parent} to write {config.name} into", hint=_ELSEWHERE
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(
            f"{config} is no valid TOML: {error}", hint="mend that line, or move it away"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {config}: {error}", hint="mend or move it, then try again") from error
    if not text.startswith(MARK):
        raise InvalidInput(
            f"{config} is not the sandbox's own; nothing was changed",
            hint="start it from another directory, name another file with --config, or move that one away",
        )
    return text


def _corrected(text: str, wanted: dict[str, Any]) -> str:
    said = tomllib.loads(text)
    if said.get("aws") == wanted["aws"]:
        return text
    merged = {**wanted, **said, "aws": wanted["aws"]}
    section = tomli_w.dumps({"aws": wanted["aws"]}) + "\n"
    # Comments and layout stay, unless [aws] is written in a way that this does not find.
    replaced = _SECTION.sub(lambda _: section, text, count=1)
    return replaced if _says(replaced, merged) else f"{MARK}\n\n{tomli_w.dumps(merged)}"


def _says(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _relative(credentials: Path, config: Path) -> str:
    return os.path.relpath(credentials.absolute(), config.absolute().parent)


def environment(home: Path) -> dict[str, str]:
    """Return the variables with which the AWS CLI and SDKs reach the sandbox.

    Raises InvalidInput if none was ever started.
    """
    memory = remembered(home)
    if memory is None:
        raise InvalidInput(f"there is no sandbox in {home}", hint=command("start", home))
    return {
        "AWS_ENDPOINT_URL": url_of(memory.port),
        "AWS_PROFILE": PROFILE,
        # SDKs and the AWS CLI read the one or the other.
        "AWS_REGION": SOURCE_REGION,
        "AWS_DEFAULT_REGION": SOURCE_REGION,
        "AWS_SHARED_CREDENTIALS_FILE": str((home / CREDENTIALS).resolve()),
    }
