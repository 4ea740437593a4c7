"""Tables of docs/configuration.md: every setting, from the model, and the other variables of the functions."""

import types
from collections.abc import Iterator
from enum import Enum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docferry.settings import Settings
from tools.markdown import table
from tools.settings_notes import SETTINGS, SIDE, VARIABLES

SIDES = ("source", "target")
_NAMES: dict[object, str] = {str: "text", int: "integer", float: "number", tuple[str, ...]: "list of texts"}


def fields(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Give each setting by its path; what both sides have is there once."""
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if name != SIDES[1]:
                yield from fields(annotation, f"{SIDE if name in SIDES else name}.")
        else:
            yield prefix + name, field


def paths(path: str) -> list[str]:
    """Return a path as it is written, for each side if it is of both."""
    return [path.replace(SIDE, side) for side in SIDES] if path.startswith(SIDE) else [path]


def variable(path: str) -> str:
    """Return the environment variable of a path."""
    return f"DOCFERRY_{path.replace('.', '__').upper()}"


def settings_table() -> str:
    """Return the table of the settings. Raises KeyError for a setting without a note."""
    rows = [
        (
            ", ".join(f"`{one}`" for one in paths(path)),
            ", ".join(f"`{variable(one)}`" for one in paths(path)),
            type_of(field),
            _default(field),
            field.description or "",
            SETTINGS[path].applies,
            SETTINGS[path].production,
        )
        for path, field in fields()
    ]
    return table(
        ("setting", "environment variable", "type", "default", "meaning", "applies to", "in production"), rows
    )


def variables_table() -> str:
    """Return the table of the variables that are no settings."""
    rows = [
        (
            ", ".join(f"`{name}`" for name in one.name.split(", ")),
            one.default,
            one.meaning,
            one.note.applies,
            one.note.production,
        )
        for one in VARIABLES
    ]
    return table(("variable", "default", "meaning", "applies to", "in production"), rows)


def type_of(field: FieldInfo) -> str:
    """Say a type and its bounds in words."""
    annotation: Any = field.annotation
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (one for one in get_args(annotation) if one is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{one.value}`" for one in annotation)
    bounds = {name: getattr(one, name) for one in field.metadata for name in ("ge", "le") if hasattr(one, name)}
    between = f", {bounds['ge']:,g} to {bounds['le']:,g}" if bounds else ""
    return _NAMES[annotation] + between


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = getattr(field.default, "value", field.default)
    return "unset" if value in (None, "", ()) else f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
