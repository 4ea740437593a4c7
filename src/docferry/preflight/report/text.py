"""The report for a person."""

from textwrap import wrap

from rich.console import Console
from rich.text import Text

from docferry.preflight.finding import Finding, Severity, Undecided
from docferry.preflight.report.report import Report, printable, when

COLOURS = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
MOST_COLUMNS = 120
"""Of a wider terminal no more are used: longer lines are hard to read."""
LEAST_COLUMNS = 30
_LINES = {"+": "green", "-": "red", "@": "cyan"}


def show(report: Report, console: Console) -> None:
    """Print it: the worst first, what cannot be told apart, and a summary at the end.

    Lines are broken on a terminal only: what is written to a file or a pipe is searched and cut by lines.
    """
    columns = max(min(console.width, MOST_COLUMNS), LEAST_COLUMNS) if console.is_terminal else None
    for severity in Severity:
        findings = [one for one in report.fresh if one.severity is severity]
        if findings:
            console.print(Text(f"{severity.value} ({len(findings)})", COLOURS[severity]))
        for one in findings:
            console.print(_finding(report, one, columns))
    if report.result.undecided:
        console.print(Text(f"cannot be told ({len(report.result.undecided)})", "bold"))
        for each in report.result.undecided:
            console.print(_undecided(report, each, columns))
        console.print()
    console.print(Text(report.summary(), "bold red" if report.failed else "bold"))
    mechanical = sum(bool(one.edits) for one in report.fresh)
    if mechanical:
        what = "one of these" if mechanical == 1 else f"{mechanical:,} of these"
        console.print(Text(f"--fix mends {what}; --fix --dry-run shows how", "dim"))


def _finding(report: Report, one: Finding, columns: int | None) -> Text:
    text = Text()
    _line(text, 2, f"{report.where(one.place)}  {one.rule}  {one.subject}".strip(), "bold", columns)
    _line(text, 4, one.message, columns=columns)
    if not one.certain:
        _line(text, 4, "unless a variable is given another value at deployment", "dim", columns)
    _line(text, 4, f"{when(one)}: {one.why}", columns=columns)
    # What mends an account is a command or a statement, to be copied as it is.
    _line(text, 4, f"fix: {one.fix}", columns=columns if one.place else None)
    for line in printable(report.diff(one)).split("\n")[2:-1]:
        _line(text, 6, line, _LINES.get(line[:1], ""))
    _line(text, 4, one.reference, "dim", columns)
    return text


def _undecided(report: Report, one: Undecided, columns: int | None) -> Text:
    text = Text()
    said = f"{report.where(one.place)}  {one.rule}  {one.subject}: {one.what_is_unknown}".strip()
    _line(text, 2, said, columns=columns, hanging=2)
    text.right_crop(1)
    return text


def _line(
    text: Text, indent: int, said: str, style: str = "", columns: int | None = None, hanging: int = 0
) -> None:
    """Add a line, broken between words where there are only so many columns."""
    lines = printable(said).split("\n")
    if columns:
        width = columns - indent - hanging
        lines = [
            part for one in lines for part in wrap(one, width, break_long_words=False, break_on_hyphens=False)
        ]
    text.append(" " * indent)
    text.append(("\n" + " " * (indent + hanging)).join(lines), style)
    text.append("\n")
