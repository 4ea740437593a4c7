"""Strings and heredocs: their parts, their escapes, their indentation."""

import re
import textwrap
from collections.abc import Iterator

from tree_sitter import Node

from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.value import UNKNOWN, Value

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
# A .tf.json file has these besides HCL's own.
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_INNER = ("template_interpolation", "template_directive")


def unescape(text: str) -> str:
    """Return what a quoted string's text stands for."""
    return _ESCAPE.sub(_escaped, text) if "\\" in text or "{" in text else text


def unescape_marks(text: str) -> str:
    """Return what a heredoc's text stands for, which has no other escapes."""
    return text.replace("$${", "${").replace("%%{", "%{")


def _escaped(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
    if found[3]:
        return _CHARACTERS.get(found[3], found[3])
    return found[4] + "{"


def parts(node: Node, source: Source, *, heredoc: bool) -> Iterator[str | Node]:
    """Give a template's texts, as they are written, and the nodes between them."""
    at, end = (_heredoc_range if heredoc else _quoted_range)(node, source)
    for one in node.named_children:
        if one.type in _INNER:
            if one.start_byte > at:
                yield source.text(at, one.start_byte)
            yield one
            at = one.end_byte
    if end > at:
        yield source.text(at, end)


def _quoted_range(node: Node, _: Source) -> tuple[int, int]:
    return node.start_byte + 1, node.end_byte - 1


def _heredoc_range(node: Node, source: Source) -> tuple[int, int]:
    began = source.data.find(b"\n", node.start_byte) + 1
    last = source.data.rfind(b"\n", 0, node.children[-1].start_byte) + 1
    return began, max(began, last)


_MARK = "\ue000"


def without_indentation(found: list[Value]) -> list[Value]:
    """Take from every line of a `<<-` heredoc what all of them are indented by."""
    inner = [one for one in found if not isinstance(one, str)]
    pieces = textwrap.dedent("".join(one if isinstance(one, str) else _MARK for one in found)).split(_MARK)
    if len(pieces) != len(inner) + 1:
        return [UNKNOWN]
    kept: list[Value] = [pieces[0]]
    for one, piece in zip(inner, pieces[1:], strict=True):
        kept += [one, piece]
    return [one for one in kept if one != ""]
