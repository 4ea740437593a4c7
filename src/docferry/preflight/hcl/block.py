"""Blocks and attributes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from docferry.preflight.finding import Edit, Place
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.value import UNKNOWN, Reference, Value

_COMMENTS = (b"#", b"//")


@dataclass(frozen=True, eq=False)
class Attribute:
    """A name and an expression. `start` and `end` are its bytes in the file."""

    name: str
    expression: Expression
    start: int
    end: int

    @property
    def place(self) -> Place:
        """Where its name begins."""
        return self.expression.source.place(self.start)

    @property
    def address(self) -> str:
        """The address of the block it is in."""
        return self.expression.address

    @property
    def value(self) -> Value:
        """What its expression comes to."""
        return self.expression.value

    @property
    def references(self) -> tuple[Reference, ...]:
        """All that its expression refers to."""
        return self.expression.references

    def removed(self) -> Edit:
        """Return the edit that takes its lines away."""
        return _without_lines(self.expression.source, self.start, self.end)


@dataclass(frozen=True, eq=False)
class Block:
    """A block of any depth.

    `address` is that of the top-level block it is in. `dynamic` says it stands for what a `dynamic` block makes:
    none, one or many, and what its iterator gives is UNKNOWN. In a .tf.json file every object is both an attribute
    and a block. `children` are the blocks directly in it.
    """

    type: str
    labels: tuple[str, ...]
    attributes: dict[str, Attribute]
    children: tuple["Block", ...]
    source: Source
    start: int
    end: int
    address: str
    dynamic: bool = False
    for_each: Expression | None = field(default=None)
    in_json: bool = False

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start)

    @property
    def text(self) -> str:
        """What is written."""
        return self.source.text(self.start, self.end)

    @property
    def name(self) -> str:
        """Its last label, or nothing."""
        return self.labels[-1] if self.labels else ""

    @property
    def repeated(self) -> bool:
        """Whether it has `count` or `for_each`: then it stands for none, one or many."""
        return "count" in self.attributes or "for_each" in self.attributes

    @property
    def absent(self) -> bool:
        """Whether there is none of it as variables are: `count` or `for_each` comes to nothing."""
        if self.dynamic:
            return self.for_each is not None and self.for_each.value in ([], {})
        return self.value("count") == 0 or self.value("for_each") in ([], {})

    @property
    def perhaps_absent(self) -> bool:
        """Whether there may be none of it: `count` or `for_each` that is not known to come to at least one."""
        if self.dynamic:
            each = self.for_each.value if self.for_each else UNKNOWN
            return not (isinstance(each, list | dict) and each)
        for name in ("count", "for_each"):
            if name in self.attributes:
                value = self.attributes[name].value
                return not (isinstance(value, int | list | dict) and value)
        return False

    def attribute(self, name: str) -> Attribute | None:
        """Return an attribute of it, or None."""
        return self.attributes.get(name)

    def value(self, name: str) -> Value:
        """Return what an attribute comes to: None if it is null or not there, UNKNOWN if it cannot be told."""
        found = self.attributes.get(name)
        return None if found is None else found.value

    def blocks(self, *path: str) -> tuple["Block", ...]:
        """Return the blocks of a type in it, or with more names those in these: `blocks("rule", "filter")`."""
        name, *rest = path
        found = [one for one in self.children if one.type == name]
        return tuple(found) if not rest else tuple(inner for one in found for inner in one.blocks(*rest))

    def block(self, name: str) -> "Block | None":
        """Return the first block of a type in it, or None."""
        return next((one for one in self.children if one.type == name), None)

    @property
    def ignore_changes(self) -> Attribute | None:
        """What a resource's `lifecycle` says of changes that are let be, or None."""
        lifecycle = self.block("lifecycle")
        return lifecycle.attribute("ignore_changes") if lifecycle else None

    def ignores(self, *names: str) -> bool:
        """Whether changes of one of these arguments are let be: something else than Terraform sets it later."""
        words = set(re.findall(r"\w+", self.ignore_changes.expression.text)) if self.ignore_changes else set()
        return "all" in words or not words.isdisjoint(names)

    def walk(self) -> Iterator["Block"]:
        """Give it and all blocks in it, at any depth."""
        yield self
        for one in self.children:
            yield from one.walk()

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """All that its attributes refer to, at any depth."""
        own = [one for each in self.attributes.values() for one in each.references]
        given = self.for_each.references if self.for_each else ()
        return (*own, *given, *(one for child in self.children for one in child.references))

    def removed(self) -> Edit:
        """Return the edit that takes its lines away."""
        return _without_lines(self.source, self.start, self.end)

    def inserted(self, text: str) -> Edit:
        """Return the edit that adds lines as the first ones in it, indented as it is. Not for .tf.json."""
        data, path = self.source.data, self.source.path
        opened = data.index(b"{", self._header_end()) + 1
        line = self.source.line(self.place.line)
        margin = line[: len(line) - len(line.lstrip())]
        inner = margin + ("\t" if margin.endswith("\t") else "  ")
        end_of_line = data.find(b"\n", opened)
        end = "\r\n" if data[:end_of_line].endswith(b"\r") else "\n"
        lines = "".join(f"{end}{inner}{one}" if one else end for one in text.splitlines())
        beside = data[opened:end_of_line].strip() if 0 <= end_of_line < self.end else b"}"
        if not beside or beside.startswith(_COMMENTS):
            # What follows the brace on its line, a comment, stays there.
            at = opened + len(data[opened:end_of_line].rstrip())
            return Edit(path, at, at, lines)
        held = self.source.text(opened, self.end - 1).strip()
        rest = f"{end}{inner}{held}" if held else ""
        return Edit(path, opened, self.end, f"{lines}{rest}{end}{margin}}}")

    def _header_end(self) -> int:
        at = self.start
        for label in self.labels:
            found = self.source.data.find(label.encode(), at)
            at = found + len(label.encode()) if found >= 0 else at
        return at


def _without_lines(source: Source, start: int, end: int) -> Edit:
    first, _ = source.line_range(source.place(start).line)
    _, after = source.line_range(source.place(max(start, end - 1)).line)
    alone = not source.data[first:start].strip() and not source.data[end:after].strip()
    return Edit(source.path, *((first, after) if alone else (start, end)), "")
