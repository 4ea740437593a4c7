import pytest

from docferry.domain.document import Listed
from docferry.domain.errors import Retryable
from docferry.ports import ListingPage


def test_an_empty_page_in_the_middle_of_a_listing_never_passes_for_its_end() -> None:
    with pytest.raises(Retryable):
        ListingPage((), True)
    assert not ListingPage((), False).more
    assert ListingPage((Listed("k", "e", 1, 0.0),), True).more
