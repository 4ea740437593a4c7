"""Line ends: the grammar takes one for a space, to Terraform it ends an argument or a block."""

from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from docferry.preflight.hcl.source import Source

Fault = tuple[int, str]
"""The byte where something is wrong, and what."""

# Between brackets a line may end anywhere.
_FREE = (
    "collection_value",
    "for_expr",
    "function_call",
    "template_expr",
    "literal_value",
    "new_index",
    "comment",
)
_ITEMS = ("attribute", "block")
_DEEPEST = 200


def faults(root: Node, source: Source) -> Iterator[Fault]:
    """Give what is wrong with the lines of a file whose tree has no error."""
    waiting = [(one, False) for one in root.named_children if one.type == "body"]
    while waiting:
        body, inner = waiting.pop()
        items = [one for one in body.named_children if one.type in _ITEMS]
        yield from _between(items)
        yield from _twice(items, source)
        if inner and body.parent is not None:
            yield from _around(body.parent, items)
        for one in items:
            if one.type == "attribute":
                yield from _of_attribute(one)
            else:
                yield from _of_header(one)
                waiting += [(child, True) for child in one.named_children if child.type == "body"]


def _between(items: list[Node]) -> Iterator[Fault]:
    for one, following in pairwise(items):
        if one.end_point.row == following.start_point.row:
            yield following.start_byte, "a line must end before the next argument or block begins"


def _twice(items: list[Node], source: Source) -> Iterator[Fault]:
    seen = set()
    for one in items:
        if one.type == "attribute":
            name = source.data[one.children[0].start_byte : one.children[0].end_byte]
            if name in seen:
                yield one.start_byte, f"`{name.decode()}` is set a second time in one block"
            seen.add(name)


def _around(block: Node, items: list[Node]) -> Iterator[Fault]:
    """Look at the braces: around one argument with no line's end beside it, or each with one."""
    opened = next((one for one in block.named_children if one.type == "block_start"), None)
    if opened is not None and len(items) == 1 and _is_held(items[0], opened, block):
        return
    if opened is None or not items or block.start_point.row == block.end_point.row == items[-1].end_point.row:
        if len(items) == 1 and items[0].type == "block" and opened is not None:
            yield items[0].start_byte, "a block on one line may hold one argument and no block"
        return
    if opened.end_point.row == items[0].start_point.row:
        yield items[0].start_byte, "a line must end after `{`, as the block goes on on other lines"
    if items[-1].end_point.row == block.end_point.row:
        yield block.end_byte - 1, "a line must end before `}`"


def _is_held(item: Node, opened: Node, block: Node) -> bool:
    """Whether an argument begins on the line of `{` and ends on that of `}`: between, it may go on over lines."""
    rows = item.start_point.row - opened.end_point.row, block.end_point.row - item.end_point.row
    return item.type == "attribute" and rows == (0, 0)


def _of_header(block: Node) -> Iterator[Fault]:
    for one in block.named_children:
        if one.start_point.row != block.start_point.row:
            yield one.start_byte, "`{` must be on the line where the block begins"
        if one.type == "block_start":
            return


def _of_attribute(node: Node) -> Iterator[Fault]:
    """Find the first line's end within an argument that is not between brackets."""
    waiting = [(node, 0)]
    while waiting:
        one, depth = waiting.pop()
        if one.start_point.row == one.end_point.row or one.type in _FREE or depth > _DEEPEST:
            continue
        children = [child for child in one.children if child.type != "comment"]
        for before, after in pairwise(children):
            if before.end_point.row != after.start_point.row and not _parenthesised(children, after):
                yield after.start_byte, "a line ended too early: an argument goes on only between brackets"
                return
        waiting += [(child, depth + 1) for child in children if not _parenthesised(children, child)]


def _parenthesised(children: list[Node], node: Node) -> bool:
    opened = sum(one.type == "(" for one in children if one.end_byte <= node.start_byte)
    closed = sum(one.type == ")" for one in children if one.end_byte <= node.start_byte)
    return opened > closed
