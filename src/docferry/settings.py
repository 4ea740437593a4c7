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

    profile: str = Field(default="", description="AWS profile for both sides; `--profile`")
    credentials_file: str = Field(
        default="", description="shared credentials file, relative to `docferry.toml`; the usual places if empty"
    )
    endpoint_url: str = Field(default="", description="an endpoint in place of AWS; `--endpoint-url`")


class Side(_Section):
    """One region's half of the store. `profile` overrides `aws.profile`, for a move between accounts."""

    region: str = Field(min_length=1, description="AWS region")
    bucket: str = Field(min_length=1, description="bucket of the documents")
    table: str = Field(min_length=1, description="table of the records")
    queue: str = Field(min_length=1, description="SQS queue that the bucket notifies, by name")
    control_table: str = Field(
        min_length=1, description="gate of the side; the target's also holds ledger, checkpoints, leases and marks"
    )
    conflicts_table: str = Field(
        min_length=1, description="what was at the side, was not docferry's, and had to be written over"
    )
    journal_table: str = Field(
        min_length=1, description="which keys applications were about to write, around a switch"
    )
    profile: str = Field(default="", description="AWS profile of one side; `aws.profile` if empty")
    role: str = Field(
        default="",
        description="ARN of the role through which this side is reached from another account; none if empty",
    )
    external_id: str = Field(
        default="",
        max_length=1224,
        pattern=r"^[\w+=,.@:/-]*$",
        description="external id that roles of this side's account ask those of another account for",
    )
    probe_role: str = Field(
        default="", description="ARN of the role that probes the hard fence; without it there is none"
    )
    worker_role: str = Field(
        default="", description="ARN of the role whose sessions are the fencing token; without it there is none"
    )


class Records(_Section):
    """How records relate to documents."""

    document_attribute: str = Field(
        default="document_key", min_length=1, description="attribute of a record that names its document"
    )


class Runner(_Section):
    """How the engine runs."""

    window: int = Field(default=64, ge=1, le=1000, description="documents in flight")
    lease_s: float = Field(
        default=6.0, ge=1.0, le=300.0, description="seconds for which a dead runner blocks the next one"
    )
    scan_segments: int = Field(default=4, ge=1, le=100, description="parallel scan segments of a table")
    settle_s: float | None = Field(
        default=None,
        ge=0.5,
        le=3600.0,
        description="seconds of silence after which the feeds count as drained, and that a difference is given to "
        "go away by itself: 60 unless given, as S3 may send an event a minute late or more; 3 with "
        "`aws.endpoint_url`",
    )
    visibility_s: int = Field(
        default=30,
        ge=1,
        le=43200,
        description="seconds for which changes that a dead runner had taken from a queue stay hidden from others",
    )
    state_machine: str = Field(
        default="", description="ARN of the state machine, for `--runner stepfunctions` and `docferry approve`"
    )


class Fence(_Section):
    """What the stores themselves deny: by policies (the hard fence), and by sessions that end (the token)."""

    exempt: tuple[str, ...] = Field(
        default=(), description="ARNs, with wildcards, of those who may write all the same: docferry's own roles"
    )
    spread_s: float | None = Field(
        default=None,
        ge=0.1,
        le=3600.0,
        description="seconds a policy is given to spread before it denies anything: 60 unless given; 1 with "
        "`aws.endpoint_url`",
    )
    token_s: float = Field(
        default=15.0,
        ge=5.0,
        le=600.0,
        description="seconds after which the stores take no write any more from a worker that has died, and for "
        "which it is waited",
    )


class Replication(StrEnum):
    """Who carries the data: docferry's engine, or S3 replication and a DynamoDB global table."""

    ENGINE = "engine"
    NATIVE = "native"


class Client(_Section):
    """What applications and switches agree on: a switch waits for as long as the applications may take."""

    lease_s: float = Field(
        default=1.0,
        ge=0.2,
        le=60.0,
        description="seconds for which an application believes a gate; what a fence waits for (a quarter of it "
        "while the journal is on)",
    )
    deadline_s: float | None = Field(
        default=None,
        ge=1.0,
        le=3600.0,
        description="seconds one request of an application may live, which must pass between two switches: 60 "
        "unless given; 10 with `aws.endpoint_url`",
    )


class Settings(BaseSettings):
    """One migration."""

    model_config = SettingsConfigDict(
        env_prefix="DOCFERRY_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
    )

    replication: Replication = Field(
        default=Replication.ENGINE,
        description="who carries the data: docferry, or S3 replication and a global table (`native`, which "
        "docferry's own commands refuse)",
    )
    aws: Aws = Aws()
    source: Side
    target: Side
    records: Records = Records()
    runner: Runner = Runner()
    client: Client = Client()
    fence: Fence = Fence()

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
    except RecursionError as error:
        raise InvalidInput(f"{path} is nested too deeply to be read", hint=_HINT) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{path} is no valid TOML: {error}", hint="mend that line, then try again") from error


def _beside(aws: Aws, config: Path) -> Aws:
    # A credentials file named in docferry.toml is looked for beside it, wherever the command is run.
    if not aws.credentials_file:
        return aws
    return aws.model_copy(update={"credentials_file": str(config.parent / aws.credentials_file)})
