"""What must not be told is looked for in all that commands print, leave as files, and note in the ledger.

Documents' bodies and credentials are told nowhere. What describes a document, and a record's values, are shown and
noted as what differs, and nowhere else. Keys are named on purpose, or nobody could be told which document it is.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from tests.integration.account.conftest import Guarded
from tests.integration.cli.conftest import PLAIN, site_at
from tests.integration.switch.outside import Outside

SECRET, DESCRIPTION = "nobody-may-read-this", "only-who-asks-what-differs"
SECRET_SETTINGS = ("aws_secret_access_key", "aws_session_token")
ALIKE = ("plan", "sync --once", "status", "validate --level full --restart")
DIFFERENT = (
    "validate --level quick --restart",
    "validate --level full --restart --output differences.jsonl",
    "validate --level bytes --restart --repair",
    "sync --once --reseed",
    "status",
    "cutover --dry-run",
)
REFUSED = ("sync --once", "status", "plan")
FORMS = ((), ("--json",))


@pytest.fixture
def guarded(strict: str, tmp_path: Path) -> Guarded:
    made = Guarded(strict, site_at(strict, tmp_path))
    made.site.fill(PLAIN[2:6])
    return made


def put(outside: Outside, side: str, more: str = "") -> None:
    """Put a document and a record that hold something to be kept wherever they can hold it."""
    outside.client("s3", side).put_object(
        Bucket=outside.side(side).bucket,
        Key="documents/secret.txt",
        Body=f"{SECRET}{more}".encode(),
        Metadata={"note": f"{DESCRIPTION}{more}"},
        Tagging=f"note={DESCRIPTION}{more}",
    )
    outside.client("dynamodb", side).put_item(
        TableName=outside.side(side).table,
        Item={"owner": {"S": "o"}, "record_id": {"S": "r"}, "note": {"S": f"{DESCRIPTION}{more}"}},
    )


def told(guarded: Guarded) -> Iterator[str]:
    """Yield what commands print, as text and as JSON, where sides are the same, differ, and refuse who asks."""
    outside = Outside(guarded.site.settings)
    put(outside, "source")
    yield from printed(guarded, ALIKE)
    # Another one at the target: a difference, and then a conflict.
    put(outside, "target", "-either")
    yield from printed(guarded, DIFFERENT)
    forged(guarded)
    yield from printed(guarded, REFUSED)


def printed(guarded: Guarded, commands: tuple[str, ...]) -> Iterator[str]:
    for command, form in product(commands, FORMS):
        said = guarded.site.run(*command.split(), *form)
        yield f"{command}: {said.out}{said.err}"


def forged(guarded: Guarded) -> None:
    """Let commands be run with a key that does not fit its name: AWS then tells what it compared."""
    file = guarded.site.directory / "credentials"
    file.write_text(file.read_text().replace("secret_access_key = ", "secret_access_key = forged"))


def entries(outside: Outside) -> Iterator[str]:
    """Yield what docferry noted for itself in both regions; conflicts, which are kept whole, are not among it."""
    for side in ("source", "target"):
        dynamodb = outside.client("dynamodb", side)
        for table in (outside.side(side).control_table, outside.side(side).journal_table):
            yield from map(repr, dynamodb.scan(TableName=table)["Items"])


def files(guarded: Guarded) -> Iterator[str]:
    """Yield what is in files that commands wrote."""
    known = {"credentials", "docferry.toml", guarded.site.log.name}
    for one in guarded.site.directory.rglob("*"):
        if one.is_file() and one.name not in known:
            yield f"{one.name}: {one.read_text(errors='replace')}"


def test_no_secret_is_printed_or_left_in_a_file_or_in_the_ledger(guarded: Guarded) -> None:
    guarded.become()
    held = [line.partition(" = ") for line in (guarded.site.directory / "credentials").read_text().splitlines()]
    secrets = [SECRET, *(value for name, _, value in held if name in SECRET_SETTINGS)]
    assert len(secrets) == 3
    said = list(told(guarded))
    shown = [*said, *files(guarded)]
    noted = entries(Outside(guarded.site.settings))
    assert [one for one in (*shown, *noted) if any(secret in one for secret in secrets)] == []
    assert {one.split()[0] for one in shown if DESCRIPTION in one} == {"validate", "differences.jsonl:"}
    # It was about the very document, and about the forged signature.
    for one in ("documents/secret.txt", "request signature we calculated"):
        assert any(one in line for line in said), said[-6:]
