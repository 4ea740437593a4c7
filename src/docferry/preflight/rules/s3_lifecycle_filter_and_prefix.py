"""A lifecycle configuration says by filters, or by prefixes, which objects it is about; not by both."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._s3_lifecycle import CONFIGURATION, named


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for prefixes beside a filter, in a rule or in a rule next to it."""
    for resource in module.resources(CONFIGURATION):
        rules = resource.blocks("rule")
        filtered = [one for one in rules if _is_filtered(one) and not one.perhaps_absent]
        for rule in rules:
            prefix = rule.attribute("prefix")
            value = prefix.value if prefix else None
            if prefix is None or not isinstance(value, str) or not (filtered or rule.blocks("filter")):
                continue
            sure = not prefix.expression.assumed and _has_filter(rule)
            if value:
                beside = not prefix.expression.assumed and any(_is_surely_filtered(one) for one in filtered)
                yield RULE.finding(at=prefix, message=_message(rule), fix=_FIX, certain=sure or beside)
            elif rule.blocks("filter"):
                yield RULE.finding(
                    at=prefix,
                    message=f"{named(rule)} has a filter and an empty prefix",
                    fix="Take `prefix` out.",
                    edits=(prefix.removed(),) if sure and not rule.in_json else (),
                    why='The AWS provider drops the empty prefix and warns: "This will be an error in a future '
                    'version of the provider".',
                    severity=Severity.LOW,
                    stage=Stage.VALIDATE,
                    certain=sure,
                )


def _is_filtered(rule: Block) -> bool:
    """Whether a rule is sent with a filter: the provider makes one of no prefix, and of an empty one."""
    return bool(rule.blocks("filter")) or rule.value("prefix") in (None, "")


def _is_surely_filtered(rule: Block) -> bool:
    prefix = rule.attribute("prefix")
    return _has_filter(rule) or prefix is None or (prefix.value in (None, "") and not prefix.expression.assumed)


def _has_filter(rule: Block) -> bool:
    return any(not one.perhaps_absent for one in rule.blocks("filter"))


def _message(rule: Block) -> str:
    where = "a prefix beside its filter" if rule.blocks("filter") else "a prefix, other rules a filter or neither"
    return f"{named(rule)} has {where}"


_FIX = "Write the prefix into the filter: `filter { prefix = ... }`, with tags or sizes `filter { and { ... } }`."

RULE = Rule(
    id="s3-lifecycle-filter-and-prefix",
    title="Lifecycle rules with filters and prefixes",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="S3 takes a lifecycle configuration with filters or with prefixes, and refuses one with both: "
    '"Base level prefix cannot be used in Lifecycle V2". `terraform validate` warns and calls it valid.',
    reference="https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html",
    check=check,
)
