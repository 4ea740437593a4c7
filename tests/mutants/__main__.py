"""Tries all mutants, or those whose names hold a word:

    python -m tests.mutants [--json] [--only WORD]

First their killers have to pass on a copy without any fault. Exits with 1 if a mutant survives or cannot be tried.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant, all_killers
from tests.mutants.trial import PASSED, SHOWN_CHARACTERS, Verdict, copied, ran, tried


def main(arguments: Sequence[str] | None = None) -> int:
    """Try them and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    parser.add_argument("--only", default="", metavar="WORD", help="those mutants whose names hold it")
    asked = parser.parse_args(arguments)
    mutants = [one for one in MUTANTS if asked.only in one.name]
    if not mutants:
        sys.stderr.write(f"no mutant has {asked.only!r} in its name\n")
        return 2
    if said := _without_fault(mutants):
        sys.stderr.write(f"the killers fail without any fault:\n{said}\n")
        return 2
    verdicts = []
    for one in mutants:
        verdicts.append(tried(one))
        if not asked.json:
            sys.stdout.write(_row(verdicts[-1]))
            sys.stdout.flush()
    left = [one for one in verdicts if not one.killed]
    if asked.json:
        sys.stdout.write(json.dumps([_entry(one) for one in verdicts], indent=2) + "\n")
    else:
        sys.stdout.write(f"{len(verdicts) - len(left)} of {len(verdicts)} mutants killed\n")
    return 1 if left else 0


def _without_fault(mutants: Sequence[Mutant]) -> str:
    with copied() as sources:
        came = ran(sources, all_killers(mutants))
    return "" if came.code == PASSED else came.said[-SHOWN_CHARACTERS:]


def _row(verdict: Verdict) -> str:
    what = "killed" if verdict.killed else "NOT TRIED" if verdict.problem else "SURVIVED"
    by = verdict.problem or ", ".join(one.rpartition("::")[2] for one in verdict.by)
    return f"{what:9}  {verdict.seconds:5.1f} s  {verdict.mutant.name}  ({by})\n"


def _entry(verdict: Verdict) -> dict[str, object]:
    return {
        "name": verdict.mutant.name,
        "loses": verdict.mutant.loses,
        "faults": [one.file for one in verdict.mutant.faults],
        "killed": verdict.killed,
        "by": list(verdict.by),
        "problem": verdict.problem,
        "seconds": round(verdict.seconds, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
