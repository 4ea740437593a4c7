"""Reads a directory's files into a module."""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docferry.preflight.finding import Place
from docferry.preflight.hcl import kinds
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.build import Builder
from docferry.preflight.hcl.expression import Scope
from docferry.preflight.hcl.json_file import read_json
from docferry.preflight.hcl.mentions import mentions
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.override import is_override, merged
from docferry.preflight.hcl.parse import SHOWN, SyntaxFault, faults, parse
from docferry.preflight.hcl.source import Source
from docferry.preflight.hcl.value import UNKNOWN, Value

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes of the largest file that is read: a configuration written by hand is a hundredth of it."""
_TEMPLATE = re.compile(r".*\.tf(?:\.json)?\.(?:ejs|erb|gotmpl|hbs|j2|jinja2?|mustache|njk|template|tmpl|tpl)")
_TERRAFORMS = ("terraform.tfvars", "terraform.tfvars.json")
_AUTOMATIC = ("*.auto.tfvars", "*.auto.tfvars.json")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read. `broken` is False where it may well be a good one."""

    place: Place
    message: str
    broken: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """A module, and what of its files could not be read."""

    module: Module
    unreadable: tuple[Unreadable, ...]


def is_configuration(name: str) -> bool:
    """Whether Terraform reads a file of this name."""
    return name.endswith((".tf", ".tf.json")) and not name.startswith(".") and not name.endswith("~")


def directories(root: Path, refused: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Give each directory with configuration in it, relative to the root, and its files' names, all sorted.

    Hidden directories, among them .terraform, and links to directories are left out. `refused` is called for each
    that cannot be listed.
    """
    for path, inner, names in os.walk(root, onerror=refused):
        inner[:] = sorted(one for one in inner if not one.startswith("."))
        found = sorted(one for one in names if is_configuration(one))
        if found:
            yield Path(path).relative_to(root).as_posix(), found


def load(root: Path, directory: str, names: list[str], *, alone: bool = True) -> Loaded:
    """Read the files of a directory into a module. What cannot be read is told and left out.

    `alone` says that the files are read where they are, and not only in directories that link to them.
    """
    loading = _Loading(root, directory, Scope())
    for name in names:
        loading.read(name)
    blocks = merged(loading.blocks, loading.overrides)
    # What a template becomes is read by Terraform and by nobody before.
    templates = filter(_TEMPLATE.fullmatch, os.listdir(root / directory))
    complete = alone and not loading.unreadable and not any(templates)
    module = Module(directory, tuple(loading.sources), blocks, loading.scope, complete=complete)
    _declare(module)
    _set_variables(module, root)
    return Loaded(module, tuple(loading.unreadable))


class _Loading:
    def __init__(self, root: Path, directory: str, scope: Scope) -> None:
        self._root = root
        self._directory = directory
        self.scope = scope
        self.sources: list[Source] = []
        self.blocks: list[Block] = []
        self.overrides: list[Block] = []
        self.unreadable: list[Unreadable] = []

    def read(self, name: str) -> None:
        path = name if self._directory == "." else f"{self._directory}/{name}"
        try:
            source = read_source(self._root, path)
        except ValueError as error:
            self.unreadable.append(Unreadable(Place(path, 1, 1), str(error), broken=False))
            return
        found, blocks = self._blocks(source)
        self.sources.append(source)
        self.unreadable += [Unreadable(source.place(one.offset), one.message, broken=True) for one in found]
        (self.overrides if is_override(name) else self.blocks).extend(blocks)

    def _blocks(self, source: Source) -> tuple[list[SyntaxFault], list[Block]]:
        try:
            source.data.decode()
        except UnicodeDecodeError as error:
            return [SyntaxFault(error.start, "a byte that is no UTF-8")], []
        if source.path.endswith(".json"):
            return read_json(source, self.scope)
        tree = parse(source.data)
        if found := faults(tree, source):
            return found, []
        blocks = Builder(source, self.scope).blocks(tree.root_node)
        found = list(kinds.faults(blocks))[:SHOWN]
        self.scope.mentions[source.path] = mentions(tree.root_node, source.data)
        return found, [] if found else blocks


def read_source(root: Path, path: str) -> Source:
    """Read one file. Raises ValueError if it cannot be read or is too large."""
    try:
        if not (root / path).is_file():
            raise ValueError("no regular file")
        if (root / path).stat().st_size > LARGEST_FILE:
            raise ValueError(f"larger than {LARGEST_FILE // 1024 // 1024} MiB")
        return Source(path, (root / path).read_bytes())
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error


def _declare(module: Module) -> None:
    for block in module.blocks:
        module.scope.declared[block.address] = block
        if block.type == "locals":
            module.scope.local_values.update({name: one.expression for name, one in block.attributes.items()})


def _set_variables(module: Module, root: Path) -> None:
    values = module.scope.variables
    for block in module.of("variable"):
        values[block.name] = block.value("default") if "default" in block.attributes else UNKNOWN
    for path in _variable_files(root, module.directory):
        values.update({name: one for name, one in _values_in(root, path).items() if name in values})


def _variable_files(root: Path, directory: str) -> list[str]:
    """Name the files of values that Terraform reads by itself, in its order."""
    here = root / directory
    automatic = sorted(one.name for pattern in _AUTOMATIC for one in here.glob(pattern))
    names = [one for one in (*_TERRAFORMS, *automatic) if (here / one).is_file()]
    return [(here / one).relative_to(root).as_posix() for one in names]


def _values_in(root: Path, path: str) -> dict[str, Value]:
    """Read a file of values; nothing is in one that is broken. In JSON all texts stand for themselves."""
    try:
        source = read_source(root, path)
        source.data.decode()
        if path.endswith(".json"):
            held = json.loads(source.data)
            return held if isinstance(held, dict) else {}
    except (ValueError, RecursionError):
        return {}
    tree = parse(source.data)
    if faults(tree, source):
        return {}
    return {name: one.value for name, one in Builder(source, Scope()).attributes(tree.root_node).items()}
