"""What the command `docferry` starts."""

import sys

import typer


def main() -> None:
    """Run a command. `preflight` starts without the others, in a tenth of a second: hooks run it often."""
    if sys.argv[1:2] != ["preflight"]:
        from docferry.cli.main import main as every_command  # noqa: PLC0415 - it imports all that moves documents

        every_command()
        return
    from docferry.cli.preflight import preflight  # noqa: PLC0415
    from docferry.cli.run import errors_as_one_line  # noqa: PLC0415

    app = typer.Typer(name="docferry", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    # Without a callback an app of one command would take the command's name for an argument.
    app.callback()(lambda: None)
    app.command()(preflight)
    with errors_as_one_line():
        app()
