"""What an expression names: traversals such as `aws_s3_bucket.a.id`, and functions."""

from collections.abc import Iterator

from tree_sitter import Node

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


def functions(node: Node) -> Iterator[str]:
    """Give the names of the functions that are called below a node."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == "function_call" and one.children:
            yield text(one.children[0])
        waiting.extend(reversed(one.children))
