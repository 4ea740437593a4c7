from decimal import Decimal
from pathlib import Path

import pytest

from docferry.domain.errors import InvalidInput
from docferry.prices import load_prices


def test_the_table_that_comes_along_is_complete_and_dated() -> None:
    table = load_prices()
    assert table.as_of
    for name in ("s3_transfer", "s3_copy", "s3_list", "s3_get", "s3_retrieval", "s3_storage", "dynamodb_read",
                 "dynamodb_write", "dynamodb_storage", "sqs_request"):  # fmt: skip
        assert table.prices[name].source


def test_a_file_of_the_operators_is_laid_over_it(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("[price.s3_copy]\nusd = 0.0053")
    assert load_prices(mine).prices["s3_copy"].usd == Decimal("0.0053")
    with pytest.raises(InvalidInput, match="cannot read the price file"):
        load_prices(tmp_path / "missing.toml")
    mine.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="cannot read the price file"):
        load_prices(mine)
