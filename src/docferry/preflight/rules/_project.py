"""What lies beside a configuration: whether there are tests, and of what."""

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rules._whole import LEAST, is_shown, whole
from docferry.preflight.tree import Tree

_DEPLOYED = re.compile(r'^\s*(?:backend\s+"|cloud\s*\{|provider\s+")', re.MULTILINE)
_RESOURCE = re.compile(r'^\s*resource\s+"', re.MULTILINE)
_MODULE = re.compile(r'^\s*module\s+"', re.MULTILINE)
_HANDLER = re.compile(r"^(?:async )?def \w+\(\s*_?event\b[^)]*?,\s*_?(?:lambda_)?context\b", re.MULTILINE)
_FUNCTION = re.compile(r'^\s*resource\s+"aws_lambda_function"', re.MULTILINE)
_TEST_FILES = ("test_*.py", "*_test.py", "*.spec.*", "*.test.*", "*_test.go", "*.bats")
_MARKS = (
    "Makefile",
    "pyproject.toml",
    "package.json",
    "go.mod",
    "Taskfile.yml",
    "justfile",
    "tox.ini",
    "setup.py",
)
_AGAINST_AWS = re.compile(
    r"(?:^|/)(?:integration|e2e|end[_-]to[_-]end|live|acceptance|system|smoke|functional|deployed)"
    r"(?:[_-]?tests?)?(?:/|[_-][^/]*$|\.[^/]*$)|(?:^|/)(?:test_)?(?:integration|e2e|smoke|acceptance|live)[^/]*\.\w+$"
)
_LIBRARIES = re.compile(r"(?:^|/)(?:site-packages|node_modules|vendor|venv)/")
_RUN = re.compile(r'^\s*run\s+"', re.MULTILINE)
_NO_AWS = re.compile(r"^\s*(?:mock_provider\b|command\s*=\s*plan\b)", re.MULTILINE)


class Project(NamedTuple):
    """What a tree holds. `is_all` says that nothing of the project lies outside of it."""

    top: str | None
    is_all: bool
    handlers: tuple[str, ...]
    tests: tuple[str, ...]
    terraform_tests: tuple[str, ...]


@lru_cache(maxsize=4)
def project(tree: Tree) -> Project:
    """Return what a tree holds; `top` is the directory that a finding about the whole is placed in."""
    tests = tuple(dict.fromkeys(one for pattern in _TEST_FILES for one in _own(tree, pattern)))
    return Project(
        min(_deployed(tree), key=lambda one: (one.count("/") + (one != "."), one), default=None),
        tree.is_project or any("/" not in one for name in _MARKS for one in tree.files(name)),
        _handlers(tree, tests),
        tests,
        tuple(one for kind in ("hcl", "json") for one in tree.files(f"*.tftest.{kind}")),
    )


def _deployed(tree: Tree) -> list[str]:
    """Return the directories that look deployed, going by their text: `whole` looks at one closely."""
    weights: Counter[str] = Counter()
    found: set[str] = set()
    for path in tree.files("*.tf"):
        text, name = tree.text(path) or "", _directory(path)
        weights[name] += _weight(text)
        found |= {name} if _DEPLOYED.search(text) else set()
    return [one for one in found if weights[one] >= LEAST and not is_shown(one)]


def _weight(text: str) -> int:
    return len(_RESOURCE.findall(text)) + LEAST * len(_MODULE.findall(text))


def _own(tree: Tree, pattern: str) -> list[str]:
    """Return the files that are the project's own, and not those of a library that lies there."""
    return [one for one in tree.files(pattern) if not _LIBRARIES.search(one)]


def _directory(path: str) -> str:
    return path.rpartition("/")[0] or "."


def _handlers(tree: Tree, tests: tuple[str, ...]) -> tuple[str, ...]:
    if not any(_FUNCTION.search(tree.text(one) or "") for one in tree.files("*.tf")):
        return ()
    code = (one for one in _own(tree, "*.py") if one not in tests)
    return tuple(one for one in code if _HANDLER.search(tree.text(one) or ""))


def top(module: Module, tree: Tree) -> Block | None:
    """Return the block to place findings about the whole tree at, if they belong to this module."""
    block = whole(module)
    return block if block is not None and project(tree).top == module.directory else None


def against_aws(tree: Tree) -> bool:
    """Whether something tests what is deployed: going by names, or tests of Terraform that apply."""
    held = project(tree)
    tests = (*held.tests, *tree.files("kitchen.yml"), *(one for one in _own(tree, "*.py") if "test" in one))
    if any(_AGAINST_AWS.search(one) for one in tests) or any(one.endswith("_test.go") for one in held.tests):
        return True
    texts = (tree.text(one) or "" for one in held.terraform_tests)
    return any(_RUN.search(one) and not _NO_AWS.search(one) for one in texts)
