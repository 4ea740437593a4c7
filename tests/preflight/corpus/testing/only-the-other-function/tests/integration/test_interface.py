import os
import urllib.request


def test_the_interface_answers() -> None:
    with urllib.request.urlopen(os.environ["ORDERS_URL"]) as answer:
        assert answer.status == 200
