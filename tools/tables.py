"""Writes the generated tables of the documents: `python -m tools.tables`."""

from collections.abc import Callable
from pathlib import Path

from tools import settings_tables, terraform_tables
from tools.markdown import replaced

DOCS = Path(__file__).parent.parent / "docs"

TABLES: dict[str, dict[str, Callable[[], str]]] = {
    "configuration.md": {
        "settings": settings_tables.settings_table,
        "variables": settings_tables.variables_table,
    },
    "terraform.md": {
        "variables": terraform_tables.variables_table,
        "outputs": terraform_tables.outputs_table,
    },
}
"""What makes each table, by document and place."""


def current(document: str) -> str:
    """Return a document as it should be."""
    text = (DOCS / document).read_text(encoding="utf-8")
    for name, make in TABLES[document].items():
        text = replaced(text, name, make())
    return text


def main() -> None:
    """Write every document."""
    for document in TABLES:
        (DOCS / document).write_text(current(document), encoding="utf-8")


if __name__ == "__main__":
    main()
