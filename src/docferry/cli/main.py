"""The docferry command: its subcommands, and errors as one line."""

import typer

from docferry.cli.approve import approve
from docferry.cli.complete import complete
from docferry.cli.conflicts import conflicts
from docferry.cli.cutover import cutover, rollback
from docferry.cli.demo import demo
from docferry.cli.outputs import outputs
from docferry.cli.package import package
from docferry.cli.plan import plan
from docferry.cli.preflight import preflight
from docferry.cli.rehearse import rehearse_plan
from docferry.cli.run import errors_as_one_line
from docferry.cli.sandbox import app as sandbox
from docferry.cli.simulate import simulate
from docferry.cli.status import status
from docferry.cli.sync import sync
from docferry.cli.validate import validate

app = typer.Typer(
    name="docferry",
    help="Moves a live document store (S3, DynamoDB) to another region or account, and proves nothing was lost.",
    epilog="Exit codes: 0 ok, 1 differences, 2 bad input, 3 refused by a check, 4 stopped for the operator, "
    "5 AWS or credentials, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(sandbox, name="sandbox")
app.command()(demo)
app.command()(plan)
app.command()(preflight)
app.command()(sync)
app.command()(validate)
app.command()(cutover)
app.command()(rollback)
app.command()(approve)
app.command()(complete)
app.command()(conflicts)
app.command()(status)
app.command()(outputs)
app.command()(package)
app.command()(simulate)
app.command("rehearse")(rehearse_plan)


def main() -> None:
    """Run a command; no error of docferry's own ever shows a traceback."""
    with errors_as_one_line():
        app()
