from functions import orders


def test_bodies_are_read() -> None:
    assert orders.handler({"Records": [{"body": "{}"}]}, None) == [{}]
