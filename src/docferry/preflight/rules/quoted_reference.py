"""A reference and a type are written without quotes."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._versions import is_before

_FIRST_WITHOUT_QUOTES = "0.12"
_FIRST_TO_REFUSE_TYPES = "0.15"
_TYPES = {"string": "string", "list": "list(any)", "map": "map(any)"}
"""The types that there were as long as they were quoted, and what 0.12 took them for: elements of any type."""
_REFERRING = ("data", "module", "output", "resource")
_EVERYTHING = '"*"'


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for quotes where Terraform before 0.12 wanted them."""
    if is_before(module, _FIRST_WITHOUT_QUOTES):
        return
    severity = Severity.LOW if is_before(module, _FIRST_TO_REFUSE_TYPES) else Severity.CRITICAL
    for variable in module.of("variable"):
        kind = variable.attribute("type")
        if kind is not None and not variable.in_json and kind.expression.text.strip('"') in _TYPES:
            yield from _quoted(kind.expression, _TYPES[kind.expression.text.strip('"')], severity)
    low: dict[str, list[Expression]] = {}
    # Also those with `count = 0`: Terraform reads what is written in them.
    for block in module.blocks:
        for one in _references(block) if block.type in _REFERRING and not block.in_json else ():
            if one.text == _EVERYTHING:
                yield from _everything(block, severity)
            elif _is_quoted(one):
                low.setdefault(one.source.path, []).append(one)
    yield from (_together(found) for found in low.values())


def _references(block: Block) -> Iterator[Expression]:
    """Give what stands where a reference must, element by element."""
    held = [block.attribute("depends_on"), block.ignore_changes]
    held += [] if block.type == "module" else [block.attribute("provider")]
    for one in held:
        if one is not None:
            elements = one.expression.elements
            yield from (one.expression,) if elements is None else elements
    given = block.attribute("providers") if block.type == "module" else None
    if given is not None:
        yield from (value for _, value in given.expression.items or ())


def _is_quoted(expression: Expression) -> bool:
    written = expression.text
    return written.startswith('"') and written.endswith('"') and "${" not in written


def _quoted(expression: Expression, unquoted: str, severity: Severity) -> Iterator[Outcome]:
    if _is_quoted(expression):
        yield RULE.finding(
            at=expression,
            message=f"`{expression.text}` stands in quotes",
            fix=f"Write `{unquoted}`.",
            edits=(expression.replaced(unquoted),),
            severity=severity,
            why=_WARNS if severity is Severity.LOW else None,
        )


def _together(found: list[Expression]) -> Outcome:
    """Return what is wrong with a file's references: old ones have hundreds."""
    first, *others = found
    more = f", and {len(others)} more in this file" if others else ""
    return RULE.finding(
        at=first,
        message=f"`{first.text}` stands in quotes{more}",
        fix=f"Write `{first.value}`." if not others else f"Write `{first.value}`, and so on.",
        edits=tuple(one.replaced(str(one.value)) for one in found),
        severity=Severity.LOW,
        why=_WARNS,
    )


def _everything(block: Block, severity: Severity) -> Iterator[Outcome]:
    ignored = block.ignore_changes
    if ignored is not None:
        yield RULE.finding(
            at=ignored.expression,
            message=f"`{_EVERYTHING}` in quotes does not stand for everything any more",
            fix="Write `all`, without brackets.",
            edits=(ignored.expression.replaced("all"),),
            severity=severity,
        )


_WARNS = "Terraform takes it and warns: a future version will not."
RULE = Rule(
    id="quoted-reference",
    title="Reference or type in quotes",
    severity=Severity.CRITICAL,
    stage=Stage.INIT,
    why="Before 0.12 Terraform wanted quotes, and since 0.15 refuses the directory: `Invalid quoted type "
    "constraints`.",
    reference="https://developer.hashicorp.com/terraform/language/expressions/type-constraints",
    check=check,
)
