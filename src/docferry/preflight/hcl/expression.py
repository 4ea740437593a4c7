"""An expression: its place, its text, its parts and its value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from tree_sitter import Node

from docferry.preflight.finding import Edit, Place
from docferry.preflight.hcl.evaluate import PLAIN, evaluate, key_of
from docferry.preflight.hcl.mentions import Mentions, mentions
from docferry.preflight.hcl.piece import DEEPEST, PREFIX_LENGTH, parsed
from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.traversal import functions
from docferry.preflight.hcl.value import UNKNOWN, Reference, Value

# The most usual expression, which needs no parsing.
_TRAVERSAL = re.compile(rb"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")


@dataclass(frozen=True, eq=False)
class Scope:
    """What names stand for in a module, and by file where they are: filled once its files are read."""

    variables: dict[str, Value] = field(default_factory=dict)
    local_values: dict[str, "Expression"] = field(default_factory=dict)
    declared: dict[str, object] = field(default_factory=dict)
    mentions: dict[str, Mentions] = field(default_factory=dict)
    resolving: set[str] = field(default_factory=set)

    def local(self, name: str) -> Value:
        """Return what a local comes to; one that depends on itself is unknown."""
        if name not in self.local_values or name in self.resolving:
            return UNKNOWN
        self.resolving.add(name)
        try:
            return self.local_values[name].value
        finally:
            self.resolving.discard(name)


@dataclass(frozen=True, eq=False)
class Expression:
    """What stands on the right of `=`, or a part of it: the bytes from `start` up to `end`.

    `address` is that of the block it is in. It holds no node of a syntax tree, for a file's tree is sixty times as
    large as the file: its text is parsed again, where that is needed.
    """

    source: Source
    start: int
    end: int
    scope: Scope
    address: str

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)

    @property
    def text(self) -> str:
        """What is written."""
        return self.source.text(self.start, self.end)

    @cached_property
    def value(self) -> Value:
        """What it comes to.

        `jsonencode(x)` comes to x itself. Variables come to what *.tfvars, the calling module or their default
        says, locals to their value. Attributes of resources, data sources and modules are a Reference, strings
        with such a part a Template; what cannot be told is UNKNOWN, be it the whole or an element.
        """
        return evaluate(self._bytes, self.scope)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All that it refers to, `var` and `local` and `each` included, in the order written."""
        in_file = self.scope.mentions.get(self.source.path)
        if in_file is not None:
            return in_file.between(self.start, self.end)
        if b"." not in self._bytes or PLAIN.fullmatch(self._bytes):
            return ()
        if _TRAVERSAL.fullmatch(self._bytes):
            return (Reference(tuple(self.text.split("."))),)
        held = parsed(self._bytes)
        return tuple(mentions(held.node, held.source.data).references) if held.node else ()

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The names of all functions that it calls, at any depth."""
        node = parsed(self._bytes).node if b"(" in self._bytes else None
        return tuple(functions(node)) if node else ()

    @property
    def assumed(self) -> bool:
        """Whether its value hangs on a variable, which may be given another one at deployment."""
        return self._hangs_on_a_variable(set())

    def _hangs_on_a_variable(self, seen: set[str]) -> bool:
        for one in self.references:
            if one.parts[0] == "var":
                return True
            name = one.address
            if one.parts[0] == "local" and name not in seen:
                seen.add(name)
                behind = self.scope.local_values.get(one.parts[1])
                if behind is not None and behind._hangs_on_a_variable(seen):
                    return True
        return False

    @property
    def elements(self) -> list["Expression"] | None:
        """The elements of a list that is written out, or None."""
        held = self._written("tuple")
        if held is None:
            return None
        return [self._part(one) for one in held.named_children if one.type == "expression"]

    @property
    def items(self) -> list[tuple[str | None, "Expression"]] | None:
        """The keys and values of an object that is written out, or None. A key is None where it cannot be told."""
        held = self._written("object")
        return None if held is None else list(self._pairs(held))

    @property
    def call(self) -> tuple[str, list["Expression"]] | None:
        """The function that is called and its arguments, or None."""
        held = self._written("function_call")
        if held is None:
            return None
        given = next((one for one in held.named_children if one.type == "function_arguments"), None)
        arguments = given.named_children if given else []
        name = held.children[0].text or b""
        return name.decode(), [self._part(one) for one in arguments if one.type == "expression"]

    def item(self, key: str) -> "Expression | None":
        """Return the value under a key of an object that is written out."""
        return next((value for name, value in self.items or () if name == key), None)

    def replaced(self, text: str) -> Edit:
        """Return the edit that puts a text in its place."""
        return Edit(self.source.path, self.start, self.end, text)

    @property
    def _bytes(self) -> bytes:
        return self.source.data[self.start : self.end]

    def _part(self, node: Node) -> "Expression":
        moved = self.start - PREFIX_LENGTH
        start, end = node.start_byte + moved, node.end_byte + moved
        return Expression(self.source, start, end, self.scope, self.address)

    def _pairs(self, node: Node) -> Iterator[tuple[str | None, "Expression"]]:
        for one in node.named_children:
            key, value = one.child_by_field_name("key"), one.child_by_field_name("val")
            if one.type == "object_elem" and key is not None and value is not None:
                yield key_of(self._part(key)._bytes, self.scope), self._part(value)

    def _written(self, kind: str) -> Node | None:
        """Return the one thing that it is, be it in parentheses, if that is of a kind."""
        node = parsed(self._bytes).node
        for _ in range(DEEPEST):
            parts = [one for one in node.named_children if one.type != "comment"] if node else []
            if len(parts) != 1:
                return None
            if parts[0].type == kind:
                return parts[0]
            if parts[0].type not in ("expression", "collection_value"):
                return None
            node = parts[0]
        return None
