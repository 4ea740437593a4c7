"""The report for a person."""

from rich.console import Console
from rich.text import Text

from docferry.preflight.finding import Finding, Severity, Undecided
from docferry.preflight.report.report import Report, printable, when

COLOURS = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
_LINES = {"+": "green", "-": "red", "@": "cyan"}


def show(report: Report, console: Console) -> None:
    """Print it: the worst first, what cannot be told apart, and a summary at the end."""
    for severity in Severity:
        findings = [one for one in report.fresh if one.severity is severity]
        if findings:
            console.print(Text(f"{severity.value} ({len(findings)})", COLOURS[severity]))
        for one in findings:
            console.print(_finding(report, one))
    if report.result.undecided:
        console.print(Text(f"cannot be told ({len(report.result.undecided)})", "bold"))
        for each in report.result.undecided:
            console.print(_undecided(report, each))
        console.print()
    console.print(Text(report.summary(), "bold red" if report.failed else "bold"))


def _finding(report: Report, one: Finding) -> Text:
    text = Text()
    _line(text, 2, f"{report.where(one.place)}  {one.rule}  {one.subject}".strip(), "bold")
    _line(text, 4, one.message)
    if not one.certain:
        _line(text, 4, "unless a variable is given another value at deployment", "dim")
    _line(text, 4, f"{when(one)}: {one.why}")
    _line(text, 4, f"fix: {one.fix}")
    for line in printable(report.diff(one)).split("\n")[2:-1]:
        _line(text, 6, line, _LINES.get(line[:1], ""))
    _line(text, 4, one.reference, "dim")
    return text


def _undecided(report: Report, one: Undecided) -> Text:
    text = Text()
    _line(text, 2, f"{report.where(one.place)}  {one.rule}  {one.subject}: {one.what_is_unknown}".strip())
    text.right_crop(1)
    return text


def _line(text: Text, indent: int, said: str, style: str = "") -> None:
    text.append(" " * indent)
    text.append(printable(said).replace("\n", "\n" + " " * indent), style)
    text.append("\n")
