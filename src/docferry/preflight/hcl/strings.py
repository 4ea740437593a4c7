"""Strings and heredocs: their parts, their escapes, their indentation."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.value import Value

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{", re.DOTALL)
# A .tf.json file has these besides HCL's own.
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_INNER = ("template_interpolation", "template_directive")


def unescape(text: str) -> str:
    """Return what a quoted string's text stands for."""
    return _ESCAPE.sub(_escaped, text) if "\\" in text or "{" in text else text


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


def without_indentation(found: list[Value]) -> list[Value]:
    """Take from every line of a `<<-` heredoc what all of them are indented by."""
    lines: list[int] = []
    for index, one in enumerate(found):
        if isinstance(one, str):
            begun = one.split("\n") if index == 0 else one.split("\n")[1:]
            last_is_a_line = index + 1 < len(found)
            for number, line in enumerate(begun):
                if line.strip() or (last_is_a_line and number == len(begun) - 1):
                    lines.append(len(line) - len(line.lstrip(" \t")))
        elif index == 0:
            lines.append(0)
    least = min(lines, default=0)
    if not least:
        return found
    indent = re.compile(rf"\n[ \t]{{1,{least}}}")
    kept: list[Value] = []
    for index, one in enumerate(found):
        if isinstance(one, str):
            stripped = indent.sub("\n", one)
            kept.append(re.sub(rf"\A[ \t]{{1,{least}}}", "", stripped) if index == 0 else stripped)
        else:
            kept.append(one)
    return kept
