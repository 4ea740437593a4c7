"""What is noted of the deprecated and the removed is what the provider's own schema says."""

import json
from typing import Any

import pytest

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.preflight.rules._deprecated_notes import NOTES
from docferry.preflight.rules._removed_notes import REMOVED
from docferry.preflight.rules.deprecated import TABLE, table
from tests.terraform.needed import lacking
from tools import deprecated_arguments


def test_every_note_is_of_something_that_is_deprecated_or_was_in_version_6() -> None:
    for key, notes in NOTES.items():
        held = deprecated_in_version_5().get(key, ())
        assert [path for path, note in notes.items() if note.since < 6 and path not in held] == []
        assert set(notes) <= set(table()[key])


def deprecated_in_version_5() -> dict[tuple[str, str], list[str]]:
    held = json.loads(TABLE.read_text(encoding="utf-8"))
    return {(kind, name): paths for kind in ("resource", "data") for name, paths in held[kind].items()}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    try:
        return deprecated_arguments.schema(tmp_path_factory.mktemp("schema"))
    except (InvalidInput, ServiceError) as error:
        lacking(f"no Terraform with its provider: {error}")


def test_what_version_5_is_said_to_lack_its_schema_has_not(schema: dict[str, Any]) -> None:
    kinds = {
        "resource": schema["resource_schemas"],
        "data": schema["data_source_schemas"],
        "provider": {"aws": schema["provider"]},
    }
    there = [
        (kind, name, path)
        for (kind, name), notes in REMOVED.items()
        for path, note in notes.items()
        if is_there(kinds[kind].get(name), path) or (note.name and not is_there(kinds[kind][name], note.name))
    ]
    assert there == []


def is_there(schema: dict[str, Any] | None, path: str) -> bool:
    block = schema["block"] if schema else None
    for name in path.split(".") if path else ():
        if block is None or name in block.get("attributes", {}):
            return block is not None
        block = block.get("block_types", {}).get(name, {}).get("block")
    return block is not None


def test_the_table_is_what_the_providers_schema_says(schema: dict[str, Any]) -> None:
    assert TABLE.read_text(encoding="utf-8") == deprecated_arguments.table(schema), (
        "run: python -m tools.deprecated_arguments"
    )
