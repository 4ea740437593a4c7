"""Tables of docs/terraform.md: every variable and output of the root module, from its files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
from hcl2.utils import SerializationOptions

from tools.markdown import table

INFRA = Path(__file__).parent.parent / "infra"

Block = dict[str, Any]

_PLAIN = SerializationOptions(strip_string_quotes=True, preserve_heredocs=False)


def blocks(kind: str, directory: Path = INFRA) -> Iterator[tuple[str, Block]]:
    """Give each block of that kind with its name, in the order of files and lines."""
    for file in sorted(directory.glob("*.tf")):
        with file.open(encoding="utf-8") as opened:
            held = hcl2.load(opened, serialization_options=_PLAIN)
        for one in held.get(kind, ()):
            yield from one.items()


def variables_table(directory: Path = INFRA) -> str:
    """Return the table of the variables. What is accepted is said as Terraform says it when it refuses."""
    rows = []
    for name, block in blocks("variable", directory):
        checks = [one["error_message"] for one in block.get("validation", ())]
        default = _literal(block["default"]) if "default" in block else "required"
        said = (_text(block["description"]), _text(" ".join(checks)))
        rows.append((f"`{name}`", f"`{_bare(block['type'])}`", default, *said))
    return table(("variable", "type", "default", "meaning", "refused with"), rows)


def outputs_table(directory: Path = INFRA) -> str:
    """Return the table of the outputs."""
    rows = [(f"`{name}`", _text(block["description"])) for name, block in blocks("output", directory)]
    return table(("output", "meaning"), rows)


def _text(text: str) -> str:
    # The parser escapes quotes of a heredoc, which need it in HCL no more than here.
    return text.replace('\\"', '"')


def _literal(value: Any) -> str:
    return f"`{_bare(value) if isinstance(value, str) and value.startswith('${') else json.dumps(value)}`"


def _bare(expression: str) -> str:
    return expression.removeprefix("${").removesuffix("}") if expression.startswith("${") else expression
