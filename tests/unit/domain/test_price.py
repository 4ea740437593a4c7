from decimal import Decimal

import pytest

from docferry.domain.errors import InvalidInput
from docferry.domain.price import PriceTable, overridden, price_table

TEXT = """
as_of = 2025-07-01
region = "us-east-1"
currency = "USD"
[price.s3_storage]
usd = 0.023
per = 1
unit = "GB-month"
source = "a page"
rough = true
[price.s3_list]
usd = 0.005
per = 1000
unit = "request"
source = "a page"
"""

SHAPE = "a price is a table like [price.s3_transfer] with usd = 0.02; docs/plan.md shows a whole file"


@pytest.fixture
def table() -> PriceTable:
    return price_table(TEXT, "prices.toml")


def test_money_is_exact(table: PriceTable) -> None:
    assert table.prices["s3_list"].of(Decimal(3)) == Decimal("0.000015")
    assert table.as_json()["price"]["s3_storage"]["usd"] == "0.023"
    assert table.as_json()["as_of"] == "2025-07-01"


def test_a_partial_file_changes_only_what_it_names(table: PriceTable) -> None:
    laid = overridden(table, "[price.s3_list]\nusd = 0.0047", "mine.toml")
    assert laid.prices["s3_storage"] == table.prices["s3_storage"]
    changed = laid.prices["s3_list"]
    assert (changed.usd, changed.per, changed.unit) == (Decimal("0.0047"), 1000, "request")
    assert (changed.source, changed.rough) == ("mine.toml", False)


def test_the_date_and_region_can_be_overridden_too(table: PriceTable) -> None:
    laid = overridden(table, 'as_of = 2026-01-31\nregion = "eu-west-1"', "mine.toml")
    assert (laid.as_of, laid.region, laid.currency) == ("2026-01-31", "eu-west-1", "USD")


def test_a_storage_class_takes_its_own_price_or_the_one_for_all(table: PriceTable) -> None:
    laid = overridden(table, "[price.s3_storage_standard_ia]\nusd = 0.0125", "mine.toml")
    assert laid.name_for("s3_storage", "STANDARD_IA") == "s3_storage_standard_ia"
    assert laid.name_for("s3_storage", "STANDARD") == "s3_storage"
    assert laid.prices["s3_storage_standard_ia"].unit == "GB-month"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[price", "no valid TOML"),
        ("[price.s3_lists]\nusd = 1", "price.s3_lists is no price docferry uses; those are s3_list, s3_storage"),
        ("[price.s3_list_glacier]\nusd = 1", "is no price docferry uses"),
        ("[price.s3_list]\nusd = 'free'", "no amount of money: free"),
        ("[price.s3_list]\nusd = -1", "no amount of money: -1"),
        ("[price.s3_list]\nusd = nan", "no amount of money: NaN"),
        ("[price.s3_list]\nusd = inf", "no amount of money: Infinity"),
        ("[price.s3_list]\nusd = true", "no amount of money: True"),
        ("[price.s3_list]\nusd = 1e99999999999999999999", "a number is out of range"),
        ("[price.s3_list]\nper = 1000", "usd it needs"),
        ("[price.s3_list]\nusd = 1\nper = 0", "no number of units: 0"),
        ("[price.s3_list]\nusd = 1\nper = 2.5", "no number of units: 2.5"),
        ("[price.s3_list]\nusd = 1\nunit = 7", "unit and source are text"),
        ("[price.s3_list]\nusd = 1\nrough = 'very'", "rough is true or false"),
        ("[price.s3_list]\neur = 1", "takes usd, per, unit, source and rough"),
        ("[price]\ns3_list = 0.02", "price.s3_list is not a table"),
        ("price = 7", "price is not a table"),
        ("prices = 7", "prices is not known"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_in_one_line(table: PriceTable, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=r"mine\.toml") as refused:
        overridden(table, text, "mine.toml")
    assert said in str(refused.value)
    mended = "mend that line, then try again"
    assert refused.value.hint == (mended if "TOML" in said else SHAPE)
    assert "\n" not in str(refused.value)


def test_a_price_is_shown_in_full_however_small_it_is(table: PriceTable) -> None:
    laid = overridden(table, "[price.s3_list]\nusd = 0.0000004", "mine.toml")
    assert laid.as_json()["price"]["s3_list"]["usd"] == "0.0000004"


def test_a_whole_file_says_what_is_rough_and_leaves_open_what_it_does_not_say() -> None:
    read = price_table(TEXT.replace('region = "us-east-1"\n', ""), "prices.toml")
    assert (read.prices["s3_storage"].rough, read.prices["s3_list"].rough) == (True, False)
    assert (read.as_of, read.region, read.currency) == ("2025-07-01", "", "USD")
    bare = price_table("", "prices.toml")
    assert (bare.as_of, bare.region, bare.currency, bare.prices) == ("", "", "", {})
    with pytest.raises(InvalidInput, match=r"^prices\.toml"):
        price_table("[price", "prices.toml")
