"""What a file refers to, and where: found at once for a whole tree, as going node by node takes far longer."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tree_sitter import Node, Query, QueryCursor

from docferry.preflight.hcl.parse import language
from docferry.preflight.hcl.traversal import ACCESSES, reference, text
from docferry.preflight.hcl.value import Reference

# Names, and what follows them. Most traversals are no more than that, and need no look at the tree.
_NAMES = re.compile(rb"([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*)\s*(.?)", re.DOTALL)
_INTROS = ("for_intro", "template_for_start")
_GOES_ON = re.compile(rb"[.\[#/\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Mentions:
    """References in the order written, and the byte at which each begins."""

    starts: list[int]
    references: list[Reference]

    def between(self, start: int, end: int) -> tuple[Reference, ...]:
        """Return those that begin in a part of the text."""
        return tuple(self.references[bisect_left(self.starts, start) : bisect_left(self.starts, end)])

    def within(self, start: int, end: int) -> Iterator[tuple[int, Reference]]:
        """Give those that begin in a part of the text, each with the byte at which it does."""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        return zip(self.starts[first:last], self.references[first:last], strict=True)


@cache
def _query() -> Query:
    return Query(
        language(), "[(variable_expr) @name (for_tuple_expr) @for (for_object_expr) @for (template_for) @for]"
    )


def mentions(node: Node, data: bytes) -> Mentions:
    """Return what is referred to below a node, `data` being what it was parsed from.

    Names that a `for` binds refer to nothing, nor does a name by itself.
    """
    found = QueryCursor(_query()).captures(node)
    bound = [(one.start_byte, one.end_byte, _bound(one)) for one in found.get("for", ())]
    starts: list[int] = []
    references: list[Reference] = []
    for one in sorted(found.get("name", ()), key=lambda name: name.start_byte):
        start = one.start_byte
        named = _named(one, data, start)
        if len(named.parts) > 1 and not any(a <= start < b and named.parts[0] in names for a, b, names in bound):
            starts.append(start)
            references.append(named)
    return Mentions(starts, references)


def _named(node: Node, data: bytes, start: int) -> Reference:
    names = _NAMES.match(data, start)
    if names is None or _GOES_ON.match(names[2]):
        return reference(node, _accesses(node))
    return Reference(tuple(names[1].decode().split(".")))


def _bound(node: Node) -> frozenset[str]:
    intro = next((one for one in node.children if one.type in _INTROS), None)
    return frozenset(text(one) for one in (intro.named_children if intro else ()) if one.type == "identifier")


def _accesses(node: Node) -> list[Node]:
    found: list[Node] = []
    following = node.next_sibling
    while following is not None and following.type in (*ACCESSES, "comment"):
        found += [following] if following.type in ACCESSES else []
        following = following.next_sibling
    return found
