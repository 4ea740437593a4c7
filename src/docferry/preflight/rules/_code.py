"""Where the code of a function is in the checked directory."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference
from docferry.preflight.rules._lambda import FUNCTION
from docferry.preflight.tree import Tree

ARCHIVE = "archive_file"
_PART = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
_DEEPEST = 5
_FROM_ROOT = "\0"
_NOT_CODE = (".tf", ".tf.json", ".tfvars", ".hcl", ".md", ".rst", ".tfstate")


@dataclass(frozen=True, slots=True)
class Package:
    """What a function is made of: the files, and the one that holds the handler. Paths begin at the checked root.

    `root` is the directory that imports start from, empty for the checked one. `named` is False where only the
    handler's name led here: the deployed package may be made of other files. `inline` are those that the
    configuration itself holds, by their paths in the package.
    """

    root: str
    files: tuple[str, ...]
    handler: str
    named: bool = True
    inline: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str, tree: Tree) -> str:
        """Return what is in a file, nothing if it is no text."""
        return self.inline[path] if path in self.inline else tree.text(path) or ""


def package_of(function: Block, module: Module, tree: Tree) -> Package | None:
    """Return the package of a function in Python, or None if its code is not found here."""
    handler = _handler_path(function)
    if handler is None or "image_uri" in function.attributes:
        return None
    archive = archive_of(function, module)
    if archive is None:
        return _by_handler(function, handler, module, tree)
    if function.ignores("filename", "source_code_hash"):
        # The archive only stands there until the code is deployed.
        return None
    inline = _inline(archive, module, tree)
    if inline:
        return Package("", tuple(inline), handler, inline=inline) if handler in inline else None
    paths = archived(archive, module, tree)
    for path in paths:
        root = path.removesuffix(handler).rstrip("/")
        if path in (handler, f"{root}/{handler}"):
            return Package(root, tuple(paths), path) if _is_root(archive, root, module) else None
    return None


def archive_of(function: Block, module: Module) -> Block | None:
    """Return the archive_file that a function's package is the output of, or None."""
    filename = function.attribute("filename")
    if filename is None:
        return None
    if isinstance(filename.value, Reference):
        block = module.resolve(filename.value)
        fits = block is not None and len(block.labels) == 2 and block.labels[0] == ARCHIVE
        return block if fits else None
    path = local_path(filename.expression, module)
    for block in (*module.data(ARCHIVE), *module.resources(ARCHIVE)):
        output = block.attribute("output_path")
        if path is not None and output is not None and local_path(output.expression, module) == path:
            return block
    return None


def archived(archive: Block, module: Module, tree: Tree) -> list[str]:
    """Return the files that an archive_file takes in, of those that are here; none where that cannot be told."""
    for name in ("source_file", "source_dir"):
        attribute = archive.attribute(name)
        path = local_path(attribute.expression, module) if attribute else None
        if path is not None:
            below = files_below(path, tree)
            return below if name == "source_dir" else [one for one in files_below(".", tree) if one == path]
    return []


def _inline(archive: Block, module: Module, tree: Tree) -> dict[str, str]:
    """Return the files that an archive_file holds in blocks; nothing if one of them is not known."""
    found: dict[str, str] = {}
    for block in archive.blocks("source"):
        name, content = block.value("filename"), block.attribute("content")
        text = _content(content.expression, module, tree) if content and not block.dynamic else None
        if not isinstance(name, str) or text is None:
            return {}
        found[name] = text
    return found


def _content(expression: Expression, module: Module, tree: Tree) -> str | None:
    if isinstance(expression.value, str):
        return expression.value
    name, given = expression.call or ("", [])
    path = local_path(given[0], module) if name == "file" and given else None
    return tree.text(path) if path is not None else None


def files_below(directory: str, tree: Tree) -> list[str]:
    """Return the files of a directory, at any depth."""
    prefix = "" if directory == "." else f"{directory}/"
    return [one for one in tree.files("*") if one.startswith(prefix)]


def is_code(path: str) -> bool:
    """Whether a file may be a part of a program: neither configuration of Terraform nor a document."""
    return not path.endswith(_NOT_CODE)


