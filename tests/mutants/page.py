"""Writes docs/mutants.md: what each mutant would lose, and what finds it.

python -m tests.mutants.page > docs/mutants.md
"""

import sys
from collections.abc import Sequence

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import ROOT, Mutant

PAGE = ROOT / "docs" / "mutants.md"
_HEAD = """# Mutants

Faults that could lose data, each of them made by hand: an exact replacement in one named file, or two together.
Each is put into a copy of the code by itself, and the tests named beside it have to fail then. Tests that never
failed prove little; these are seen to fail for the reason that they are there for.

    make mutants                                      # all of them, a table, exit code 1 if one survives
    .venv/bin/python -m tests.mutants --only drain    # those with that word in their names; --json for programs

First the named tests have to pass on a copy without any fault. A mutant counts as killed only if a test fails:
code that cannot be imported, or a test that is not there, is told as a mutant that was not tried. So is a
replacement whose text is not there exactly once any more: then the code has changed, and the mutant is to be
looked at. `make test` tries those marked with *.

"""
_PAIRS = """
## Pairs

Two faults at once, where each takes away what makes up for the other in a whole run. The runs are those of
`tests/mutants/seeds.py`, which only `make mutants` makes.

"""


def page() -> str:
    """Return the page."""
    single, pairs = [one for one in MUTANTS if not one.pair], [one for one in MUTANTS if one.pair]
    return f"{_HEAD}{_table(single)}{_PAIRS}{_table(pairs)}"


def _table(mutants: Sequence[Mutant]) -> str:
    rows = ["| mutant | in | what would be lost | killed by |", "|---|---|---|---|", *map(_row, mutants)]
    return "\n".join(rows) + "\n"


def _row(mutant: Mutant) -> str:
    places = ", ".join(dict.fromkeys(f"`{one.file}`" for one in mutant.faults))
    killers = ", ".join(f"`{one}`" for one in mutant.killers)
    return f"| {mutant.name}{' *' if mutant.quick else ''} | {places} | {mutant.loses} | {killers} |"


if __name__ == "__main__":
    sys.stdout.write(page())
