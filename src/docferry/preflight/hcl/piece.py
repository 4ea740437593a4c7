"""Parses one expression by itself."""

import re
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from docferry.preflight.hcl.parse import parse
from docferry.preflight.hcl.source import Source

DEEPEST = 60
"""How deep parts are looked into: what is nested deeper is unknown, whatever wrote it."""

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_OF_JSON = (b"/", b"b", b"f")
_PREFIX = b"_="
PREFIX_LENGTH = len(_PREFIX)


@dataclass(frozen=True, slots=True)
class Piece:
    """An expression's node, None if it is none, and the text that the node's bytes are in."""

    node: Node | None
    source: Source


@lru_cache(maxsize=512)
def parsed(text: bytes) -> Piece:
    """Parse an expression. Its first byte is at PREFIX_LENGTH."""
    data = _PREFIX + text + b"\n"
    tree = parse(data)
    if tree.root_node.has_error and b"\\" in text:
        # JSON has escapes that the grammar has not. What is written is read from `data`.
        tree = parse(_ESCAPE.sub(lambda found: b"\\n" if found[0][1:] in _OF_JSON else found[0], data))
    body = next(iter(tree.root_node.named_children), None)
    attribute = body.named_children[0] if body and body.named_children else None
    node = attribute.named_children[-1] if attribute and attribute.type == "attribute" else None
    return Piece(node if node and node.type == "expression" and not node.has_error else None, Source("", data))
