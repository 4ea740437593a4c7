"""What an expression names: traversals such as `aws_s3_bucket.a.id`, and functions."""

from collections.abc import Iterator

from tree_sitter import Node

from docferry.preflight.hcl.piece import DEEPEST
from docferry.preflight.hcl.value import Reference

ACCESSES = ("get_attr", "index", "splat")


def text(node: Node) -> str:
    """Return what is written at a name's node."""
    return (node.text or b"").decode()


def name(node: Node) -> str | None:
    """Return the name that an access such as `.id` has, or None if it is another."""
    return text(node.named_children[0]) if node.type == "get_attr" and node.named_children else None


def reference(head: Node, accesses: list[Node]) -> Reference:
    """Return the traversal that begins at a name."""
    parts, indexed, splat = [text(head)], False, False
    for one in accesses:
        found = name(one)
        if found is not None:
            parts.append(found)
            continue
        indexed = True
        if one.type == "splat":
            splat = True
            inner = [name(part) for part in one.named_children[0].named_children]
            parts.extend(part for part in inner if part)
    return Reference(tuple(parts), indexed, splat)


def traversals(node: Node, bound: frozenset[str] = frozenset(), depth: int = 0) -> Iterator[Reference]:
    """Give the traversals below a node; `bound` are the names that `for` binds, which are none."""
    if depth > DEEPEST:
        return
    children = node.children
    if node.type in ("for_tuple_expr", "for_object_expr"):
        bound = bound | _bound(children)
    for at, one in enumerate(children):
        if one.type == "variable_expr":
            found = reference(one, _accesses(children[at + 1 :]))
            if found.parts[0] not in bound and len(found.parts) > 1:
                yield found
        elif one.child_count:
            yield from traversals(one, bound, depth + 1)


def functions(node: Node) -> Iterator[str]:
    """Give the names of the functions that are called below a node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "function_call" and one.children:
            yield text(one.children[0])
        waiting.extend(reversed(one.children))


def _bound(children: list[Node]) -> set[str]:
    intro = next((one for one in children if one.type == "for_intro"), None)
    return {text(one) for one in (intro.named_children if intro else ()) if one.type == "identifier"}


def _accesses(nodes: list[Node]) -> list[Node]:
    found = []
    for one in nodes:
        if one.type not in ACCESSES:
            break
        found.append(one)
    return found
