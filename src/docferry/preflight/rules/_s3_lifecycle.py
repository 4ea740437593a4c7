"""Lifecycle rules of buckets, be they of their own resource or of the bucket's."""

from collections.abc import Iterator
from dataclasses import dataclass

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Value

CONFIGURATION = "aws_s3_bucket_lifecycle_configuration"
COLDNESS = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""Storage classes in the order in which objects may pass them."""


@dataclass(frozen=True, slots=True)
class Action:
    """A transition, or an expiration, which has no storage class. What is not known is None, and `at` then too."""

    block: Block
    storage_class: str | None
    days: int | None
    date: str | None
    at: Attribute | None

    @property
    def assumed(self) -> bool:
        """Whether it hangs on a variable, or whether it is there does."""
        made = self.block.for_each
        return any(one.expression.assumed for one in self.block.attributes.values()) or bool(made and made.assumed)


def rules_of(module: Module) -> Iterator[Block]:
    """Give all lifecycle rules."""
    for resource in module.resources(CONFIGURATION):
        yield from resource.blocks("rule")
    for bucket in module.resources("aws_s3_bucket"):
        yield from bucket.blocks("lifecycle_rule")


def actions(rule: Block, kind: str, *, noncurrent: bool) -> list[Action]:
    """Return the actions of a rule of a kind, `transition` or `expiration`, that are sure to be there."""
    kind = f"noncurrent_version_{kind}" if noncurrent else kind
    return [_action(one) for one in rule.blocks(kind) if not one.perhaps_absent]


def _action(block: Block) -> Action:
    at = next((block.attributes[one] for one in ("days", "noncurrent_days") if one in block.attributes), None)
    days = whole_number(at.value) if at else None
    date, name = block.value("date"), block.value("storage_class")
    return Action(
        block,
        name if isinstance(name, str) else None,
        days,
        date if isinstance(date, str) else None,
        at if at and days is not None else block.attribute("date"),
    )


def whole_number(value: Value) -> int | None:
    """Return a number that is written as one or as a text, else None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None


def named(rule: Block) -> str:
    """Return what to call a rule in a message."""
    name = rule.value("id")
    return f"lifecycle rule `{name}`" if isinstance(name, str) else "a lifecycle rule"
