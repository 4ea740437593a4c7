"""What the AWS provider calls deprecated, or has removed in version 5 or 6."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docferry.preflight.finding import Edit, Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._deprecated_notes import NOTES, OPSWORKS, Note
from docferry.preflight.rules._deprecated_places import occurrences
from docferry.preflight.rules._removed_notes import REMOVED
from docferry.preflight.rules._versions import Majors, aws_constraint, is_asked_for, least, majors, required_aws

TABLE = Path(__file__).with_name("_deprecated_aws.json")
TABLED = 5
"""The major version whose schema the table is made of. What former ones deprecate is not known."""
NEXT = 6
"""The first major version in which something of the table is gone."""
_KINDS = ("resource", "data")
# From the provider's change log.
_DOMAIN_SINCE = (5, 0)
_STATE_SINCE = (5, 27)
_STATES = {True: 'state = "ENABLED"', False: 'state = "DISABLED"'}


@cache
def table() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the paths of what is deprecated, by kind and type: the provider's own and the notes' together."""
    held = json.loads(TABLE.read_text(encoding="utf-8"))
    found = {(kind, name): dict.fromkeys(paths) for kind in _KINDS for name, paths in held.get(kind, {}).items()}
    for key, notes in (*NOTES.items(), *REMOVED.items()):
        found.setdefault(key, {}).update(dict.fromkeys(notes))
    return {key: tuple(paths) for key, paths in found.items()}


