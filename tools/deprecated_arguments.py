"""Writes what the AWS provider's own schema calls deprecated: `python -m tools.deprecated_arguments`.

The table is for a rule of `docferry preflight`, which runs where there is neither Terraform nor a provider.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docferry.domain.errors import ServiceError
from docferry.sandbox import terraform_setup as setup

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "src/docferry/preflight/rules/_deprecated_aws.json"
WHOLE = ""
"""Stands for the resource itself in a list of its arguments."""


def version() -> str:
    """Return the version of the provider that the table is of: the one that the project locks."""
    return setup.locked_version(ROOT / "infra")


def schema(folder: Path) -> dict[str, Any]:
    """Return the provider's schema. Raises InvalidInput without Terraform, ServiceError without the provider."""
    program = setup.program()
    required = {"aws": {"source": "hashicorp/aws", "version": version()}}
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    variables = setup.cli_configuration(folder.absolute(), version())
    environment = setup.environment("http://127.0.0.1:9", "us-east-1", variables)
    for arguments in (("init", "-backend=false"), ("providers", "schema", "-json")):
        ended = subprocess.run(
            [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if ended.returncode:
            raise ServiceError(f"terraform {arguments[0]}: {' '.join(ended.stderr.split())}")
    held: dict[str, Any] = json.loads(ended.stdout)["provider_schemas"][setup.PROVIDER]
    return held


def table(held: dict[str, Any]) -> str:
    """Return the table: by kind and type the paths of what is deprecated, nested ones with dots."""
    kinds = {"resource": held["resource_schemas"], "data": held["data_source_schemas"]}
    found: dict[str, Any] = {"version": version()}
    for kind, types in kinds.items():
        deprecated = {name: list(_paths(one["block"], ())) for name, one in sorted(types.items())}
        found[kind] = {name: _outermost(paths) for name, paths in deprecated.items() if paths}
    return json.dumps(found, indent=1) + "\n"


def _paths(block: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    if block.get("deprecated"):
        yield ".".join(path) or WHOLE
    for name, one in sorted(block.get("attributes", {}).items()):
        if one.get("deprecated"):
            yield ".".join((*path, name))
    for name, one in sorted(block.get("block_types", {}).items()):
        yield from _paths(one["block"], (*path, name))


def _outermost(paths: list[str]) -> list[str]:
    """Leave out what lies in something that is itself deprecated."""
    if WHOLE in paths:
        return [WHOLE]
    return [one for one in paths if not any(one.startswith(f"{other}.") for other in paths)]


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        TABLE.write_text(table(schema(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
