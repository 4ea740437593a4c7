"""Writes which resources of the AWS provider take tags: `python -m tools.taggable_types`.

The table is for a rule of `docferry preflight`, which runs where there is neither Terraform nor a provider.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from tools.deprecated_arguments import ROOT, schema, version

TABLE = ROOT / "src/docferry/preflight/rules/_taggable_aws.json"


def table(held: dict[str, Any]) -> str:
    """Return the table: the types that take `tags`, which those of the provider's `default_tags` are added to."""
    types = {name: one["block"].get("attributes", {}) for name, one in held["resource_schemas"].items()}
    taggable = sorted(
        name for name, one in types.items() if "tags_all" in one and one.get("tags", {}).get("optional")
    )
    return json.dumps({"version": version(), "types": taggable}, indent=1) + "\n"


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder:
        TABLE.write_text(table(schema(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
