"""What expressions come to, as far as it can be told; what cannot be told is UNKNOWN, never a guess."""

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from typing import Protocol

from tree_sitter import Node

from docferry.preflight.hcl import operators, strings
from docferry.preflight.hcl.functions import call
from docferry.preflight.hcl.piece import DEEPEST, parsed
from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.traversal import name, reference
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Unknown, Value

_BRACKETS = ("(", ")")
# A string with nothing in it that stands for something else.
PLAIN = re.compile(rb'"[^"\\\n{]*"')
_WORDS: dict[str, Value] = {"null": None, "true": True, "false": False}


class Names(Protocol):
    """What the names in a module stand for."""

    @property
    def variables(self) -> Mapping[str, Value]:
        """Variables, by name."""

    @property
    def declared(self) -> Container[str]:
        """The addresses of the module's blocks."""

    def local(self, name: str) -> Value:
        """Return what a local comes to."""


def evaluate(text: bytes, names: Names) -> Value:
    """Return what an expression comes to."""
    if PLAIN.fullmatch(text):
        return text[1:-1].decode()
    if (word := text.decode()) in _WORDS:
        return _WORDS[word]
    held = parsed(text)
    return UNKNOWN if held.node is None else _Evaluation(held.source, names).wrapped(held.node, 0)


def key_of(text: bytes, names: Names) -> str | None:
    """Return the key that an object's key expression comes to: a bare word is itself."""
    held = parsed(text)
    key = UNKNOWN if held.node is None else _Evaluation(held.source, names).key(held.node, 0)
    return key if isinstance(key, str) else None


