"""Gives local modules the values that their callers pass."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.load import read_source
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference, Template, Value

_SOURCE = re.compile(rb'source"?\s*[=:]\s*"(\.\.?/[^"\n]*)"')
_META = ("source", "version", "providers", "count", "for_each", "depends_on")


Calls = Mapping[str, list[tuple[Module, Block]]]
"""By directory: who calls it, and with which block."""


def families(root: Path, found: Iterable[tuple[str, list[str]]]) -> Iterator[list[tuple[str, list[str]]]]:
    """Part directories so that those which call each other are together: the others need not be held with them."""
    names = dict(found)
    parent = {directory: directory for directory in names}

    def top(directory: str) -> str:
        while parent[directory] != directory:
            directory = parent[directory]
        return directory

    for directory, held in names.items():
        for called in _called(root, directory, held):
            if called in parent:
                parent[top(called)] = top(directory)
    together: dict[str, list[tuple[str, list[str]]]] = {}
    for directory, held in names.items():
        together.setdefault(top(directory), []).append((directory, held))
    yield from together.values()


def _called(root: Path, directory: str, names: list[str]) -> Iterator[str]:
    """Give the directories that files seem to call: one too many does no harm."""
    for name in names:
        try:
            data = read_source(root, posixpath.join(directory, name)).data
        except ValueError:
            continue
        for path in _SOURCE.findall(data):
            yield posixpath.normpath(posixpath.join(directory, path.decode("utf-8", "replace")))


def link(modules: Mapping[str, Module]) -> None:
    """Set the variables of each module that others call: to what is passed where all pass the same."""
    calls: dict[str, list[tuple[Module, Block]]] = {}
    for module in modules.values():
        for block in module.of("module"):
            target = _target(module, block)
            if target in modules:
                calls.setdefault(target, []).append((module, block))
                modules[target].callers.append(block)
                modules[target].calling.append(module)
    linked: set[str] = set()
    for directory in calls:
        _link(directory, modules, calls, linked)


def _target(module: Module, block: Block) -> str:
    source = block.value("source")
    if not isinstance(source, str) or not source.startswith(("./", "../")):
        return ""
    return posixpath.normpath(posixpath.join(module.directory, source))


def _link(
    directory: str,
    modules: Mapping[str, Module],
    calls: Calls,
    linked: set[str],
) -> None:
    if directory in linked:
        return
    linked.add(directory)
    for caller, _ in calls[directory]:
        if caller.directory in calls:
            _link(caller.directory, modules, calls, linked)
    values = modules[directory].scope.variables
    for variable in modules[directory].of("variable"):
        name, default = variable.name, variable.value("default") if "default" in variable.attributes else UNKNOWN
        passed = [_passed(block, name, default) for _, block in calls[directory]]
        # A file of values there counts only where the directory is deployed by itself.
        passed += [] if _same(values[name], default) else [values[name]]
        values[name] = passed[0] if all(_same(one, passed[0]) for one in passed) else UNKNOWN


def _passed(block: Block, name: str, default: Value) -> Value:
    if name not in block.attributes or name in _META:
        return default
    return _seen_from_within(block.value(name))


def _same(one: Value, other: Value) -> bool:
    return one == other and type(one) is type(other)


def _seen_from_within(value: Value) -> Value:
    """Return a value without references: an address of the caller's names nothing in the module."""
    if isinstance(value, Reference):
        return UNKNOWN
    if isinstance(value, Template):
        return Template(tuple(one if isinstance(one, str) else UNKNOWN for one in value.parts))
    if isinstance(value, list):
        return [_seen_from_within(one) for one in value]
    if isinstance(value, dict):
        return {key: _seen_from_within(one) for key, one in value.items()}
    return value
