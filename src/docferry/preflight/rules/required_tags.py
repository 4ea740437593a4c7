"""Resources have the tags that the project asks for."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._tags import default_tags, own_tags

TABLE = Path(__file__).with_name("_taggable_aws.json")


@cache
def taggable() -> tuple[str, ...]:
    """Return the types of resources that take tags."""
    return tuple(json.loads(TABLE.read_text(encoding="utf-8"))["types"])


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for resources without a tag that is asked for; nothing is asked for unless the settings do."""
    if not context.config.required_tags:
        return
    for resource in module.resources(*taggable()):
        own, default = own_tags(resource), default_tags(resource, module, context.tree)
        known = [one.tags for one in (own, default) if isinstance(one.tags, dict)]
        missing = [one for one in context.config.required_tags if not any(one in tags for tags in known)]
        if not missing:
            continue
        names = ", ".join(f"`{one}`" for one in missing)
        if len(known) < 2:
            what = "tags" if isinstance(default.tags, dict) else "default tags of its provider"
            yield RULE.undecided(at=resource, what_is_unknown=f"the {what}: {names} may be among them")
            continue
        yield RULE.finding(
            at=_place(resource),
            message=f"{names} {'is' if len(missing) == 1 else 'are'} not among its tags",
            fix=f"Add {names} to `tags`, or to `default_tags` of the provider.",
            certain=not (own.assumed or default.assumed),
        )


def _place(resource: Block) -> Placed:
    return resource.attribute("tags") or resource


RULE = Rule(
    id="required-tags",
    title="Resource without a tag that the project asks for",
    severity=Severity.MEDIUM,
    stage=Stage.RUN,
    why="What goes by tags leaves it out: costs, backups, permissions. Where the organization's policies require "
    "them, AWS refuses to create it.",
    reference="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies-enforcement.html",
    check=check,
)
