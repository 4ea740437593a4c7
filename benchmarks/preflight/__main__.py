"""docferry preflight beside terraform validate and checkov: `python -m benchmarks.preflight`."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from benchmarks.__main__ import PLAIN_WIDTH, facts
from benchmarks.preflight import checkers
from benchmarks.preflight.checkers import Said
from benchmarks.preflight.corpus import Case, cases
from benchmarks.preflight.elsewhere import elsewhere
from benchmarks.preflight.scores import Score, false_in, missed, score
from benchmarks.preflight.speed import speed
from benchmarks.report import MISSING, Section, Target, as_json, show


def main(
    only: Annotated[str, typer.Option(help="Classes to compare, with commas between; all unless given.")] = "",
    repeats: Annotated[int, typer.Option(min=1, help="Runs on a thousand files, of which the best counts.")] = 3,
    directory: Annotated[
        Path | None, typer.Option(help="Look at what checkov finds below this directory, instead of the corpus.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on standard output, no tables.")] = False,
) -> None:
    """Check every case of the corpus with each, and count what is found and what is said besides."""
    console = Console(stderr=json)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    if directory:
        show(console, elsewhere(directory))
        return
    held = cases(one.strip() for one in only.split(",") if one.strip())
    if not held:
        raise typer.BadParameter(f"there is no class {only!r} in the corpus")
    sections = [compared(held), speed(repeats)]
    for one in sections:
        show(console, one)
    if json:
        typer.echo(orjson.dumps(as_json(facts(), sections), option=orjson.OPT_INDENT_2).decode())
    if any(target.met is False for one in sections for target in one.targets):
        raise typer.Exit(1)


def compared(held: list[Case]) -> Section:
    """Return the table: one row a class, and for each checker how much it found and how often it was wrong."""
    ours = checkers.docferry(held)
    others = [*checkers.terraform(held), checkers.checkov(held)]
    everyone = [ours, *others]
    section = Section(
        "preflight",
        "Found of what is wrong / said besides",
        ("class", "good", "bad", "wrong", *(one.checker for one in everyone)),
    )
    for group in sorted({one.group for one in held}):
        section.rows.append(_row(group, [one for one in held if one.group == group], everyone))
    section.rows.append(_row("all", held, everyone))
    total = [score(one, held) for one in everyone]
    section.rows.append(("recall", "", "", "", *(_part(one.recall) for one in total)))
    section.rows.append(("precision", "", "", "", *(_part(one.precision) for one in total)))
    section.rows.append(("seconds", "", "", "", *(f"{one.wall_s:.1f}" for one in everyone)))
    for one in everyone:
        section.notes.extend(_notes(one, held))
    section.targets.extend(_targets(ours, others, held))
    return section


def _row(name: str, held: list[Case], everyone: list[Said]) -> tuple[str, ...]:
    good = sum(not one.expected for one in held)
    wrong = sum(len(one.expected) for one in held)
    return (name, str(good), str(len(held) - good), str(wrong), *(_cell(one, held) for one in everyone))


def _cell(said: Said, held: list[Case]) -> str:
    if said.error:
        return MISSING
    found = score(said, held)
    judged = f"{found.found} of {found.expected}" if found.expected else MISSING
    return f"{judged} / {found.false}"


def _part(value: float | None) -> str:
    return MISSING if value is None else f"{value:.0%}"


def _notes(said: Said, held: list[Case]) -> list[str]:
    if said.error:
        return [f"{said.checker} {said.error}"]
    besides = Counter(one.said[:100] for case in held for one in false_in(said, case))
    notes = [f"{said.checker} said besides, {count} times: {what}" for what, count in besides.items()]
    reasons = Counter(one[:80] for one in said.unjudged.values())
    notes += [f"{said.checker} could not judge {count} here: {reason}" for reason, count in reasons.items()]
    if said.outside:
        notes.append(f"{said.checker}: {said.outside} messages are outside these classes")
    return notes


def _targets(ours: Said, others: list[Said], held: list[Case]) -> list[Target]:
    found: Score = score(ours, held)
    lost = missed(ours, others, held)
    absent = [one.checker for one in others if one.error]
    return [
        Target("all that is wrong is found", f"{found.found} of {found.expected}", found.found == found.expected),
        Target("nothing else is said", f"{found.false} besides", not found.false),
        Target(
            "what another finds is found",
            "; ".join(lost)
            or (f"nothing to hold it against: no {', '.join(absent)}" if absent else "nothing is missed"),
            None if absent and not lost else not lost,
        ),
    ]


if __name__ == "__main__":
    typer.run(main)
