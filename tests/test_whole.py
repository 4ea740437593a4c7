import sys

import pytest


@pytest.mark.no_cover
def test_nothing_is_measured_where_a_test_says_so() -> None:
    # Being measured takes three times as long.
    assert sys.gettrace() is None
