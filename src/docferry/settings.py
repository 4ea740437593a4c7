"""Everything that can be configured, as one frozen model: flag > environment > docferry.toml > default.

An environment variable is `DOCFERRY_` and the path to the setting, as in `DOCFERRY_SOURCE__BUCKET`.
"""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from docferry.domain.errors import InvalidInput

DEFAULT_FILE = Path("docferry.toml")
DEADLINE_S = 60.0
DEADLINE_EMULATED_S = 10.0
_HINT = "docferry sandbox start writes a complete one; docs/configuration.md explains each setting"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Aws(_Section):
    """How AWS is reached. An empty `endpoint_url` means AWS itself."""

    profile: str = ""
    credentials_file: str = ""
    endpoint_url: str = ""


class Side(_Section):
    """One region's half of the store. `profile` overrides `aws.profile`, for a move between accounts."""

    region: str = Field(min_length=1)
    bucket: str = Field(min_length=1)
    table: str = Field(min_length=1)
    queue: str = Field(min_length=1)
    control_table: str = Field(min_length=1)
    conflicts_table: str = Field(min_length=1)
    journal_table: str = Field(min_length=1)
    profile: str = ""


class Records(_Section):
    """How records relate to documents."""

    document_attribute: str = Field(default="document_key", min_length=1)


class Runner(_Section):
    """How the engine runs.

    `window` bounds the documents in flight, `lease_s` is how long a dead runner blocks the next one, `settle_s`
    how long the feeds must be silent before they count as drained: a minute against AWS, whose events may be late
    by that or more, 3 s against another endpoint, unless given.
    `visibility_s` is how long changes that a dead runner had taken from a queue stay hidden from the next one.
    """

    window: int = Field(default=64, ge=1, le=1000)
    lease_s: float = Field(default=6.0, ge=1.0, le=300.0)
    scan_segments: int = Field(default=4, ge=1, le=100)
    settle_s: float | None = Field(default=None, ge=0.5, le=3600.0)
    visibility_s: int = Field(default=30, ge=1, le=43200)


class Replication(StrEnum):
    """Who carries the data: docferry's engine, or S3 replication and a DynamoDB global table."""

    ENGINE = "engine"
    NATIVE = "native"


class Client(_Section):
    """What applications and switches agree on: a switch waits for as long as the applications may take.

    `lease_s` is how long an application believes a gate, `deadline_s` how long one request may live: a minute
    against AWS, 10 s against another endpoint, unless given.
    """

    lease_s: float = Field(default=1.0, ge=0.2, le=60.0)
    deadline_s: float | None = Field(default=None, ge=1.0, le=3600.0)


class Settings(BaseSettings):
    """One migration."""

    model_config = SettingsConfigDict(
        env_prefix="DOCFERRY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
    )

    replication: Replication = Replication.ENGINE
    aws: Aws = Aws()
    source: Side
    target: Side
    records: Records = Records()
    runner: Runner = Runner()
    client: Client = Client()

    @property
    def deadline_s(self) -> float:
        """How long one request of an application may live, in seconds."""
        return self.client.deadline_s or (DEADLINE_EMULATED_S if self.aws.endpoint_url else DEADLINE_S)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over what `load` passes in from the file."""
        return env_settings, init_settings


def load(config: Path | None = None, *, profile: str = "", endpoint_url: str = "") -> Settings:
    """Read the settings. Raises InvalidInput, naming the file and the setting, if anything is wrong."""
    path = config or DEFAULT_FILE
    held = _read(path, required=config is not None)
    try:
        settings = Settings(**held)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "settings"
        file = str(path) if path.exists() else f"there is no {path} here, and the environment lacks it"
        raise InvalidInput(f"{file}: {where}: {first['msg'].lower()}", hint=_HINT) from error
    flags = {"profile": profile, "endpoint_url": endpoint_url}
    aws = settings.aws.model_copy(update={name: value for name, value in flags.items() if value})
    return settings.model_copy(update={"aws": _beside(aws, path)})


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if required:
            raise InvalidInput(f"there is no configuration file {path}", hint=_HINT) from error
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read the configuration file {path}: {error}", hint=_HINT) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is no valid TOML: {error}", hint="mend that line, then try again") from error


def _beside(aws: Aws, config: Path) -> Aws:
    # A credentials file named in docferry.toml is looked for beside it, wherever the command is run.
    if not aws.credentials_file:
        return aws
    return aws.model_copy(update={"credentials_file": str(config.parent / aws.credentials_file)})