def note(key: tuple[str, str], path: str) -> Note:
    """Return what is known of something deprecated; where nothing is, what to do is in the provider's page."""
    if key[1].startswith("aws_opsworks_"):
        return OPSWORKS
    return REMOVED.get(key, {}).get(path) or NOTES.get(key, {}).get(path, Note(""))


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for deprecated resources, arguments and blocks, and for references to deprecated attributes."""
    constraint = aws_constraint(module, context)
    allowed = majors(constraint) if constraint else None
    if _is_before_the_table(module, context):
        return
    comes = _least_that_comes(module, constraint)
    for block in module.blocks:
        key = (block.type, block.labels[0]) if block.labels else ("", "")
        for path in table().get(key, ()):
            for found in _written(block, path):
                edits = _of_argument(found, path, note(key, path).name, comes)
                yield from _finding(found, key, path, allowed, edits, is_set=True)
    for block in module.blocks:
        if any(_is_tabled(one) for one in block.references):
            for expression in _expressions(block):
                yield from _references(expression, allowed)


def _is_before_the_table(module: Module, context: Context) -> bool:
    """Tell whether only versions before those of the table may come."""

    def is_required(one: Module) -> bool:
        greatest = majors(aws_constraint(one, context) or required_aws(one) or "")[1]
        return greatest is not None and greatest < TABLED

    return is_asked_for(module, is_required)


def _least_that_comes(module: Module, constraint: str | None) -> tuple[int, int]:
    """Return the least version of the provider that may come. Without any constraint the newest one does."""
    known = constraint or required_aws(module)
    return least(known) if known else (0, 0) if module.callers else (NEXT, 0)


def _written(block: Block, path: str) -> Iterator[Attribute | Block]:
    """Give what is written at a path of a block: the block itself, an attribute, or the first block."""
    if not path:
        yield block
        return
    *outer, last = path.split(".")
    for holder in block.blocks(*outer) if outer else (block,):
        attribute = holder.attribute(last)
        if attribute is not None and attribute.value is not None:
            yield attribute
        elif attribute is None and (inner := holder.block(last)):
            yield inner


def _of_argument(found: Attribute | Block, path: str, name: str, comes: tuple[int, int]) -> tuple[Edit, ...]:
    if not isinstance(found, Attribute) or found.expression.source.path.endswith(".json"):
        return ()
    if name and comes >= (TABLED, 0):
        return (Edit(found.expression.source.path, found.start, found.start + len(found.name), name),)
    value = found.value
    text = ""
    if path == "vpc" and value is True and comes >= _DOMAIN_SINCE:
        text = 'domain = "vpc"'
    elif path == "is_enabled" and isinstance(value, bool) and not found.references and comes >= _STATE_SINCE:
        text = _STATES[value]
    return (Edit(found.expression.source.path, found.start, found.end, text),) if text else ()


def _expressions(block: Block) -> Iterator[Expression]:
    # In .tf.json a block's attributes hold its blocks already.
    for one in (block,) if block.in_json else block.walk():
        yield from (attribute.expression for attribute in one.attributes.values())
        if one.for_each is not None:
            yield one.for_each


def _references(expression: Expression, allowed: Majors | None) -> Iterator[Outcome]:
    for reference in dict.fromkeys(expression.references):
        key, path = _named(reference)
        if _is_tabled(reference):
            for at, edit in occurrences(expression, reference, "region" if key[1] == "aws_region" else None):
                surely = allowed is not None and allowed[0] >= NEXT and edit is not None
                yield from _finding(at, key, path, allowed, (edit,) if surely and edit else ())


def _is_tabled(reference: Reference) -> bool:
    key, path = _named(reference)
    return path != "" and path in table().get(key, ())


def _named(reference: Reference) -> tuple[tuple[str, str], str]:
    parts = reference.parts
    kind, parts = ("data", parts[1:]) if parts[0] == "data" else ("resource", parts)
    return (kind, parts[0]) if parts else ("", ""), ".".join(parts[2:3])


def _finding(
    at: Placed,
    key: tuple[str, str],
    path: str,
    allowed: Majors | None,
    edits: tuple[Edit, ...],
    *,
    is_set: bool = False,
) -> Iterator[Finding]:
    known = note(key, path)
    reaches = allowed is not None and (allowed[1] is None or allowed[1] >= NEXT)
    if known.since >= NEXT and known.removed and not reaches:
        return
    what = f"`{path}` of `{key[1]}`" if path else f"`{key[1]}`"
    gone = known.removed == TABLED or (known.removed == NEXT and reaches)
    yield RULE.finding(
        at=at,
        message=f"{what} {_said(known, gone)}",
        fix=_fix(known, key, path, allowed, is_set=is_set),
        severity=_severity(known, gone, reaches, allowed),
        stage=Stage.VALIDATE if gone else RULE.stage,
        edits=edits,
    )


def _said(known: Note, gone: bool) -> str:
    if known.removed == TABLED:
        return f"is gone since version {TABLED} of the AWS provider"
    if gone:
        return f"is gone in version {NEXT} of the AWS provider, which the version constraint allows"
    if known.removed == NEXT:
        return f"is deprecated, and gone in version {NEXT} of the AWS provider"
    return f"is deprecated since version {known.since} of the AWS provider" if known.since > 5 else "is deprecated"


def _severity(known: Note, gone: bool, reaches: bool, allowed: Majors | None) -> Severity:
    if gone:
        return Severity.HIGH
    not_yet = known.since >= NEXT and allowed is not None and not reaches
    return Severity.LOW if not_yet else Severity.MEDIUM


def _fix(known: Note, key: tuple[str, str], path: str, allowed: Majors | None, *, is_set: bool) -> str:
    if (key, path) == (("data", "aws_region"), "name") and (allowed is None or allowed[0] < NEXT):
        if is_set:
            # Version 5 takes an `id` there and gives the provider's region all the same.
            return "Use `region` once version 6 is required; in version 5 a region is chosen by its `name`."
        return "Use `id`: it is the same, and in version 5 as in 6; or `region` once version 6 is required."
    page = f"see the page of `{key[1]}` in the provider's documentation"
    return f"Use {known.use}." if known.use else f"Do without it; {page}."


RULE = Rule(
    id="deprecated",
    title="Arguments, attributes and resources that the AWS provider gives up",
    severity=Severity.MEDIUM,
    stage=Stage.PLAN,
    why="Terraform warns at every plan, and a later major version of the provider refuses the configuration. "
    "Version 6 has removed much of what version 5 calls deprecated, and version 5 what 4 did.",
    reference="https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade",
    check=check,
)