def local_path(expression: Expression, module: Module) -> str | None:
    """Return the path that an expression comes to, from the checked root, or None if it is unknown or outside."""
    text, started = _path_text(expression, module, 0), _started_in(module)
    if text is None or started is None or text.startswith("/"):
        return None
    path = text[1:] if text.startswith(_FROM_ROOT) else posixpath.join(started, text)
    path = posixpath.normpath(path)
    return None if path == ".." or path.startswith("../") else path


def _started_in(module: Module) -> str | None:
    """Return the directory that Terraform is started in, which relative paths begin at."""
    directories = {posixpath.dirname(one.source.path) or "." for one in module.callers}
    if not directories:
        return module.directory
    return directories.pop() if len(directories) == 1 else None


def _path_text(expression: Expression, module: Module, depth: int) -> str | None:
    if isinstance(expression.value, str):
        return expression.value
    text = expression.text.strip()
    if not text.startswith('"'):
        return _named(text, module, depth)
    replaced: list[str | None] = []

    def name(found: re.Match[str]) -> str:
        replaced.append(_named(found[1], module, depth))
        return replaced[-1] or ""

    text = _PART.sub(name, text[1:-1])
    return None if None in replaced or "${" in text else text


def _named(name: str, module: Module, depth: int) -> str | None:
    if name == "path.module":
        return _FROM_ROOT + module.directory
    if name in ("path.root", "path.cwd"):
        started = _started_in(module)
        return None if started is None else _FROM_ROOT + started
    if name.startswith("local.") and depth < _DEEPEST:
        behind = module.scope.local_values.get(name.removeprefix("local."))
        return _path_text(behind, module, depth + 1) if behind is not None else None
    value = module.scope.variables.get(name.removeprefix("var.")) if name.startswith("var.") else None
    return value if isinstance(value, str) else None


def _handler_path(function: Block) -> str | None:
    handler, runtime = function.value("handler"), function.value("runtime")
    if not isinstance(handler, str) or "." not in handler:
        return None
    if isinstance(runtime, str) and not runtime.startswith("python"):
        return None
    return handler.rpartition(".")[0].replace(".", "/") + ".py"


def _is_root(archive: Block, root: str, module: Module) -> bool:
    attribute = archive.attribute("source_dir")
    directory = local_path(attribute.expression, module) if attribute else None
    return directory is None or directory == (root or ".")


def _by_handler(function: Block, handler: str, module: Module, tree: Tree) -> Package | None:
    """Find the one file that a handler's name fits, or the one in a directory that is named like the package."""
    found = [one for one in tree.files("*") if one == handler or one.endswith(f"/{handler}")]
    found = [one for one in found if _belongs(one, module, tree)]
    alike = [one for one in module.resources(FUNCTION) if one.value("handler") == function.value("handler")]
    if len(found) > 1 or len({_package_text(one) for one in alike}) > 1:
        stem = posixpath.basename(_package_text(function)).rsplit(".", 1)[0]
        found = [one for one in found if stem in one.split("/")[:-1]]
    if len(found) != 1 or not _defines(tree.text(found[0]) or "", str(function.value("handler"))):
        return None
    root = found[0].removesuffix(handler).rstrip("/")
    return Package(root, tuple(files_below(root or ".", tree)), found[0], named=False)


def _belongs(path: str, module: Module, tree: Tree) -> bool:
    """Whether the configuration nearest above a file, if there is one, is this one or above it or its callers."""
    configured = _configured(tree)
    ours = (module.directory, *(posixpath.dirname(one.source.path) for one in module.callers))
    while path:
        path = posixpath.dirname(path)
        if path in configured:
            return not path or any(f"{one}/".startswith(f"{path}/") for one in ours)
    return True


@lru_cache(maxsize=1)
def _configured(tree: Tree) -> frozenset[str]:
    return frozenset(posixpath.dirname(one) for one in tree.files("*.tf"))


def _package_text(function: Block) -> str:
    attribute = function.attribute("filename") or function.attribute("s3_key")
    return attribute.expression.text.strip('"') if attribute else ""


def _defines(text: str, handler: str) -> bool:
    name = re.escape(handler.rsplit(".", 1)[-1])
    return (
        re.search(rf"^(?:async )?def {name}\b|^{name}\s*=|\bimport\b.*\b{name}\b", text, re.MULTILINE) is not None
    )
