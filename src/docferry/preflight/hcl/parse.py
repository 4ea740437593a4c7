"""Reads a file's bytes into a syntax tree, and says what is wrong with one that is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser, Tree

from docferry.preflight.hcl.source import Source

_BOM = b"\xef\xbb\xbf"
SHOWN = 3
"""How many errors of one file are told: those that follow the first are often its echo."""


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong at a byte of a file."""

    offset: int
    message: str


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def parse(data: bytes) -> Tree:
    """Return the tree of a file's bytes."""
    return _parser().parse(data.replace(_BOM, b"   ", 1) if data.startswith(_BOM) else data)


def faults(tree: Tree, source: Source) -> list[SyntaxFault]:
    """Return what keeps Terraform from reading a file."""
    root = tree.root_node
    found = list(_unclosed(root, source))
    if root.has_error:
        found = found or list(_errors(root, source))
    return sorted(found, key=lambda one: one.offset)[:SHOWN]


def _errors(root: Node, source: Source) -> Iterator[SyntaxFault]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            yield SyntaxFault(node.start_byte, f"{_named(node.type)} is missing")
        elif node.is_error:
            yield SyntaxFault(node.start_byte, f"{_shown(node, source)} is not expected here")
        elif node.has_error:
            waiting.extend(node.children)


def _named(kind: str) -> str:
    names = {"quoted_template_end": '"', "template_interpolation_end": "}", "identifier": "a name"}
    kind = names.get(kind, kind)
    return kind if kind[:1].isalpha() else f"`{kind}`"


def _shown(node: Node, source: Source) -> str:
    lines = source.text(node.start_byte, node.end_byte).splitlines() or [""]
    text = lines[0][:40].strip()
    return f"`{text}`" if text else "this"


def _unclosed(root: Node, source: Source) -> Iterator[SyntaxFault]:
    """Give the quoted strings that go on over a line's end, which the grammar allows and Terraform does not."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.start_point.row == node.end_point.row:
            continue
        if node.type in ("template_literal", "string_lit") and _quoted(node):
            yield SyntaxFault(node.start_byte, "the string that begins here is not closed on its line")
        else:
            waiting.extend(node.children)


def _quoted(node: Node) -> bool:
    if node.type == "string_lit":
        return True
    return node.parent is not None and node.parent.type == "quoted_template"
