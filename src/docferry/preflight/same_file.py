"""Files that are reached in several ways, by links: what is in one is told once."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from docferry.preflight.finding import Finding, Outcome


def first_paths(root: Path, found: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """Return the first path of each file that has an earlier one too, by the later paths.

    Two in one directory are left as two: Terraform reads both, and what is declared in them is declared twice.
    """
    paths = [Path(directory, name).as_posix() for directory, names in found for name in names]
    if not any((root / one).is_symlink() for one in paths):
        return {}
    first: dict[str, str] = {}
    earlier = {one: first.setdefault(os.path.realpath(root / one), one) for one in paths}
    return {path: one for path, one in earlier.items() if os.path.dirname(path) != os.path.dirname(one)}


def lent(root: Path, found: Iterable[tuple[str, list[str]]]) -> frozenset[str]:
    """Return the directories all of whose files lie there for others to link to: the rest is beside the links."""
    held = [(directory, root / directory / name) for directory, names in found for name in names]
    linked = {os.path.realpath(one) for _, one in held if one.is_symlink()}
    if not linked:
        return frozenset()
    own = {directory for directory, one in held if one.is_symlink() or os.path.realpath(one) not in linked}
    return frozenset(directory for directory, _ in held) - own


def told_once(outcome: Outcome, first: Mapping[str, str]) -> Outcome:
    """Return what was found with its file's first path."""
    place = outcome.place
    if place is None or place.file not in first:
        return outcome
    file = first[place.file]
    subject = file if outcome.subject == place.file else outcome.subject
    moved = replace(outcome, place=replace(place, file=file), subject=subject)
    if not isinstance(moved, Finding):
        return moved
    return replace(moved, edits=tuple(replace(one, file=first.get(one.file, one.file)) for one in moved.edits))
