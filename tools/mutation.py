"""Prints what `make mutation` found so far: `python -m tools.mutation [--survivors]`.

The score of each file, and with `--survivors` each mutant that no test found, as a diff.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import Stat, calculate_summary_stats, status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

COLUMNS = ("mutants", "killed", "timed out", "survived", "no tests", "other", "found")


def tried() -> Iterator[SourceFileMutationData]:
    """Give the files that have mutants, in order."""
    for path in sorted(walk_mutatable_files()):
        held = SourceFileMutationData(path=path)
        held.load()
        if held.exit_code_by_key:
            yield held


def row(name: str, files: Iterable[SourceFileMutationData]) -> str:
    """Return one row of the table: the counts, and the share of all mutants that a test found."""
    one: Stat = calculate_summary_stats({str(held.path): held for held in files})
    told = (one.killed, one.timeout, one.survived, one.no_tests)
    share = f"{100 * (one.killed + one.timeout) / one.total:.1f} %" if one.total else "none"
    return " | ".join(("", name, *map(str, (one.total, *told, one.total - sum(told), share)), "")).strip()


def survivors(files: Iterable[SourceFileMutationData]) -> Iterator[str]:
    """Give each mutant that no test found, with its name."""
    for held in files:
        for name, code in held.exit_code_by_key.items():
            if (status := status_by_exit_code[code]) not in ("killed", "timeout"):
                yield f"# {name}: {status}\n{get_diff_for_mutant(name, path=held.path)}\n"


def main(arguments: Sequence[str]) -> None:
    """Print the survivors if asked to, and the table."""
    files = list(tried())
    lines = list(survivors(files)) if "--survivors" in arguments else []
    lines += ["| file | " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * len(COLUMNS)]
    for held in files:
        lines.append(row(f"`{str(held.path).removeprefix('src/docferry/')}`", [held]))
    lines.append(row("all", files))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
