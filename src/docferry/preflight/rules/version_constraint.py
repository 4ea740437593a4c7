"""Versions that are asked for are written so that Terraform can read them, and there are such."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Template, Unknown, Value
from docferry.preflight.rule import Context, Placed, Rule
from docferry.preflight.rules._versions import is_empty, majors

NEWEST = 1
"""The newest major version of Terraform that there is, by its releases."""
_SIGN = r"\s*(?:!=|~>|>=|<=|>|<|=)?\s*"
_SUFFIX = r"(?:-[0-9A-Za-z.~-]+)?(?:\+[0-9A-Za-z.~-]+)?\s*"
_CLAUSE = re.compile(rf"{_SIGN}v?\d+(?:\.\d+)*{_SUFFIX}", re.ASCII)
_PROVIDERS_CLAUSE = re.compile(rf"{_SIGN}\d+(?:\.\d+){{0,2}}{_SUFFIX}", re.ASCII)
_SYNTAX = (
    "Write Terraform's operators, with commas between, so that something is left: "
    "`= 1.2`, `>= 1.2, < 2`, `~> 1.2`, `!= 1.2.1`."
)


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for the versions of Terraform, of providers and of modules that are asked for."""
    for block in module.of("terraform"):
        held = block.attribute("required_version")
        yield from _of_terraform(held) if held else ()
        for required in block.blocks("required_providers"):
            for one in required.attributes.values():
                yield from _of_provider(one)
    for block in (*module.of("provider"), *module.of("module")):
        held = block.attribute("version")
        if held is not None:
            yield from _of_provider(held) if block.type == "provider" else _of_module(block, held)


def _of_terraform(held: Attribute) -> Iterator[Outcome]:
    value, text = held.value, held.expression.text
    if held.references:
        yield _computed(held, held.expression)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        said = f"`{text}` is a number: exactly that version is asked for, and no other will do"
        yield _finding(held, said, f'Write it as a text with an operator, such as `">= {text}"`.')
    elif wrong := _wrong(value, _CLAUSE):
        yield _finding(held, wrong, _SYNTAX)
    elif isinstance(value, str) and majors(value)[0] > NEWEST:
        said = f"`{text}` asks for a version of Terraform that there is not: the newest begin with {NEWEST}"
        yield _finding(held, said, "Ask for one that there is.")
    elif isinstance(value, str) and "-" in value:
        yield _finding(held, f"`{text}` asks for a version before its release", "Ask for a released one.")


def _of_provider(held: Attribute) -> Iterator[Outcome]:
    value, item = held.value, held.expression.item("version")
    if item is None and held.expression.items is not None:
        # No version is asked for. Aliases of the provider, if there are some, are no part of one.
        return
    at, written = (item, item) if item else (held, held.expression)
    version = value.get("version") if isinstance(value, dict) else value
    if written.references:
        yield _computed(at, written)
    elif wrong := _wrong(version, _PROVIDERS_CLAUSE):
        yield _finding(at, wrong, _SYNTAX)


def _of_module(block: Block, held: Attribute) -> Iterator[Outcome]:
    source = block.value("source")
    if isinstance(source, str) and source.startswith(("./", "../")):
        said = f"the module is a directory, `{source}`, which has no versions"
        yield _finding(held, said, "Remove `version`: what is called is what is there.")
    elif wrong := _wrong(held.value, _CLAUSE):
        yield _finding(held, wrong, _SYNTAX)


def _wrong(value: Value, clause: re.Pattern[str]) -> str:
    """Return what is wrong with a constraint, or nothing where it can be read or cannot be told."""
    if value is None or isinstance(value, Unknown | Reference | Template):
        return ""
    if not isinstance(value, str):
        return "a version has to be a text"
    if not all(map(clause.fullmatch, value.split(","))):
        return f'`"{value}"` is no version constraint'
    empty = is_empty(value, of_provider=clause is _PROVIDERS_CLAUSE)
    return f'`"{value}"` contradicts itself: no version is all of that' if empty else ""


def _computed(at: Placed, written: Expression) -> Finding:
    return _finding(at, f"the version is computed from `{written.references[0]}`", "Write the version itself.")


def _finding(at: Placed, message: str, fix: str) -> Finding:
    return RULE.finding(at=at, message=message, fix=fix)


RULE = Rule(
    id="version-constraint",
    title="Version that cannot be read, or that there is not",
    severity=Severity.CRITICAL,
    stage=Stage.INIT,
    why="`terraform init` refuses the directory before anything else happens.",
    reference="https://developer.hashicorp.com/terraform/language/expressions/version-constraints",
    check=check,
)
