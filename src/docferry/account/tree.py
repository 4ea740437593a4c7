"""Reads settings as S3's XML has them."""

from collections.abc import Iterator

from docferry.account.port import Tree


def texts(tree: Tree, *path: str) -> tuple[str, ...]:
    """Return every text at the end of a path, in order."""
    *way, last = path
    held = [tree]
    for name in way:
        held = [below for one in held for below in below_named(one, name)]
    return tuple(text for one in held for text in one.get(last, ()) if isinstance(text, str))


def text(tree: Tree, *path: str) -> str:
    """Return the first text at the end of a path, or nothing."""
    return next(iter(texts(tree, *path)), "")


def below_named(tree: Tree, name: str) -> Iterator[Tree]:
    """Give the trees of that name."""
    return (one for one in tree.get(name, ()) if not isinstance(one, str))
