"""What a project's documents name."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from docferry.preflight.tree import Tree

DOCUMENTS = ("README*", "*.md", "*.rst", "*.adoc")
VALUES = ("*.tfvars", "*.tfvars.*")
_SHOWN = 3


@lru_cache(maxsize=1)
def documents(tree: Tree) -> tuple[str, ...]:
    """Return the paths of README files and all in Markdown, reStructuredText or AsciiDoc."""
    return _like(DOCUMENTS, tree)


@lru_cache(maxsize=1)
def documented(tree: Tree) -> frozenset[str]:
    """Return all words of documents."""
    return _words(documents(tree), tree)


@lru_cache(maxsize=1)
def valued(tree: Tree) -> frozenset[str]:
    """Return all words of files of values for variables, examples of such files among them."""
    return _words(_like(VALUES, tree), tree)


def _like(patterns: Iterable[str], tree: Tree) -> tuple[str, ...]:
    return tuple(sorted({path for pattern in patterns for path in tree.files(pattern)}))


def _words(paths: Iterable[str], tree: Tree) -> frozenset[str]:
    return frozenset(word for path in paths for word in re.findall(r"\w+", tree.text(path) or ""))


def some(names: Sequence[str]) -> str:
    """Return the first few of some names, as code, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{one}`" for one in names[:_SHOWN]) + more
