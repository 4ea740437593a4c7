"""Reads .tf.json files.

JSON is read by the same grammar, since an object of Terraform's language may be written as one; so every place is
exact. What is an object there is both an attribute and a block in the model, for only a provider knows which.
"""

import json
import re
from dataclasses import replace

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.build import address_of
from docferry.preflight.hcl.expression import Expression, Scope
from docferry.preflight.hcl.parse import SyntaxFault
from docferry.preflight.hcl.piece import DEEPEST
from docferry.preflight.hcl.source import Source

_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_INNER = re.compile(rb"[$%]\{.*\}", re.DOTALL)
_BLOCKS_WITH_LABEL = ("backend", "provisioner", "dynamic")


def read_json(source: Source, scope: Scope) -> tuple[list[SyntaxFault], list[Block]]:
    """Return what is wrong with a file, and its blocks."""
    try:
        held = json.loads(source.data)
    except json.JSONDecodeError as error:
        offset = len(source.data.decode()[: error.pos].encode())
        return [SyntaxFault(offset, f"no JSON: {error.msg}")], []
    except RecursionError:
        return [SyntaxFault(0, "nested too deeply")], []
    if not isinstance(held, dict):
        return [SyntaxFault(0, "no object")], []
    data = _as_language(source.data)
    start, end = data.index(b"{"), data.rindex(b"}") + 1
    whole = Expression(Source(source.path, data), start, end, scope, "")
    return [], [block for name, value in _pairs(whole) for block in _top(name, value)]


def _as_language(data: bytes) -> bytes:
    """Write quotes inside `${}` as the language does, without a backslash: no byte moves."""
    if b"{" not in data or b'\\"' not in data:
        return data
    return _STRING.sub(lambda found: _INNER.sub(_quoted, found[0]), data)


def _quoted(found: re.Match[bytes]) -> bytes:
    *pieces, last = found[0].split(b'\\"')
    # The space is outside of what is quoted: before its beginning, after its end.
    return b"".join(one + (b' "' if at % 2 == 0 else b'" ') for at, one in enumerate(pieces)) + last


def _pairs(expression: Expression) -> list[tuple[str, Expression]]:
    return [(name, value) for name, value in expression.items or () if name is not None and name != "//"]


def _objects(expression: Expression) -> list[Expression]:
    """Return the object, or the objects of a list."""
    return expression.elements if expression.elements is not None else [expression]


def _top(kind: str, expression: Expression) -> list[Block]:
    found: list[tuple[tuple[str, ...], Expression]] = [((), expression)]
    for _ in range(_LABELS.get(kind, 0)):
        found = [
            ((*labels, name), value)
            for labels, held in found
            for one in _objects(held)
            for name, value in _pairs(one)
        ]
    return [
        _block(kind, labels, one, address_of(kind, labels), 0)
        for labels, held in found
        for one in _objects(held)
        if one.items is not None
    ]


def _block(kind: str, labels: tuple[str, ...], expression: Expression, address: str, depth: int) -> Block:
    attributes: dict[str, Attribute] = {}
    children: list[Block] = []
    for name, given in _pairs(expression) if depth < DEEPEST else ():
        value = replace(given, address=address)
        attributes[name] = Attribute(name, value, value.start, value.end)
        for one in _objects(value):
            if name in _BLOCKS_WITH_LABEL:
                children += [_block(name, (label,), inner, address, depth + 1) for label, inner in _pairs(one)]
            elif one.items is not None:
                children.append(_block(name, (), one, address, depth + 1))
    source = expression.source
    return Block(
        kind, labels, attributes, tuple(children), source, expression.start, expression.end, address, in_json=True
    )
