"""An IAM policy in one shape, be it aws_iam_policy_document, jsonencode() or JSON in a string."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from docferry.preflight.finding import Place
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.json_text import decoded
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value

Values = tuple[Value, ...] | Unknown
"""Some values, each of which may be unknown; UNKNOWN where not even their number is known."""
_MERGED = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_ELEMENTS = {
    "sid": "sid",
    "actions": "action",
    "not_actions": "notaction",
    "resources": "resource",
    "not_resources": "notresource",
    "principals": "principal",
    "not_principals": "notprincipal",
    "condition": "condition",
}
"""What a statement of aws_iam_policy_document calls them, and IAM."""

_Any = TypeVar("_Any")


def told(values: tuple[_Any, ...] | Unknown) -> tuple[_Any, ...]:
    """Return those of some values that are written, none where not even their number is known."""
    return () if isinstance(values, Unknown) else values


@dataclass(frozen=True, slots=True)
class Condition:
    """A test such as `StringEquals` of a key such as `aws:SourceAccount`."""

    test: str
    key: str
    values: Values


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. What it does not have is an empty tuple; `principals` are pairs of a type and a value.

    `written` names the elements that are there, in lower case (`notaction`), be their value null or not known.
    `assumed` says which of its actions and resources are those of a variable, which may be given others.
    `origin` is what it is written in; `place` is exact where the statement is written out, else that of the whole
    policy.
    """

    sid: Value
    effect: Value
    actions: Values
    not_actions: Values
    resources: Values
    not_resources: Values
    principals: tuple[tuple[str, Value], ...] | Unknown
    not_principals: tuple[tuple[str, Value], ...] | Unknown
    conditions: tuple[Condition, ...] | Unknown
    written: frozenset[str]
    origin: Block | Expression
    place: Place
    address: str
    assumed: frozenset[str] = frozenset()

    @property
    def allows(self) -> bool:
        """Whether it is known to allow something."""
        return self.effect == "Allow"

    @property
    def for_everyone(self) -> bool:
        """Whether it is for every principal there is."""
        held = self.principals
        return not isinstance(held, Unknown) and any(kind in ("*", "AWS") and one == "*" for kind, one in held)

    @property
    def hangs_on_a_variable(self) -> bool:
        """Whether something in it hangs on a variable, which may be given another value at deployment."""
        if isinstance(self.origin, Expression):
            return self.origin.assumed
        blocks = tuple(self.origin.walk())
        made = (one.for_each for one in blocks)
        held = (one.expression for block in blocks for one in block.attributes.values())
        return any(one is not None and one.assumed for one in (*made, *held))


@dataclass(frozen=True, slots=True)
class Policy:
    """Statements, and whether these are all: others may be merged in or made by `dynamic`.

    `merged` says that those of other documents are merged in.
    """

    statements: tuple[Statement, ...]
    complete: bool
    version: Value
    place: Place
    address: str
    merged: bool = False


def from_value(value: Value, expression: Expression) -> Policy | Unknown:
    """Return the policy in a value: an object, or JSON as a text, of which parts may be unknown."""
    if isinstance(value, str | Template):
        value = decoded(value)
    if not isinstance(value, dict):
        return UNKNOWN
    held = value.get("Statement", UNKNOWN)
    if isinstance(held, dict):
        held = [held]
    if not isinstance(held, list):
        return UNKNOWN
    origins = _origins(expression, len(held))
    found = [_from_object(one, origin) for one, origin in zip(held, origins, strict=True) if isinstance(one, dict)]
    complete, version = len(found) == len(held), value.get("Version")
    return Policy(tuple(found), complete, version, expression.place, expression.address)


def document(block: Block) -> Policy:
    """Return the policy of a data source aws_iam_policy_document, without statements that there are none of."""
    merged = any(name in block.attributes for name in _MERGED)
    written = block.blocks("statement")
    complete = not merged and not any(one.dynamic for one in written)
    statements = tuple(_from_block(one) for one in written if not one.absent)
    return Policy(statements, complete, block.value("version"), block.place, block.address, merged)


