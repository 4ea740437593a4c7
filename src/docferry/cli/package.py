"""docferry package"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from docferry.cli import options, render
from docferry.packaging.archive import Written
from docferry.packaging.build import Contents, build, contents
from docferry.packaging.runtime import Architecture, Runtime

DEFAULT_PYTHON = "3.13"


def package(
    architecture: Annotated[
        Architecture, typer.Option(help="Processor of the functions; Terraform's lambda_architecture.")
    ] = Architecture.ARM64,
    python: Annotated[
        str, typer.Option(help="Python version of the functions; Terraform's lambda_runtime without `python`.")
    ] = DEFAULT_PYTHON,
    output: Annotated[
        Path | None, typer.Option(help="The zip; docferry-<architecture>.zip unless given.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go in; write nothing.")] = False,
    as_json: options.Json = False,
) -> None:
    """Build the zip of both AWS functions, for Terraform's lambda_package.

    It holds the versions installed here. The same versions give the same bytes.

    Example: docferry package --architecture arm64 --output docferry.zip
    """
    runtime = Runtime(architecture, python)
    file = output or Path(f"docferry-{architecture}.zip")
    needed = contents(runtime)
    made = None if dry_run else build(runtime, needed, file, _say)
    result = _result(runtime, needed, file, made)
    if as_json:
        render.as_json(result)
    else:
        _print(result)


def _say(line: str) -> None:
    render.err.print(line, markup=False)


def _result(runtime: Runtime, needed: Contents, file: Path, made: Written | None) -> dict[str, Any]:
    return {
        "output": str(file),
        "architecture": runtime.architecture.value,
        "python": runtime.python,
        "dependencies": needed.pins,
        "own_files": list(needed.own),
        "zip": made and asdict(made),
    }


def _print(result: dict[str, Any]) -> None:
    held, made = result["dependencies"], result["zip"]
    facts = [
        ("architecture", result["architecture"]),
        ("python", result["python"]),
        ("own files", f"{len(result['own_files']):,}"),
        ("dependencies", f"{len(held)}: " + ", ".join(f"{name} {version}" for name, version in held.items())),
    ]
    if made:
        facts = [
            ("zip", result["output"]),
            ("size", f"{render.size(made['size'])}, {render.size(made['unzipped'])} unpacked"),
            ("files", f"{made['files']:,}"),
            ("sha256", made["sha256"]),
            ("", f"{made['sha256_base64']} (base64, as Terraform's source_code_hash)"),
            *facts,
        ]
    render.out.print(render.rows(facts), markup=False)
    if not made:
        render.out.print(f"\ndry run: nothing was fetched, {result['output']} was not written", markup=False)
