"""A dated table of what AWS charges, which the operator can override in part."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from docferry.domain.errors import InvalidInput

CLASS_PRICES = ("s3_copy", "s3_retrieval", "s3_storage")
"""The prices that depend on the storage class."""
_SHAPE = "a price is a table like [price.s3_transfer] with usd = 0.02; docs/plan.md shows a whole file"
_NAMED = ("as_of", "region", "currency")


@dataclass(frozen=True, slots=True)
class Price:
    """What `per` units cost. `rough` marks what nobody has checked."""

    usd: Decimal
    per: int
    unit: str
    source: str
    rough: bool = False

    def of(self, quantity: Decimal) -> Decimal:
        """Return what a quantity of units costs, unrounded."""
        return quantity * self.usd / self.per


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by name, as of a day (ISO), for one region."""

    as_of: str
    region: str
    currency: str
    prices: Mapping[str, Price]

    def name_for(self, name: str, storage_class: str) -> str:
        """Return the name of the price that holds for a storage class: its own, or the one for all."""
        own = f"{name}_{storage_class.lower()}"
        return own if own in self.prices else name

    def as_json(self) -> dict[str, Any]:
        """Return the table with money as strings."""
        shown = {name: {**asdict(one), "usd": format(one.usd, "f")} for name, one in self.prices.items()}
        return {**{name: getattr(self, name) for name in _NAMED}, "price": shown}


def price_table(text: str, name: str) -> PriceTable:
    """Read a complete table from TOML. Raises InvalidInput, naming the file, if anything is wrong or missing."""
    return overridden(PriceTable("", "", "", {}), text, name)


def overridden(table: PriceTable, text: str, name: str) -> PriceTable:
    """Lay a partial table over another. `name` is the file's, for messages and as the source of its prices.

    Raises InvalidInput for text that is no TOML, for a price that does not exist, and for one that is no price.
    """
    held = _parsed(text, name)
    stray = sorted(set(held) - {*_NAMED, "price"})
    if stray:
        raise InvalidInput(f"{name}: {stray[0]} is not known", hint=_SHAPE)
    given = held.get("price", {})
    if not isinstance(given, dict):
        raise InvalidInput(f"{name}: price is not a table", hint=_SHAPE)
    prices = {one: _price(one, fields, table, name) for one, fields in given.items()}
    about = {one: str(held[one]) for one in _NAMED if one in held}
    return replace(table, prices={**table.prices, **prices}, **about)


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{name} is no valid TOML: {error}", hint="mend that line, then try again") from error
    except InvalidOperation as error:
        raise InvalidInput(f"{name}: a number is out of range", hint=_SHAPE) from error


def _price(price: str, fields: object, table: PriceTable, file: str) -> Price:
    where = f"{file}: price.{price}"
    if not isinstance(fields, dict):
        raise InvalidInput(f"{where} is not a table", hint=_SHAPE)
    base = table.prices.get(price) or _of_any_class(price, table)
    if table.prices and base is None:
        known = ", ".join(sorted(table.prices))
        raise InvalidInput(f"{where} is no price docferry uses; those are {known}", hint=_SHAPE)
    defaults = {"per": base.per, "unit": base.unit, "source": file} if base else {}
    given = {**defaults, "rough": False, **fields}
    if set(given) != {"usd", "per", "unit", "source", "rough"}:
        raise InvalidInput(f"{where} takes usd, per, unit, source and rough; usd it needs", hint=_SHAPE)
    return _checked(given, where)


def _of_any_class(price: str, table: PriceTable) -> Price | None:
    family = next((one for one in CLASS_PRICES if price.startswith(f"{one}_")), "")
    return table.prices.get(family)


def _checked(given: Mapping[str, Any], where: str) -> Price:
    usd, per = given["usd"], given["per"]
    if isinstance(usd, bool) or not isinstance(usd, int | Decimal) or not Decimal(usd).is_finite() or usd < 0:
        raise InvalidInput(f"{where}: usd is no amount of money: {usd!s}", hint=_SHAPE)
    if isinstance(per, bool) or not isinstance(per, int) or per < 1:
        raise InvalidInput(f"{where}: per is no number of units: {per!s}", hint=_SHAPE)
    unit, source, rough = given["unit"], given["source"], given["rough"]
    if not (isinstance(unit, str) and isinstance(source, str) and isinstance(rough, bool)):
        raise InvalidInput(f"{where}: unit and source are text, rough is true or false", hint=_SHAPE)
    return Price(Decimal(usd), per, unit, source, rough)
