"""Reads the price table that comes with docferry, and the operator's file over it."""

from importlib.resources import files
from pathlib import Path

from docferry.domain.errors import InvalidInput
from docferry.domain.price import PriceTable, overridden, price_table

DEFAULT_FILE = "prices.toml"


def load_prices(override: Path | None = None) -> PriceTable:
    """Return the prices. Raises InvalidInput, in one line, if the operator's file cannot be read or used."""
    default = files("docferry").joinpath(DEFAULT_FILE).read_text(encoding="utf-8")
    table = price_table(default, DEFAULT_FILE)
    if override is None:
        return table
    try:
        text = override.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read the price file {override}: {error}", hint="check --prices") from error
    return overridden(table, text, str(override))
