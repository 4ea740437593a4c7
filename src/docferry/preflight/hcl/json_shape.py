"""What Terraform refuses of a .tf.json file: what is no JSON, a value where a block is meant, a name set twice."""

import json
import re
from collections.abc import Iterator
from itertools import chain

from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.json_strings import STRING, STRINGS
from docferry.preflight.hcl.kinds import LABELS, unknown
from docferry.preflight.hcl.parse import SyntaxFault
from docferry.preflight.hcl.piece import DEEPEST, parsed

COMMENT = "//"
_NO_NUMBER = re.compile(STRING + rb"|(-?Infinity|NaN)", re.DOTALL)
_WITHIN = {
    "terraform": {"backend": 1, "cloud": 0, "provider_meta": 1, "required_providers": 0},
    "resource": {"lifecycle": 0, "provisioner": 1},
}
_BOM = b"\xef\xbb\xbf"


class NotRead(ValueError):
    """A file that is no JSON, with its `fault`."""

    def __init__(self, fault: SyntaxFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def read(data: bytes) -> bool:
    """Read JSON as Terraform does, which is stricter than Python; return whether a name is set twice.

    Raises NotRead where it is none, or neither an object nor a list.
    """
    twice: list[str] = []

    def paired(pairs: list[tuple[str, object]]) -> dict[str, object]:
        values = [name for name, value in pairs if not isinstance(value, dict | list) and name != COMMENT]
        twice.extend(values if len(set(values)) < len(values) else ())
        return dict(pairs)

    if data.startswith(_BOM):
        raise NotRead(SyntaxFault(0, "a byte order mark, which JSON has not"))
    for found in _NO_NUMBER.finditer(data):
        if found[1]:
            raise NotRead(SyntaxFault(found.start(), f"no JSON: `{found[1].decode()}`"))
    try:
        held = json.loads(data, object_pairs_hook=paired)
    except json.JSONDecodeError as error:
        offset = len(data.decode()[: error.pos].encode())
        raise NotRead(SyntaxFault(offset, f"no JSON: {error.msg}")) from error
    except RecursionError as error:
        raise NotRead(SyntaxFault(0, "nested too deeply")) from error
    if not isinstance(held, dict | list):
        raise NotRead(SyntaxFault(0, "neither an object nor a list of objects"))
    return bool(twice)


def pairs(expression: Expression) -> list[tuple[str, Expression]]:
    """Return the names and values of an object, without comments."""
    return [(name, value) for name, value in expression.items or () if name is not None and name != COMMENT]


def objects(expression: Expression) -> list[Expression]:
    """Return the object, or the objects of a list."""
    return expression.elements if expression.elements is not None else [expression]


def faults(whole: Expression, *, twice: bool) -> Iterator[SyntaxFault]:
    """Give what Terraform refuses; what is set twice is looked for only if there is something."""
    if whole.items is None and whole.elements is None:
        yield from _in_a_template(whole)
        return
    for one in objects(whole):
        if one.items is None:
            yield SyntaxFault(one.start, "no object")
        for kind, value in pairs(one):
            yield from _of_kind(kind, value)
    if twice:
        yield from _twice(whole, 0)


def _in_a_template(whole: Expression) -> Iterator[SyntaxFault]:
    """Find the strings that keep a file, which is JSON, from being read."""
    data = whole.source.data
    for found in STRINGS.finditer(data, whole.start, whole.end):
        if parsed(found[0]).node is None:
            yield SyntaxFault(found.start(), f"`{_short(found[0].decode())}` holds a template that cannot be read")


def _of_kind(kind: str, value: Expression) -> Iterator[SyntaxFault]:
    if kind not in LABELS:
        yield SyntaxFault(value.start, unknown(kind))
        return
    yield from _of_block(kind, value, LABELS[kind])
    for body in bodies(value, LABELS[kind]):
        for name, inner in pairs(body):
            if name in _WITHIN.get(kind, {}):
                yield from _of_block(name, inner, _WITHIN[kind][name])


def _of_block(kind: str, value: Expression, labels: int) -> Iterator[SyntaxFault]:
    """Look at the objects whose names are labels, and at the blocks themselves, which may be null."""
    unlabelled = next((one for one in (bodies_at(value, depth) for depth in range(labels)) if _is_bare(one)), None)
    if unlabelled:
        names = f"{labels} label{'' if labels == 1 else 's'}"
        yield SyntaxFault(unlabelled[0].start, f"`{kind}` takes {names}, and none is given here")
        return
    for depth in range(labels + 1):
        for one in chain.from_iterable(objects(each) for each in bodies_at(value, depth)):
            if one.items is None and (depth < labels or one.text != "null"):
                yield SyntaxFault(one.start, f"`{kind}` has to be an object here, not `{_short(one.text)}`")


def _is_bare(held: list[Expression]) -> bool:
    """Whether there are objects, or lists of them, and no name in any."""
    return all(one.items is not None and not pairs(one) for each in held for one in objects(each))


def bodies_at(value: Expression, depth: int) -> list[Expression]:
    """Return what stands behind so many names."""
    found = [value]
    for _ in range(depth):
        found = [inner for one in found for each in objects(one) for _, inner in pairs(each)]
    return found


def bodies(value: Expression, labels: int) -> list[Expression]:
    """Return the objects behind all labels."""
    return [one for each in bodies_at(value, labels) for one in objects(each) if one.items is not None]


def _short(text: str) -> str:
    return " ".join(text.split())[:40]


def _twice(expression: Expression, depth: int) -> Iterator[SyntaxFault]:
    if depth > DEEPEST:
        return
    for one in objects(expression):
        seen: set[str] = set()
        for name, value in pairs(one):
            nested = value.items is not None or value.elements is not None
            if nested:
                yield from _twice(value, depth + 1)
            elif name in seen:
                yield SyntaxFault(value.start, f"`{name}` is set a second time in one object")
            if not nested:
                seen.add(name)
