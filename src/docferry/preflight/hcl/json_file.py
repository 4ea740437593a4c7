"""Reads .tf.json files.

JSON is read by the same grammar, since an object of Terraform's language may be written as one; so every place is
exact. What is an object there is both an attribute and a block in the model, for only a provider knows which.
"""

from dataclasses import replace

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.build import address_of
from docferry.preflight.hcl.expression import Expression, Scope
from docferry.preflight.hcl.json_shape import NotRead, faults, objects, pairs, read
from docferry.preflight.hcl.json_strings import as_language
from docferry.preflight.hcl.kinds import LABELS
from docferry.preflight.hcl.parse import SHOWN, SyntaxFault
from docferry.preflight.hcl.piece import DEEPEST
from docferry.preflight.hcl.source import Source

_BLOCKS_WITH_LABEL = ("backend", "provisioner", "dynamic")


def read_json(source: Source, scope: Scope) -> tuple[list[SyntaxFault], list[Block]]:
    """Return what is wrong with a file, and its blocks."""
    try:
        twice = read(source.data)
    except NotRead as error:
        return [error.fault], []
    data = as_language(source.data)
    start, end = len(data) - len(data.lstrip()), len(data.rstrip())
    whole = Expression(Source(source.path, data), start, end, scope, "")
    found = list(faults(whole, twice=twice))
    if found:
        return sorted(found, key=lambda one: one.offset)[:SHOWN], []
    return [], [block for one in objects(whole) for name, value in pairs(one) for block in _top(name, value)]


def _top(kind: str, expression: Expression) -> list[Block]:
    found: list[tuple[tuple[str, ...], Expression]] = [((), expression)]
    for _ in range(LABELS.get(kind, 0)):
        found = [
            ((*labels, name), value)
            for labels, held in found
            for one in objects(held)
            for name, value in pairs(one)
        ]
    return [
        _block(kind, labels, one, address_of(kind, labels), 0)
        for labels, held in found
        for one in objects(held)
        if one.items is not None
    ]


def _block(kind: str, labels: tuple[str, ...], expression: Expression, address: str, depth: int) -> Block:
    attributes: dict[str, Attribute] = {}
    children: list[Block] = []
    for name, given in pairs(expression) if depth < DEEPEST else ():
        value = replace(given, address=address)
        attributes[name] = Attribute(name, value, value.start, value.end)
        for one in objects(value):
            if name in _BLOCKS_WITH_LABEL:
                children += [_block(name, (label,), inner, address, depth + 1) for label, inner in pairs(one)]
            elif one.items is not None:
                children.append(_block(name, (), one, address, depth + 1))
    source = expression.source
    return Block(
        kind, labels, attributes, tuple(children), source, expression.start, expression.end, address, in_json=True
    )
