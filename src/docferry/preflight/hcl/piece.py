"""Parses one expression by itself."""

from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from docferry.preflight.hcl.parse import parse
from docferry.preflight.hcl.source import Source

DEEPEST = 60
"""How deep parts are looked into: what is nested deeper is unknown, whatever wrote it."""

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
    body = next(iter(parse(data).root_node.named_children), None)
    attribute = body.named_children[0] if body and body.named_children else None
    node = attribute.named_children[-1] if attribute and attribute.type == "attribute" else None
    return Piece(node if node and node.type == "expression" and not node.has_error else None, Source("", data))
