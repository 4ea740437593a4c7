"""What the command `docferry` starts."""

import sys


def main() -> None:
    """Run a command."""
    try:
        _main()
    except KeyboardInterrupt:
        # What a command does tells by itself that it was interrupted: this is while it is imported.
        sys.stderr.write("docferry: interrupted before it began\n")
        raise SystemExit(130) from None


def _main() -> None:
    """Run a command. `preflight` starts without the others, in a tenth of a second: hooks run it often."""
    if sys.argv[1:2] != ["preflight"]:
        from docferry.cli.main import main as every_command  # noqa: PLC0415 - it imports all that moves documents

        every_command()
        return
    import typer  # noqa: PLC0415

    from docferry.cli.preflight import preflight  # noqa: PLC0415
    from docferry.cli.run import errors_as_one_line  # noqa: PLC0415

    app = typer.Typer(name="docferry", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    # Without a callback an app of one command would take the command's name for an argument.
    app.callback()(lambda: None)
    app.command()(preflight)
    with errors_as_one_line():
        app()