class _Evaluation:
    """Walks one expression's tree."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names

    def _text(self, node: Node) -> str:
        return self._source.text(node.start_byte, node.end_byte)

    def wrapped(self, node: Node, depth: int) -> Value:
        """Evaluate a node that holds terms: an expression, or what parentheses hold."""
        if node.has_error:
            return UNKNOWN
        return self.terms(node.children, depth + 1)

    def terms(self, nodes: list[Node], depth: int) -> Value:
        """Evaluate a term and the accesses that follow it, such as `.id` or `[0]`."""
        nodes = [one for one in nodes if one.type != "comment" and one.type not in _BRACKETS]
        if depth > DEEPEST or not nodes:
            return UNKNOWN
        head, rest = nodes[0], nodes[1:]
        if head.type == "variable_expr":
            return self._traversal(head, rest, depth)
        kind: Callable[[Node, int], Value] | None = {
            "expression": self.wrapped,
            "literal_value": self._literal,
            "template_expr": self._template,
            "collection_value": self._collection,
            "function_call": self._call,
            "conditional": self._conditional,
            "operation": self._operation,
        }.get(head.type)
        value = kind(head, depth) if kind else UNKNOWN
        for one in rest:
            value = self._access(value, one, depth)
        return value

    def _literal(self, node: Node, _: int) -> Value:
        held = node.named_children[0]
        if held.type == "string_lit":
            return strings.unescape(self._source.text(held.start_byte + 1, held.end_byte - 1))
        text = self._text(held)
        return _WORDS[text] if text in _WORDS else operators.number(text)

    def _collection(self, node: Node, depth: int) -> Value:
        held = node.named_children[0]
        if held.type == "tuple":
            return [self.wrapped(one, depth) for one in held.named_children if one.type == "expression"]
        values: dict[str, Value] = {}
        for one in held.named_children:
            key, value = one.child_by_field_name("key"), one.child_by_field_name("val")
            if key is None or value is None:
                continue
            found = self.key(key, depth)
            if not isinstance(found, str):
                return UNKNOWN
            values[found] = self.wrapped(value, depth)
        return values

    def key(self, node: Node, depth: int) -> Value:
        """Return an object's key: a bare word is itself."""
        if node.child_count == 1 and node.children[0].type == "variable_expr":
            return self._text(node)
        value = self.wrapped(node, depth)
        return operators.as_text(value) if isinstance(value, str | int | float) else UNKNOWN

    def _template(self, node: Node, depth: int) -> Value:
        held = node.named_children[0]
        heredoc = held.type == "heredoc_template"
        parts: list[Value] = []
        for one in strings.parts(held, self._source, heredoc=heredoc):
            if isinstance(one, str):
                parts.append(strings.unescape_marks(one) if heredoc else strings.unescape(one))
            elif one.type != "template_interpolation" or one.has_error:
                parts.append(UNKNOWN)
            else:
                inner = next((child for child in one.named_children if child.type == "expression"), None)
                parts.append(self.wrapped(inner, depth) if inner else UNKNOWN)
        if heredoc and self._text(held).startswith("<<-"):
            parts = strings.without_indentation(parts)
        if len(parts) == 1 and not heredoc:
            return parts[0]
        return _joined(parts)

    def _call(self, node: Node, depth: int) -> Value:
        given = next((one for one in node.named_children if one.type == "function_arguments"), None)
        arguments = given.children if given else []
        if any(one.type == "ellipsis" for one in arguments):
            return UNKNOWN
        values = [self.wrapped(one, depth) for one in arguments if one.type == "expression"]
        return call(self._text(node.children[0]), values)

    def _conditional(self, node: Node, depth: int) -> Value:
        parts = [one for one in node.named_children if one.type == "expression"]
        if len(parts) != 3:
            return UNKNOWN
        asked = self.wrapped(parts[0], depth)
        if isinstance(asked, bool):
            return self.wrapped(parts[1] if asked else parts[2], depth)
        yes, no = self.wrapped(parts[1], depth), self.wrapped(parts[2], depth)
        return yes if yes == no and type(yes) is type(no) else UNKNOWN

    def _operation(self, node: Node, depth: int) -> Value:
        held = node.named_children[0]
        at = next((i for i, one in enumerate(held.children) if operators.is_operator(one.type, held.type)), None)
        if at is None:
            return UNKNOWN
        sign = held.children[at].type
        right = self.terms(held.children[at + 1 :], depth + 1)
        if held.type == "unary_operation":
            return operators.unary(sign, right)
        return operators.binary(sign, self.terms(held.children[:at], depth + 1), right)

    def _traversal(self, head: Node, rest: list[Node], depth: int) -> Value:
        root = self._text(head)
        first = name(rest[0]) if rest else None
        if first is None:
            return UNKNOWN
        if root in ("var", "local"):
            value = self._names.variables.get(first, UNKNOWN) if root == "var" else self._names.local(first)
            for one in rest[1:]:
                value = self._access(value, one, depth)
            return value
        found = reference(head, rest)
        return found if self._names_something(found) else UNKNOWN

    def _names_something(self, found: Reference) -> bool:
        root = found.parts[0]
        if found.address in self._names.declared:
            return True
        if root in ("data", "module", "ephemeral"):
            return len(found.parts) > (1 if root == "module" else 2)
        # What a `dynamic` block or a `for` binds may look like a type: it has no name but `key` and `value`.
        return "_" in root and len(found.parts) > 1 and found.parts[1] not in ("key", "value")

    def _access(self, value: Value, node: Node, depth: int) -> Value:
        named = name(node)
        if isinstance(value, Reference):
            if node.type == "splat":
                return UNKNOWN
            return replace(value, parts=(*value.parts, named)) if named else replace(value, indexed=True)
        key = named if named is not None else self._index(node, depth)
        if isinstance(value, dict) and isinstance(key, str):
            return value.get(key, UNKNOWN)
        if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            return value[key]
        return UNKNOWN

    def _index(self, node: Node, depth: int) -> Value:
        if node.type != "index" or not node.named_children:
            return UNKNOWN
        inner = next((one for one in node.named_children[0].named_children if one.type == "expression"), None)
        return self.wrapped(inner, depth) if inner else UNKNOWN


def _joined(parts: list[Value]) -> Value:
    """Join what is known of a template into as few parts as there can be."""
    flat = [inner for one in parts for inner in (one.parts if isinstance(one, Template) else (one,))]
    joined: list[str | Reference | Unknown] = []
    for one in flat:
        held = operators.as_text(one) if isinstance(one, str | int | float) else one
        before = joined[-1] if joined else None
        if isinstance(held, str) and isinstance(before, str):
            joined[-1] = before + held
        else:
            joined.append(held if isinstance(held, str | Reference) else UNKNOWN)
    if all(isinstance(one, str) for one in joined):
        return "".join(str(one) for one in joined)
    return Template(tuple(joined))