def _from_block(block: Block) -> Statement:
    effect = block.value("effect")
    return Statement(
        sid=block.value("sid"),
        effect="Allow" if effect is None else effect,
        actions=_many(block.value("actions")),
        not_actions=_many(block.value("not_actions")),
        resources=_many(block.value("resources")),
        not_resources=_many(block.value("not_resources")),
        principals=_principals(block.blocks("principals")),
        not_principals=_principals(block.blocks("not_principals")),
        conditions=_conditions(block.blocks("condition")),
        written=frozenset(_written(block)),
        origin=block,
        place=block.place,
        address=block.address,
        assumed=frozenset(name for name in ("actions", "resources") if _is_a_variables(block.attribute(name))),
    )


def _written(block: Block) -> Iterator[str]:
    yield "effect"
    inner = {one.type for one in block.children}
    yield from (element for name, element in _ELEMENTS.items() if name in block.attributes or name in inner)


def _many(value: Value) -> Values:
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str | Template) or _is_one(value) else UNKNOWN


def _is_one(value: Value) -> bool:
    """Whether it is a reference to what has one value, as its name says: another may be a list."""
    if not isinstance(value, Reference) or value.splat:
        return False
    return value.parts[-1].rsplit("_", 1)[-1] in ("arn", "bucket", "id", "name", "url")


def _principals(blocks: tuple[Block, ...]) -> tuple[tuple[str, Value], ...] | Unknown:
    found: list[tuple[str, Value]] = []
    for one in blocks:
        kind, values = one.value("type"), _many(one.value("identifiers"))
        if one.dynamic or not isinstance(kind, str) or isinstance(values, Unknown):
            return UNKNOWN
        found += [(kind, value) for value in values]
    return tuple(found)


def _conditions(blocks: tuple[Block, ...]) -> tuple[Condition, ...] | Unknown:
    found = []
    for one in blocks:
        test, key = one.value("test"), one.value("variable")
        if one.dynamic or not isinstance(test, str) or not isinstance(key, str):
            return UNKNOWN
        found.append(Condition(test, key, _many(one.value("values"))))
    return tuple(found)


def _is_a_variables(held: Attribute | Expression | None) -> bool:
    """Whether a list, or one of its elements, is that of a variable: a text with one in it is not."""
    expression = held.expression if isinstance(held, Attribute) else held
    parts = (expression.elements or [expression]) if expression else []
    return any(one.assumed and not one.text.startswith('"') for one in parts)


def _from_object(held: dict[str, Value], origin: Expression) -> Statement:
    named = {"actions": origin.item("Action"), "resources": origin.item("Resource")}
    return Statement(
        sid=held.get("Sid"),
        effect=held.get("Effect", UNKNOWN),
        actions=_many(held.get("Action")),
        not_actions=_many(held.get("NotAction")),
        resources=_many(held.get("Resource")),
        not_resources=_many(held.get("NotResource")),
        principals=_principals_of(held.get("Principal")),
        not_principals=_principals_of(held.get("NotPrincipal")),
        conditions=_conditions_of(held.get("Condition")),
        written=frozenset(one.lower() for one in held),
        origin=origin,
        place=origin.place,
        address=origin.address,
        assumed=frozenset(name for name, one in named.items() if _is_a_variables(one)),
    )


def _principals_of(value: Value) -> tuple[tuple[str, Value], ...] | Unknown:
    if value is None:
        return ()
    if value == "*":
        return (("*", "*"),)
    if isinstance(value, str | list):
        # Neither is taken by IAM: there is no type.
        return tuple(("", one) for one in (value if isinstance(value, list) else (value,)))
    if not isinstance(value, dict):
        return UNKNOWN
    found: list[tuple[str, Value]] = []
    for kind, held in value.items():
        # A reference is one value here: an ARN of a role, most often.
        values = (held,) if isinstance(held, Reference) else _many(held)
        if isinstance(values, Unknown):
            return UNKNOWN
        found += [(kind, one) for one in values]
    return tuple(found)


def _conditions_of(value: Value) -> tuple[Condition, ...] | Unknown:
    if value is None:
        return ()
    if not isinstance(value, dict):
        return UNKNOWN
    found = []
    for test, keys in value.items():
        if not isinstance(keys, dict):
            return UNKNOWN
        found += [Condition(test, key, _many(held)) for key, held in keys.items()]
    return tuple(found)


def _origins(expression: Expression, count: int) -> list[Expression]:
    """Return where each of some statements is written, the whole of them where that cannot be told."""
    called = expression.call
    written = called[1][0] if called and called[0] == "jsonencode" and called[1] else None
    statement = written.item("Statement") if written else None
    elements = statement.elements if statement else None
    if elements is not None and len(elements) == count:
        return elements
    return [statement or expression] * count
