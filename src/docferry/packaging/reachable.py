"""Which of docferry's own files the functions need: what can be reached by import from their handlers.

Imports inside functions count as well. A module named only at run time (import_module) is not seen. A data file
comes along if a module that is reached holds its name as a string.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import docferry
from docferry.domain.errors import InvalidInput

HANDLERS = ("docferry.handlers.data_sync", "docferry.handlers.validation")
ROOT = Path(docferry.__file__).parent

_CODE = {".py", ".pyc", ".pyi"}


def reachable(entries: Iterable[str] = HANDLERS, root: Path = ROOT) -> dict[str, Path]:
    """Return each file by its path in the zip. `root` is the package's directory.

    Raises InvalidInput if an entry is not there.
    """
    waiting = list(entries)
    for entry in waiting:
        if _file(entry, root) is None:
            raise InvalidInput(f"this docferry has no module {entry}; nothing was built", hint="install it again")
    found: dict[str, Path] = {}
    strings: set[str] = set()
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen or not (file := _file(module, root)):
            continue
        seen.add(module)
        found[_inside(file, root)] = file
        tree = ast.parse(file.read_bytes(), filename=str(file))
        package = module if file.name == "__init__.py" else module.rpartition(".")[0]
        waiting += [module.rpartition(".")[0], *_imported(tree, package)]
        strings |= set(_strings(tree))
    found |= {_inside(file, root): file for file in _data(root) if file.name in strings}
    return dict(sorted(found.items()))


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            # What is imported from a package may be a module of it.
            yield from (base, *(f"{base}.{alias.name}" for alias in node.names))


def _file(module: str, root: Path) -> Path | None:
    parts = module.split(".")
    if parts[0] != root.name:
        return None
    place = root.joinpath(*parts[1:])
    candidates = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((one for one in candidates if one.is_file()), None)


def _data(root: Path) -> list[Path]:
    return [file for file in root.rglob("*") if file.is_file() and file.suffix not in _CODE]


def _inside(file: Path, root: Path) -> str:
    return file.relative_to(root.parent).as_posix()


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
