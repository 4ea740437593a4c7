"""A directory of Terraform files: what it declares, and what refers to what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.expression import Scope
from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.value import UNKNOWN, Reference, Value

_HOPS = 8


@dataclass(frozen=True, eq=False)
class Module:
    """One directory's configuration.

    `directory` is relative to the checked one, posix, `.` for itself. `blocks` are the top-level ones, in order of
    files and lines. `complete` is False where a file could not be read, or is yet to be made of a template, or
    where all lie for others to link to: what seems absent may be there. `callers` are the `module` blocks of
    checked directories that have it as their source, `calling` the modules that these are in.
    """

    directory: str
    sources: tuple[Source, ...]
    blocks: tuple[Block, ...]
    scope: Scope
    complete: bool = True
    callers: list[Block] = field(default_factory=list)
    calling: list["Module"] = field(default_factory=list)

    @cached_property
    def _by_type(self) -> dict[tuple[str, str], list[Block]]:
        found: dict[tuple[str, str], list[Block]] = {}
        for one in self.blocks:
            if _is_off(one):
                continue
            found.setdefault((one.type, ""), []).append(one)
            if len(one.labels) == 2:
                found.setdefault((one.type, one.labels[0]), []).append(one)
        return found

    @cached_property
    def _by_address(self) -> dict[str, Block]:
        return {one.address: one for one in self.blocks if one.labels}

    def of(self, kind: str) -> tuple[Block, ...]:
        """Return the top-level blocks of a type, such as `terraform`, `variable`, `provider`, `moved`."""
        return tuple(self._by_type.get((kind, ""), ()))

    def resources(self, *types: str) -> tuple[Block, ...]:
        """Return the resources of these types, or all; not those with `count = 0`."""
        return self._labelled("resource", types)

    def data(self, *types: str) -> tuple[Block, ...]:
        """Return the data sources of these types, or all."""
        return self._labelled("data", types)

    def _labelled(self, kind: str, types: tuple[str, ...]) -> tuple[Block, ...]:
        if not types:
            return self.of(kind)
        return tuple(one for name in types for one in self._by_type.get((kind, name), ()))

    def resolve(self, what: Value) -> Block | None:
        """Return the block that a reference or an address names, through locals; None if there is none here.

        None does not mean that it is missing: only with `complete`, and only for an address of this module.
        """
        if isinstance(what, str):
            what = Reference(tuple(what.split(".")))
        for _ in range(_HOPS):
            if not isinstance(what, Reference):
                return None
            if what.parts[0] != "local":
                return self._by_address.get(what.address)
            what = self.scope.local(what.address.removeprefix("local."))
        return None

    def follow(self, value: Value) -> Value:
        """Return what a reference comes to where it names an argument written in a block here, else UNKNOWN.

        What is no reference is returned as it is: `follow(block.value("bucket"))` is a name where one can be told.
        """
        for _ in range(_HOPS):
            if not isinstance(value, Reference):
                return value
            block = self.resolve(value)
            if block is None or block.repeated or not value.attribute or value.attribute not in block.attributes:
                return UNKNOWN
            value = block.value(value.attribute)
        return UNKNOWN

    @cached_property
    def _referrers(self) -> dict[str, list[Block]]:
        found: dict[str, list[Block]] = {}
        for block in self.blocks:
            for address in dict.fromkeys(self._reached(block.references)):
                found.setdefault(address, []).append(block)
        return found

    def _reached(self, references: Iterable[Reference]) -> Iterator[str]:
        seen: set[str] = set()
        waiting = list(references)
        while waiting:
            one = waiting.pop()
            address = one.address
            yield address
            if one.parts[0] == "local" and address not in seen:
                seen.add(address)
                behind = self.scope.local_values.get(one.parts[1])
                waiting.extend(behind.references if behind is not None else ())

    def referrers(self, block: Block) -> tuple[Block, ...]:
        """Return the top-level blocks that refer to a block, through locals too."""
        return tuple(self._referrers.get(block.address, ()))


def _is_off(block: Block) -> bool:
    """Whether there is none of it, whatever the variables are: of a module all is read nevertheless."""
    count = block.attribute("count")
    return count is not None and count.expression.text == "0" and block.type in ("data", "resource")
