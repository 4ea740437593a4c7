"""Makes blocks of a syntax tree."""

from dataclasses import dataclass

from tree_sitter import Node

from docferry.preflight.hcl import strings
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.expression import Expression, Scope
from docferry.preflight.hcl.piece import DEEPEST
from docferry.preflight.hcl.source import Source


def address_of(kind: str, labels: tuple[str, ...]) -> str:
    """Return the address of a top-level block, such as `aws_s3_bucket.a`, `var.b` or `terraform`."""
    if kind == "resource":
        return ".".join(labels)
    return ".".join(("var" if kind == "variable" else kind, *labels))


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes the blocks of one file."""

    source: Source
    scope: Scope

    def blocks(self, root: Node) -> list[Block]:
        """Return the top-level blocks below a file's root."""
        body = next((one for one in root.named_children if one.type == "body"), None)
        return [self._block(one, "", 0) for one in (body.named_children if body else ()) if one.type == "block"]

    def attributes(self, root: Node) -> dict[str, Expression]:
        """Return the expressions of the attributes below a file's root, as a .tfvars file has them."""
        body = next((one for one in root.named_children if one.type == "body"), None)
        found, _ = self._body(body, "", 0)
        return {name: one.expression for name, one in found.items()}

    def _block(self, node: Node, address: str, depth: int) -> Block:
        names, body = self._header(node)
        kind, labels = names[0], tuple(names[1:])
        address = address or address_of(kind, labels)
        attributes, children = self._body(body, address, depth)
        if kind == "dynamic" and labels and depth:
            return self._dynamic(node, labels[0], attributes, children, address)
        return Block(
            kind, labels, attributes, tuple(children), self.source, node.start_byte, node.end_byte, address
        )

    def _header(self, node: Node) -> tuple[list[str], Node | None]:
        names, body = [], None
        for one in node.named_children:
            if one.type == "identifier":
                names.append(self.source.text(one.start_byte, one.end_byte))
            elif one.type == "string_lit":
                names.append(strings.unescape(self.source.text(one.start_byte + 1, one.end_byte - 1)))
            elif one.type == "body":
                body = one
        return names, body

    def _body(self, body: Node | None, address: str, depth: int) -> tuple[dict[str, Attribute], list[Block]]:
        attributes: dict[str, Attribute] = {}
        children: list[Block] = []
        if body is None or depth > DEEPEST:
            return attributes, children
        for one in body.named_children:
            if one.type == "attribute":
                made = self._attribute(one, address)
                attributes[made.name] = made
            elif one.type == "block":
                children.append(self._block(one, address, depth + 1))
        return attributes, children

    def _attribute(self, node: Node, address: str) -> Attribute:
        named = node.named_children
        name = self.source.text(named[0].start_byte, named[0].end_byte)
        expression = Expression(self.source, named[-1].start_byte, named[-1].end_byte, self.scope, address)
        return Attribute(name, expression, node.start_byte, node.end_byte)

    def _dynamic(
        self, node: Node, kind: str, attributes: dict[str, Attribute], children: list[Block], address: str
    ) -> Block:
        content = next((one for one in children if one.type == "content"), None)
        each = attributes.get("for_each")
        return Block(
            kind,
            (),
            content.attributes if content else {},
            content.children if content else (),
            self.source,
            node.start_byte,
            node.end_byte,
            address,
            dynamic=True,
            for_each=each.expression if each else None,
        )
