"""Where in an expression something is referred to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docferry.preflight.finding import Edit, Place
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.value import Reference

_INDEX = r"(?:\[[^\[\]]*\]|\.\*)?"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A reference as it is written."""

    place: Place
    address: str


def occurrences(
    expression: Expression, reference: Reference, instead: str | None
) -> Iterator[tuple[Occurrence, Edit | None]]:
    """Give each place of a reference, with the edit that puts another name for its attribute.

    Where the text does not tell them apart, as with a comment, there is one place, that of the whole, and no edit.
    """
    length = 4 if reference.parts[0] == "data" else 3
    names = (re.escape(one) for one in reference.parts[:length])
    pattern = re.compile(r"(?<![\w.-])" + rf"{_INDEX}\s*\.\s*".join(names) + r"(?![\w-])")
    text = expression.text
    found = list(pattern.finditer(text))
    wanted = [one for one in expression.references if one.parts[:length] == reference.parts[:length]]
    if len(found) != len(wanted) or expression.source.path.endswith(".json"):
        yield Occurrence(expression.place, expression.address), None
        return
    for one in found if reference == wanted[0] else ():
        start, end = (expression.start + len(text[:at].encode()) for at in one.span())
        edit = Edit(expression.source.path, end - len(reference.parts[length - 1].encode()), end, instead or "")
        yield Occurrence(expression.source.place(start), expression.address), edit if instead else None
