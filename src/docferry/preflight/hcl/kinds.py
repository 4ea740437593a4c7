"""The kinds of top-level blocks, each with how many labels follow it."""

from collections.abc import Iterable, Iterator

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.parse import SyntaxFault

LABELS = {
    "action": 2,
    "check": 1,
    "data": 2,
    "ephemeral": 2,
    "import": 0,
    "locals": 0,
    "module": 1,
    "moved": 0,
    "output": 1,
    "provider": 1,
    "removed": 0,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}


def unknown(kind: str) -> str:
    """Say that there is no such block."""
    return f"Terraform knows no block `{kind}`"


def faults(blocks: Iterable[Block]) -> Iterator[SyntaxFault]:
    """Give the blocks that Terraform does not know, or that have too many labels or too few."""
    for one in blocks:
        if one.type not in LABELS:
            yield SyntaxFault(one.start, unknown(one.type))
        elif len(one.labels) != LABELS[one.type]:
            asked = LABELS[one.type]
            names = f"{asked or 'no'} label{'' if asked == 1 else 's'}"
            yield SyntaxFault(one.start, f"`{one.type}` takes {names}, and {len(one.labels)} are given")
