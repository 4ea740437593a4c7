"""Whether everything that the settings name is there."""

from collections.abc import Awaitable, Callable
from functools import partial

from docferry.account.port import Account, Names
from docferry.account.rule import AccountRule
from docferry.domain.errors import InvalidInput, ServiceError
from docferry.preflight.finding import Outcome, Severity

MISSING = AccountRule(
    "account-missing",
    "Something that the settings name is not there",
    Severity.HIGH,
    "Every command that needs it ends with exit code 2.",
    "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
)
RULES = (MISSING,)
TABLES = ("table", "control_table", "conflicts_table", "journal_table")


async def check(account: Account, names: Names) -> list[Outcome]:
    """Ask for the bucket, each table and the queue. What may not be asked for is found by another check."""
    tables = {one: getattr(names, one) for one in TABLES}
    asked: dict[str, tuple[str, Callable[[], Awaitable[object]]]] = {
        "bucket": (names.bucket_named, partial(account.bucket_setting, "versioning")),
        **{setting: (names.table_named(name), partial(account.table, name)) for setting, name in tables.items()},
        "queue": (names.queue_named, account.queue),
    }
    found: list[Outcome] = []
    for setting, (subject, ask) in asked.items():
        try:
            await ask()
        except InvalidInput:
            found.append(
                MISSING.finding(
                    subject,
                    f"{names.side}.{setting} names what is not in that region and account",
                    fix="correct the name, the region or the profile in docferry.toml, or create it",
                )
            )
        except ServiceError:
            continue
    return found
