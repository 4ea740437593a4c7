"""Whether the target is set up as the source is, where that matters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from docferry.account.denial import is_denied
from docferry.account.port import Account, Names, TableSettings, Tree
from docferry.account.rule import AccountRule
from docferry.account.tree import below_named, text
from docferry.domain.errors import ServiceError
from docferry.preflight.finding import Outcome, Severity

CONFIGURATION = AccountRule(
    "account-configuration",
    "The target is not set up as the source is",
    Severity.MEDIUM,
    "Documents and records are carried, settings are not: after the cutover applications meet the target's.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html",
)
RULES = (CONFIGURATION,)


@dataclass(frozen=True, slots=True)
class _Compared:
    """One thing that is compared: what it is called, how it is read, and how bad a difference is."""

    name: str
    read: Callable[[Any], object]
    severity: Severity = Severity.MEDIUM


def _encryption(tree: Tree) -> object:
    # The keys of two regions are never the same, and whoever names none has S3's own.
    return text(tree, "Rule", "ApplyServerSideEncryptionByDefault", "SSEAlgorithm") or "AES256"


def _lifecycle(tree: Tree) -> object:
    enabled = (one for one in below_named(tree, "Rule") if text(one, "Status") == "Enabled")
    return sorted(_plain({name: held for name, held in one.items() if name != "ID"}) for one in enabled)


def _plain(tree: Tree) -> str:
    named = ((name, one) for name, held in sorted(tree.items()) for one in held)
    # What is there and empty, such as a filter for every key, is named alone.
    return ", ".join(
        f"{name} {one}".rstrip() if isinstance(one, str) else f"{name} ({_plain(one)})" for name, one in named
    )


def _public_access(tree: Tree) -> object:
    return sorted(name for name, held in tree.items() if "true" in held)


_OF_BUCKETS = {
    "encryption": _Compared("default encryption", _encryption),
    "object-lock": _Compared("object lock", lambda tree: text(tree, "ObjectLockEnabled") or "off"),
    "publicAccessBlock": _Compared("public access block", _public_access),
    "lifecycle": _Compared("lifecycle", _lifecycle, Severity.LOW),
}


def _keys(table: Mapping[str, Any]) -> object:
    types = {one["AttributeName"]: one["AttributeType"] for one in table.get("AttributeDefinitions", ())}
    keys = ((one["KeyType"], one["AttributeName"]) for one in table["KeySchema"])
    return [f"{kind} {name} ({types.get(name)})" for kind, name in keys]


def _indexes(table: Mapping[str, Any]) -> object:
    held = [one for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes") for one in table.get(kind) or ()]
    return sorted(f"{one['IndexName']} ({_index_keys(one)}, {_projection(one)})" for one in held)


def _index_keys(index: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['KeyType']} {one['AttributeName']}" for one in index["KeySchema"])


def _projection(index: Mapping[str, Any]) -> str:
    named = " ".join(sorted(index["Projection"].get("NonKeyAttributes") or ()))
    return f"{index['Projection'].get('ProjectionType', '')} {named}".strip()


def _billing(table: Mapping[str, Any]) -> object:
    return (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")


def _table_encryption(table: Mapping[str, Any]) -> object:
    return (table.get("SSEDescription") or {}).get("SSEType", "DynamoDB's own key")


_OF_TABLES = (
    _Compared("key", _keys, Severity.HIGH),
    _Compared("indexes", _indexes, Severity.HIGH),
    _Compared("billing mode", _billing, Severity.LOW),
    _Compared("encryption", _table_encryption),
)


async def check(accounts: tuple[Account, Account], names: tuple[Names, Names]) -> list[Outcome]:
    """Compare buckets and tables, source first."""
    found = [await _bucket(setting, one, accounts, names) for setting, one in _OF_BUCKETS.items()]
    tables = [await account.table(one.table) for account, one in zip(accounts, names, strict=True)]
    subject = names[1].table_named(names[1].table)
    for one in _OF_TABLES:
        found.append(_difference(one, subject, *(one.read(table.described) for table in tables)))
    return [one for one in (*found, _ttl(subject, *tables)) if one]


async def _bucket(
    setting: str, compared: _Compared, accounts: tuple[Account, Account], names: tuple[Names, Names]
) -> Outcome | None:
    try:
        held = [compared.read(await one.bucket_setting(setting)) for one in accounts]
    except ServiceError as error:
        if not is_denied(error):
            raise
        return CONFIGURATION.undecided(names[1].bucket_named, f"{compared.name} may not be read: {error}")
    return _difference(compared, names[1].bucket_named, *held)


def _difference(compared: _Compared, subject: str, source: object, target: object) -> Outcome | None:
    if source == target:
        return None
    severity = compared.severity
    if isinstance(source, list) and isinstance(target, list):
        # What both have is left out. What only the target has harms nobody.
        source, target = _without(source, target), _without(target, source)
        severity = severity if source else Severity.LOW
    return CONFIGURATION.finding(
        subject,
        f"{compared.name}: {_shown(target)}, at the source {_shown(source)}",
        fix=f"give the target the source's {compared.name}, unless it is meant to differ",
        severity=severity,
    )


def _without(these: list[str], those: list[str]) -> list[str]:
    return [one for one in these if one not in those]


def _shown(held: object) -> str:
    if isinstance(held, list):
        return "; ".join(map(str, held)) or "none"
    return str(held) if held else "none"


def _ttl(subject: str, source: TableSettings, target: TableSettings) -> Outcome | None:
    if source.ttl is None or target.ttl is None:
        return CONFIGURATION.undecided(
            subject, "time to live may not be read: dynamodb:DescribeTimeToLive is denied"
        )
    return _difference(_Compared("time to live", str), subject, source.ttl, target.ttl)
