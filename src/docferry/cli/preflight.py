"""docferry preflight"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docferry.cli import options, render
from docferry.domain.errors import InvalidInput
from docferry.preflight.finding import Outcome, Severity

if TYPE_CHECKING:
    from docferry.preflight.fix import Fixes
    from docferry.preflight.report.report import Report
    from docferry.preflight.rule import Context, Rule
    from docferry.preflight.run import Result

# The checks, and what shows them, are imported when the command is run: other commands start without them.


class Format(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"


def preflight(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="Where the configuration is; here unless given.", show_default=False),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How the report is written to stdout.")] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    fail_on: Annotated[
        Severity, typer.Option(help="The least severity that makes the exit code 1.")
    ] = Severity.HIGH,
    fix: Annotated[bool, typer.Option("--fix", help="Make the changes that are mechanical.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: print what would be changed, change nothing.")
    ] = False,
    baseline: Annotated[
        Path | None, typer.Option(help="Findings in this file are known and do not fail.", show_default=False)
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write all findings to the file of --baseline.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option(help="Settings; DIR/.docferry-preflight.toml unless given.", show_default=False)
    ] = None,
    account: Annotated[
        bool, typer.Option("--account", help="Prove in the account what can be; without DIR only that.")
    ] = False,
    account_config: Annotated[
        Path | None, typer.Option(help="For --account; ./docferry.toml unless given.", show_default=False)
    ] = None,
    profile: options.Profile = "",
    endpoint_url: options.EndpointUrl = "",
    list_rules: Annotated[
        bool, typer.Option("--list-rules", help="Say which rules there are, with --json as JSON, and end.")
    ] = False,
) -> None:
    """Find in any Terraform directory what would fail only at deployment. No Terraform, no network, no account.

    With --account it proves in both regions of docferry.toml what a migration needs, by canaries that are removed
    again. While that found something critical or high, docferry plan, sync and cutover refuse.

    To let one be, on its line or above: # docferry:ignore RULE REASON

    Exit code 1 means findings at or above --fail-on, 2 that there is nothing to check or a setting is wrong.

    Example: docferry preflight infra --format sarif > preflight.sarif
    """
    from docferry.preflight import baseline as baselines  # noqa: PLC0415
    from docferry.preflight.run import run  # noqa: PLC0415

    if list_rules:
        _list_rules(as_json)
        return
    _refuse_what_does_not_go_together(fix, dry_run, baseline, write_baseline)
    if not account and (account_config or profile or endpoint_url):
        # Without a word no account was looked at, and nothing found reads as if it were good.
        raise InvalidInput(
            "--account-config, --profile and --endpoint-url say how an account is reached",
            hint="give --account too, or none of them",
        )
    here, only_account = directory or Path(), account and directory is None
    if only_account and fix:
        raise InvalidInput("--fix changes files, not an account", hint="name their directory too")
    elsewhere = _of_account(account_config, profile, endpoint_url) if account else ()
    context, rules = _asked(here, config)
    with _few_collections():
        result = _account_only(elsewhere) if only_account else run(here, context, rules, elsewhere)
    asked = baselines.Asked(files=not only_account, account=account)
    if baseline and write_baseline:
        baselines.write(baseline, result.findings, result.sources, asked)
        _note(f"{render.count(len(result.findings), 'finding')} written to {baseline}")
    known = baselines.read(baseline, asked) if baseline else frozenset()
    if fix:
        fixes = _fixes(result, known)
        if dry_run:
            _show_changes(fixes, result, _prefix(here))
            return
        _write_fixes(here, fixes, result)
        result = run(here, context, rules, elsewhere)
    shown = (*(() if only_account else rules), *(_account_rules() if account else ()))
    report = _report(here, result, shown, context, known, fail_on, account_config)
    _show(report, Format.JSON if as_json else form)
    if report.failed:
        raise typer.Exit(1)


def _list_rules(as_json: bool) -> None:
    """Print a line for each rule: those on files, then those on the account."""
    from docferry.preflight.rules import all_rules  # noqa: PLC0415

    rules = (*all_rules(), *_account_rules())
    if as_json:
        names = ("id", "title", "severity", "stage", "reference")
        render.as_json({"rules": [{name: getattr(one, name) for name in names} for one in rules]})
        return
    for one in rules:
        typer.echo(f"{one.id:<32}{one.severity:<10}{one.stage:<10}{one.title}")


@contextmanager
def _few_collections() -> Iterator[None]:
    """Have garbage looked for less often, and not among what is imported: a sixth of the time went into that."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(5_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _refuse_what_does_not_go_together(
    fix: bool, dry_run: bool, baseline: Path | None, write_baseline: bool
) -> None:
    if dry_run and not fix:
        raise InvalidInput("--dry-run says what --fix would do", hint="give --fix too, or neither")
    if write_baseline and baseline is None:
        raise InvalidInput("--write-baseline has no file to write to", hint="name it with --baseline FILE")
    if write_baseline and fix:
        raise InvalidInput("--write-baseline and --fix are two steps", hint="fix first, then write the baseline")


