"""Runs the checks of an account: what has to answer, what is only read, and what takes canaries.

Each part is the ground of the next: where a service does not answer or a bucket is not there, nothing more is
asked, because everything would fail for the same reason.
"""

from docferry.account import (
    buckets,
    canaries,
    configuration,
    events,
    feeds,
    occupied,
    permissions,
    present,
    quotas,
    reach,
    replication,
    written,
)
from docferry.account.check import Check, made
from docferry.account.memory import blocking
from docferry.account.pair import Asked, End, Pair, Tell
from docferry.account.permissions import Asking
from docferry.account.port import Kind
from docferry.account.proof import prove
from docferry.domain.errors import Retryable, ServiceError
from docferry.preflight.finding import Outcome

FAMILIES = (
    reach,
    present,
    permissions,
    buckets,
    feeds,
    configuration,
    quotas,
    occupied,
    canaries,
    written,
    replication,
    events,
)
RULES = tuple(rule for family in FAMILIES for rule in family.RULES)


async def read_only(pair: Pair, asked: Asked, tell: Tell) -> list[Outcome]:
    """Make the cheap checks that write nothing: what a plan asks before it counts."""
    found = await _grounds(pair, tell)
    if blocking(found):
        return found
    return found + await made(_settings(pair, asked))


async def everything(pair: Pair, asked: Asked, tell: Tell) -> list[Outcome]:
    """Make every check, canaries included, and remove them again, also when cancelled."""
    found = await _grounds(pair, tell)
    if blocking(found):
        tell("the rest was not looked at: mend this first")
        return found + _not_asked(pair, blocking(found)[0].rule)
    tell("reading settings, trying permissions, looking at what the target holds")
    asking = [await _asking(one) for one in pair.ends]
    permitted = [_permissions(end, who) for end, who in zip(pair.ends, asking, strict=True)]
    reading = [*_settings(pair, asked), *permitted, _quotas(pair.target, asked), *_occupied(pair, asked, tell)]
    found += await made(reading)
    tell("putting canaries")
    return found + await prove(pair, asked, asking, tell)


async def _grounds(pair: Pair, tell: Tell) -> list[Outcome]:
    tell(f"reaching the services of {pair.source.names.region} and {pair.target.names.region}")
    found = await made([_reach(one) for one in pair.ends])
    if blocking(found):
        return found
    return found + await made([_present(one) for one in pair.ends])


def _not_asked(pair: Pair, first: str) -> list[Outcome]:
    """Say of every check that was not made that it is unknown, or a report would let it pass for an ok."""
    in_reach = {rule.id for rule in reach.RULES}
    asked = in_reach if first in in_reach else in_reach | {rule.id for rule in present.RULES}
    subject = f"{pair.source.names.region} and {pair.target.names.region}"
    said = f"it was not looked at: {first} has to be mended first"
    return [rule.undecided(subject, said) for rule in RULES if rule.id not in asked]


def _reach(end: End) -> Check:
    return Check(reach.UNREACHABLE, end.names.region, lambda: reach.check(end.account, end.names))


def _present(end: End) -> Check:
    return Check(present.MISSING, end.names.region, lambda: present.check(end.account, end.names))


def _settings(pair: Pair, asked: Asked) -> list[Check]:
    accounts = (pair.source.account, pair.target.account)
    names = (pair.source.names, pair.target.names)
    subject = names[1].bucket_named
    comparing = Check(configuration.CONFIGURATION, subject, lambda: configuration.check(accounts, names))
    return [*(check for end in pair.ends for check in _of_end(end, asked)), comparing]


def _of_end(end: End, asked: Asked) -> list[Check]:
    account, names = end.account, end.names
    table = names.table_named(names.table)
    return [
        Check(buckets.VERSIONING, names.bucket_named, lambda: buckets.check(account, names)),
        Check(feeds.NOTIFICATIONS, names.bucket_named, lambda: feeds.check_notifications(account, names)),
        Check(feeds.STREAM, table, lambda: feeds.check_stream(account, names, native=asked.native)),
    ]


async def _asking(end: End) -> Asking:
    try:
        redrive = (await end.account.queue()).get("RedrivePolicy", "")
        who = (await end.account.heard("sts")).who
    except (ServiceError, Retryable):
        return Asking("")
    return Asking(who, permissions.dead_letters(redrive))


def _permissions(end: End, asking: Asking) -> Check:
    async def tried() -> list[Outcome]:
        absent = [] if asking.dead_letters else [Kind.DEAD_LETTERS]
        if not await _has_stream(end):
            absent.append(Kind.STREAM)
        return await permissions.check(end.account, end.names, asking, permissions.needed(end.names, absent))

    return Check(permissions.PERMISSION, end.names.region, tried)


async def _has_stream(end: End) -> bool:
    try:
        return bool((await end.account.table(end.names.table)).described.get("LatestStreamArn"))
    except ServiceError:
        return False


def _quotas(end: End, asked: Asked) -> Check:
    subject = f"lambda ({end.names.region})"
    return Check(quotas.QUOTA, subject, lambda: quotas.check(end.account, end.names, functions=asked.functions))


def _occupied(pair: Pair, asked: Asked, tell: Tell) -> list[Check]:
    if asked.begun_at_target:
        return []
    source, target, names = pair.source, pair.target, pair.target.names

    async def documents() -> list[Outcome]:
        return await occupied.check_documents(source.documents, target.documents, pair.provenance, names, tell)

    async def records() -> list[Outcome]:
        return await occupied.check_records(source.records, target.records, pair.provenance, names, tell)

    return [
        Check(occupied.OCCUPIED, names.bucket_named, documents),
        Check(occupied.OCCUPIED, names.table_named(names.table), records),
    ]
