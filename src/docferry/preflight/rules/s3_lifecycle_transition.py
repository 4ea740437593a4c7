"""The actions of a lifecycle rule follow each other in an order that S3 takes."""

from collections.abc import Iterator
from itertools import combinations, pairwise

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._s3_lifecycle import COLDNESS, Action, actions, named, rules_of

_INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
_AFTER_INFREQUENT = ("ONEZONE_IA", "GLACIER", "DEEP_ARCHIVE")
# From neither of them to the other: how S3 answers, no page says.
_APART = {"ONEZONE_IA", "GLACIER_IR"}
_LEAST_DAYS = 30
_BILLED = (
    "Until the middle of 2026 S3 refused it: \"'Days' in Transition action must be greater than or equal to 30\". "
    "AWS's page of the API has dropped that since, but not the one for its regions in China. At least 30 days of "
    "storage are billed in any case."
)


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for transitions and expirations that S3 refuses."""
    for rule in rules_of(module):
        yield from _mixed(rule)
        for noncurrent in (False, True):
            transitions = actions(rule, "transition", noncurrent=noncurrent)
            yield from _order(rule, transitions)
            yield from _expired_before(rule, transitions, actions(rule, "expiration", noncurrent=noncurrent))
            yield from _early(rule, transitions)


def _mixed(rule: Block) -> Iterator[Finding]:
    held = [one for kind in ("transition", "expiration") for one in actions(rule, kind, noncurrent=False)]
    both = next((one for one in held if one.days and one.date), None)
    dated = next((one for one in held if one.date), None)
    if both and both.at:
        yield RULE.finding(
            at=both.at,
            message=f"{named(rule)} has both days and a date in its {both.block.type}",
            fix="Keep one of the two.",
            certain=not both.assumed,
        )
    elif dated and dated.at and any(one.days is not None for one in held):
        yield RULE.finding(
            at=dated.at,
            message=f"{named(rule)} mixes days and dates",
            fix="Use days, or dates, for all of the rule, or make two rules of it.",
            why="S3 refuses it: \"Found mixed 'Date' and 'Days' based Expiration and Transition actions in "
            'lifecycle rule".',
            certain=not any(one.assumed for one in held),
        )


def _order(rule: Block, transitions: list[Action]) -> Iterator[Finding]:
    for first, second in combinations(transitions, 2):
        warm, cold = sorted((first, second), key=_coldness)
        if cold.at is None or _coldness(warm) < 0 or {warm.storage_class, cold.storage_class} == _APART:
            continue
        if warm.storage_class == cold.storage_class:
            yield RULE.finding(
                at=second.block.attributes["storage_class"],
                message=f"{named(rule)} has two transitions to {cold.storage_class}",
                fix="Keep one of them, or make two rules with filters of it.",
                certain=not (warm.assumed or cold.assumed),
            )
        elif not _after(warm, cold):
            yield RULE.finding(
                at=cold.at,
                message=f"{named(rule)} moves objects to {cold.storage_class} {_when(cold)}, not after "
                f"{warm.storage_class} {_when(warm)}",
                fix=f"Let {cold.storage_class} come later than {warm.storage_class}, or drop one of them: objects "
                "pass to colder storage classes only.",
                certain=not (warm.assumed or cold.assumed),
            )


def _expired_before(rule: Block, transitions: list[Action], expirations: list[Action]) -> Iterator[Finding]:
    for expiration in expirations:
        if expiration.at is None or _counts_versions(expiration):
            continue
        late = [one for one in transitions if not _counts_versions(one) and not _after(one, expiration)]
        if late:
            yield RULE.finding(
                at=expiration.at,
                message=f"{named(rule)} expires objects {_when(expiration)}, not after the transition to "
                f"{late[0].storage_class or 'another class'} {_when(late[0])}",
                fix="Let the expiration come later than every transition, or drop the transition.",
                certain=not (expiration.assumed or late[0].assumed),
            )


def _early(rule: Block, transitions: list[Action]) -> Iterator[Finding]:
    known = sorted((one for one in transitions if one.days is not None), key=lambda one: one.days or 0)
    for one in known:
        if one.storage_class in _INFREQUENT and (one.days or 0) < _LEAST_DAYS:
            yield _early_finding(one, f"{named(rule)} moves objects to {one.storage_class} {_when(one)}")
    for warm, cold in pairwise(known):
        wait = (cold.days or 0) - (warm.days or 0)
        infrequent = warm.storage_class in _INFREQUENT and cold.storage_class in _AFTER_INFREQUENT
        if infrequent and 0 < wait < _LEAST_DAYS:
            message = f"{named(rule)} moves objects to {cold.storage_class} {wait} days after {warm.storage_class}"
            yield _early_finding(cold, message)


def _early_finding(action: Action, message: str) -> Finding:
    assert action.at is not None
    return RULE.finding(
        at=action.at,
        message=message,
        fix="Wait 30 days, or leave the infrequent access class out.",
        why=_BILLED,
        severity=Severity.MEDIUM,
        certain=not action.assumed,
    )


def _coldness(action: Action) -> int:
    return COLDNESS.index(action.storage_class) if action.storage_class in COLDNESS else -1


def _after(first: Action, second: Action) -> bool:
    """Whether the second comes after the first, or it cannot be told."""
    if first.days is not None and second.days is not None:
        return second.days > first.days
    if not (first.date and second.date and first.date.endswith("Z") and second.date.endswith("Z")):
        return True
    return second.date > first.date


def _counts_versions(action: Action) -> bool:
    # How S3 compares days with a number of versions to keep, no page says.
    return "newer_noncurrent_versions" in action.block.attributes


def _when(action: Action) -> str:
    return f"after {action.days} days" if action.days is not None else f"on {action.date}"


RULE = Rule(
    id="s3-lifecycle-transition",
    title="Lifecycle actions in an order that S3 refuses",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="S3 refuses the whole lifecycle configuration (InvalidArgument), and the bucket is left without one. "
    "Neither `terraform validate` nor `terraform plan` compares days.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html",
    check=check,
)