def _asked(directory: Path, config: Path | None) -> "tuple[Context, tuple[Rule, ...]]":
    """Return what checks may know, and the rules that are not disabled."""
    from docferry.preflight.config import load  # noqa: PLC0415
    from docferry.preflight.rule import Context  # noqa: PLC0415
    from docferry.preflight.rules import all_rules  # noqa: PLC0415

    found = all_rules()
    asked = load(directory, config, tuple(one.id for one in found))
    context = Context(datetime.now(UTC).date(), asked)
    return context, tuple(one for one in found if one.id not in asked.disable)


def _of_account(config: Path | None, profile: str, endpoint_url: str) -> tuple[Outcome, ...]:
    from docferry.cli.preflight_account import outcomes  # noqa: PLC0415

    return tuple(outcomes(config, profile, endpoint_url))


def _account_only(outcomes: tuple[Outcome, ...]) -> "Result":
    from docferry.cli.preflight_account import as_result  # noqa: PLC0415

    return as_result(outcomes)


def _account_rules() -> "tuple[Rule, ...]":
    from docferry.cli.preflight_account import rules  # noqa: PLC0415

    return rules()


def _fixes(result: "Result", known: frozenset[str]) -> "Fixes":
    from docferry.preflight.baseline import split  # noqa: PLC0415
    from docferry.preflight.fix import plan  # noqa: PLC0415

    fixes = plan(split(result.findings, result.sources, known).fresh, result.sources)
    if fixes.left:
        _note(f"left, for they touch others: {render.count(len(fixes.left), 'change')}; run --fix again for them")
    return fixes


def _show_changes(fixes: "Fixes", result: "Result", prefix: str) -> None:
    """Print the changes. They are differences: the exit code is 1 if there are any."""
    from docferry.preflight.fix import diff  # noqa: PLC0415

    for path, data in sorted(fixes.contents.items()):
        _write(diff(result.sources[path].data, data, f"{prefix}{path}"))
    if fixes.contents:
        raise typer.Exit(1)


def _write_fixes(directory: Path, fixes: "Fixes", result: "Result") -> None:
    from docferry.preflight.fix import write  # noqa: PLC0415

    write(directory, fixes, result.sources)
    _note(f"{render.count(len(fixes.fixed), 'finding')} fixed in {render.count(len(fixes.contents), 'file')}")


def _report(
    directory: Path,
    result: "Result",
    rules: "tuple[Rule, ...]",
    context: "Context",
    known: frozenset[str],
    fail_on: Severity,
    account_config: Path | None,
) -> "Report":
    from docferry.preflight.baseline import split  # noqa: PLC0415
    from docferry.preflight.report.report import Report  # noqa: PLC0415

    parted = split(result.findings, result.sources, known)
    if parted.gone:
        _note(f"no more there of the baseline: {render.count(parted.gone, 'finding')}; --write-baseline forgets")
    return Report(
        result,
        rules,
        parted.fresh,
        parted.known,
        fail_on,
        _prefix(directory),
        version("docferry"),
        context.config.disable,
        _from_here(account_config or Path("docferry.toml")).as_posix(),
    )


def _prefix(directory: Path) -> str:
    """Return what leads from where the command was given to the files."""
    directory = _from_here(directory)
    return "" if directory == Path() else f"{directory.as_posix()}/"


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_absolute() and path.is_relative_to(Path.cwd()) else path


def _show(report: "Report", form: Format) -> None:
    if form is Format.TEXT:
        from docferry.preflight.report.text import show  # noqa: PLC0415

        if isinstance(sys.stdout, TextIOWrapper):
            # A terminal may not know every character of a file's name.
            sys.stdout.reconfigure(errors="replace")
        show(report, render.out)
        return
    # Each format is a module with a function `render`.
    _write(import_module(f"docferry.preflight.report.{form.value}").render(report))


def _write(text: str) -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        # Wherever it is run, as XML says of itself.
        sys.stdout.reconfigure(encoding="utf-8")
    # A file's name may hold bytes that are no text.
    sys.stdout.write(text.encode("utf-8", "replace").decode())


def _note(said: str) -> None:
    typer.echo(f"docferry: {said}", err=True)
