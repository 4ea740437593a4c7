"""An embedded AWS that does what policies say, the stores of a migration in it, and a role to look at them."""

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from docferry.account.permissions import Asking, needed
from docferry.account.port import Kind, Names, Need
from docferry.aws.s3 import path_of
from docferry.cli.main import main
from docferry.cli.preflight_account import names_of
from docferry.domain.reserved import RESERVED
from docferry.sandbox.configuration import PROFILE, write_credentials
from docferry.sandbox.emulator import running
from tests.integration.cli.conftest import SCRIPT, Said, Site, site_at
from tests.terraform.permissions import with_statements

WHO = "arn:aws:sts::000000000000:assumed-role/probe/probe"
CANARY_NEEDS = {
    "": (
        "s3:GetBucketPublicAccessBlock",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucketVersions",
    ),
    f"/{RESERVED}*": ("s3:DeleteObjectVersion",),
}
"""What a check of the account itself needs on a bucket; docs/preflight.md lists it."""


@dataclass(frozen=True)
class Permission:
    """One action on one resource."""

    action: str
    resource: str


def permissions_of(names: Names) -> list[Permission]:
    """Everything that is needed on a side, for commands and for the check itself."""
    asking = Asking(WHO, f"arn:aws:sqs:{names.region}:000000000000:{names.queue}-dead")
    found = [Permission(one.action, asking.arn(names, one.kind)) for one in needed(names)]
    bucket = asking.arn(names, Kind.BUCKET)
    found += [Permission(one, bucket + end) for end, actions in CANARY_NEEDS.items() for one in actions]
    tables = (Kind.RECORDS, Kind.CONTROL, Kind.CONFLICTS, Kind.JOURNAL)
    found += [Permission("dynamodb:DescribeTimeToLive", asking.arn(names, one)) for one in tables]
    return list(dict.fromkeys(found))


def permission_of(names: Names, need: Need) -> Permission:
    """What a need is in a policy."""
    asking = Asking(WHO, f"arn:aws:sqs:{names.region}:000000000000:{names.queue}-dead")
    return Permission(need.action, asking.arn(names, need.kind))


def statements(held: Sequence[Permission]) -> list[dict[str, Any]]:
    """A statement for each resource."""
    resources = dict.fromkeys(one.resource for one in held)
    return [
        {
            "Effect": "Allow",
            "Action": [one.action for one in held if one.resource == resource],
            "Resource": resource,
        }
        for resource in resources
    ]


@dataclass(frozen=True)
class Guarded:
    """A migration whose stores are looked at as a role that may do what it is given."""

    url: str
    site: Site

    @property
    def names(self) -> dict[str, Names]:
        settings = self.site.settings
        return {side: names_of(side, getattr(settings, side)) for side in ("source", "target")}

    def keys(self, without: Permission | None = None) -> dict[str, str]:
        """Keys of the role, which has every permission but one."""
        held = [one for names in self.names.values() for one in permissions_of(names) if one != without]
        return dict(with_statements(self.url, statements(held)).keys)

    def become(self, without: Permission | None = None) -> None:
        """Let commands be run as the role, which has every permission but one."""
        keys = self.keys(without)
        self.site.directory.joinpath("credentials").write_text(
            f"[{PROFILE}]\naws_access_key_id = {keys['AccessKeyId']}\n"
            f"aws_secret_access_key = {keys['SecretAccessKey']}\naws_session_token = {keys['SessionToken']}\n"
        )

    def preflight(self, *arguments: str) -> Said:
        """Check the account in this process, as the `docferry` script does."""
        out, err = io.StringIO(), io.StringIO()
        argv = ["docferry", *self._asked(*arguments)]
        with (
            mock.patch.object(sys, "argv", argv),
            contextlib.chdir(self.site.directory),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    def _asked(self, *arguments: str) -> list[str]:
        return ["preflight", *arguments, "--account", "--account-config", str(self.site.config)]

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begin to check the account in a process of its own."""
        return subprocess.Popen(
            [str(SCRIPT), *self._asked(*arguments)],
            cwd=self.site.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def left(self) -> int:
        """How many versions there are under the reserved prefix in both buckets."""
        asked = {"versions": "", "prefix": f"{RESERVED}preflight"}
        sides = (self.site.settings.source, self.site.settings.target)
        self.be_root()
        return sum(self.site.send(one, "GET", path_of(one.bucket), query=asked).count(b"<Key>") for one in sides)

    def be_root(self) -> None:
        """Let commands be run as who may do everything."""
        write_credentials(self.site.directory / "credentials")


@pytest.fixture(scope="session")
def strict() -> Iterator[str]:
    with running(permissions=True) as url:
        yield url


@pytest.fixture(scope="session")
def shared(strict: str, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """One for tests that change nothing."""
    return Guarded(strict, site_at(strict, tmp_path_factory.mktemp("shared")))


@pytest.fixture
def guarded(strict: str, tmp_path: Path) -> Guarded:
    """One of a test's own."""
    return Guarded(strict, site_at(strict, tmp_path))
