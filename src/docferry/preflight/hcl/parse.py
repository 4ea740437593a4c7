"""Reads a file's bytes into a syntax tree, and says what is wrong with one that is none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser, Tree

from docferry.preflight.hcl import layout
from docferry.preflight.hcl.source import Source

_BOM = b"\xef\xbb\xbf"
_POWER = re.compile(rb"\b\d+[eE][+-]?\d+\b")
# What the grammar puts in where nothing fits.
_MADE_UP = ("<<", "<<-", "heredoc_identifier")
SHOWN = 3
"""How many errors of one file are told: those that follow the first are often its echo."""


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """What is wrong at a byte of a file."""

    offset: int
    message: str


@cache
def language() -> Language:
    """Return the grammar."""
    return Language(tree_sitter_hcl.language())


@cache
def _parser() -> Parser:
    return Parser(language())


def parse(data: bytes) -> Tree:
    """Return the tree of a file's bytes."""
    if data.startswith(_BOM):
        data = data.replace(_BOM, b"   ", 1)
    tree = _parser().parse(data)
    if tree.root_node.has_error and _POWER.search(data):
        # The grammar has no `1e3`. As many digits keep all places; what is written is read from the file.
        return _parser().parse(_POWER.sub(lambda found: b"0" * len(found[0]), data))
    return tree


def faults(tree: Tree, source: Source) -> list[SyntaxFault]:
    """Return what keeps Terraform from reading a file."""
    root = tree.root_node
    found = list(_unclosed(root, source))
    if root.has_error:
        found = found or list(_errors(root, source))
    elif not found:
        found = [SyntaxFault(*one) for one in layout.faults(root, source)]
    return sorted(found, key=lambda one: one.offset)[:SHOWN]


def _errors(root: Node, source: Source) -> Iterator[SyntaxFault]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.is_missing:
            unexpected = f"{_shown(node.start_byte, source)} is not expected here"
            said = unexpected if node.type in _MADE_UP else f"{_named(node.type)} is missing"
            yield SyntaxFault(node.start_byte, said)
        elif node.is_error and not any(one.has_error for one in node.children):
            offset = _end_of_sense(node, source)
            yield SyntaxFault(offset, f"{_shown(offset, source)} is not expected here")
        elif node.has_error:
            waiting.extend(node.children)


def _named(kind: str) -> str:
    names = {"quoted_template_end": '"', "template_interpolation_end": "}", "identifier": "a name"}
    kind = names.get(kind, kind)
    return kind if kind[:1].isalpha() else f"`{kind}`"


def _end_of_sense(error: Node, source: Source) -> int:
    """Return the byte up to which a part that is no whole makes sense."""
    if error.start_point.row == error.end_point.row or error.child_count < 2:
        return error.start_byte
    at = error.children[-2].end_byte
    while source.data[at : at + 1] in (b" ", b"\t"):
        at += 1
    return at


def _shown(offset: int, source: Source) -> str:
    _, end = source.line_range(source.place(offset).line)
    text = source.text(offset, end).strip()[:40].strip()
    return f"`{text}`" if text else "a line's end"


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
