"""IAM policies in one shape, be they aws_iam_policy_document, jsonencode() or JSON in a string."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from docferry.preflight.finding import Place
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.json_text import decoded
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value

DOCUMENT = "aws_iam_policy_document"
ROLE = "aws_iam_role"
POLICY = "aws_iam_policy"
ATTRIBUTES = (
    "policy",
    "assume_role_policy",
    "access_policy",
    "access_policies",
    "resource_policy",
    "policy_text",
    "inline_policy",
)
"""The arguments of resources that hold a policy."""

Values = tuple[Value, ...] | Unknown
"""Some values, each of which may be unknown; UNKNOWN where not even their number is known."""


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


@dataclass(frozen=True, slots=True)
class Attached:
    """A policy of a role. `sure` is False where it may be another's, or none at all.

    `arn` is that of one that is attached, be it known or not.
    """

    policy: Policy | Unknown
    sure: bool
    arn: Value = None


@dataclass(frozen=True, slots=True)
class Grants:
    """The statements of several policies, and whether there may be no more of them."""

    statements: tuple[Statement, ...]
    complete: bool


# Several rules ask for those of a module, one after the other.
@lru_cache(maxsize=1)
def policies(module: Module) -> tuple[tuple[Policy, Block, str], ...]:
    """Return all policies of a module, with the block they are written in and the argument's name.

    A data source's policy is there once, for itself (the name is empty), not again for each resource that uses it.
    """
    return tuple(_policies(module))


def _policies(module: Module) -> Iterator[tuple[Policy, Block, str]]:
    for block in module.data(DOCUMENT):
        yield document(block), block, ""
    for block in module.resources():
        for name, held in written_in(block):
            found = UNKNOWN if module.resolve(held.value) is not None else policy_of(held.expression, module)
            if isinstance(found, Policy):
                yield found, block, name


def written_in(block: Block) -> Iterator[tuple[str, Attribute]]:
    """Give the arguments of a resource that hold a policy, each with its name."""
    yield from ((name, block.attributes[name]) for name in ATTRIBUTES if name in block.attributes)
    if block.labels[0] == ROLE:
        inline = (one.attribute("policy") for one in block.blocks("inline_policy"))
        yield from (("inline_policy", one) for one in inline if one is not None)


def policies_of(role: Block, module: Module) -> Iterator[Attached]:
    """Give the policies that are written in a role or for it, attached to it, or may be so."""
    for block in role.blocks("inline_policy"):
        yield Attached(_policy_in(block, module), not block.dynamic)
    for block in module.resources("aws_iam_role_policy"):
        is_its = _is_role(block.value("role"), role, module)
        if is_its is not False:
            yield Attached(_policy_in(block, module), bool(is_its))
    for is_its, arn in _attachments(role, module):
        if is_its is not False:
            yield Attached(_attached(arn, module), bool(is_its), arn)


def _attachments(role: Block, module: Module) -> Iterator[tuple[bool | None, Value]]:
    """Give the policies that are attached to roles, and whether it is this role, None if that cannot be told."""
    for block in module.resources("aws_iam_role_policy_attachment"):
        yield _is_role(block.value("role"), role, module), block.value("policy_arn")
    for block in module.resources("aws_iam_policy_attachment"):
        roles = block.value("roles")
        for one in roles if isinstance(roles, list) else (roles,):
            yield _is_role(one, role, module), block.value("policy_arn")
    for block in module.resources("aws_iam_role_policy_attachments_exclusive"):
        # It takes away all others, and attaches these.
        arns = block.value("policy_arns")
        for arn in arns if isinstance(arns, list) else (arns,):
            yield _is_role(block.value("role_name"), role, module), arn
    managed = role.value("managed_policy_arns")
    for arn in managed if isinstance(managed, list) else (managed,):
        yield arn is not None, arn


def _is_role(value: Value, role: Block, module: Module) -> bool | None:
    if value is None:
        return False
    found = module.resolve(value) if isinstance(value, Reference) else None
    if found is not None and found.type == "resource" and found.labels[0] == ROLE:
        return found is role
    name = role.value("name")
    return value == name if isinstance(value, str) and isinstance(name, str) else None


def _attached(arn: Value, module: Module) -> Policy | Unknown:
    block = module.resolve(arn) if isinstance(arn, Reference) else None
    known = block is not None and block.type == "resource" and block.labels[0] == POLICY
    return _policy_in(block, module) if block is not None and known else UNKNOWN


def _policy_in(block: Block, module: Module) -> Policy | Unknown:
    held = block.attribute("policy")
    return UNKNOWN if held is None else policy_of(held.expression, module)


def granted_by(found: Sequence[Policy | Unknown]) -> Grants:
    """Return what policies say together."""
    known = [one for one in found if isinstance(one, Policy)]
    complete = len(known) == len(found) and all(one.complete for one in known)
    return Grants(tuple(one for policy in known for one in policy.statements), complete)


def policy_of(expression: Expression, module: Module) -> Policy | Unknown:
    """Return the policy that an argument comes to, through references to data sources, or UNKNOWN."""
    value = expression.value
    if isinstance(value, Reference):
        block = module.resolve(value)
        is_document = block is not None and block.type == "data" and block.labels[0] == DOCUMENT
        return document(block) if block is not None and is_document and value.attribute == "json" else UNKNOWN
    return from_value(value, expression)


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
