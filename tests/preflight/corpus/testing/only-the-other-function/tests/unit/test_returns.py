from functions import returns


def test_bodies_are_read() -> None:
    assert returns.handler({"Records": [{"body": "{}"}]}, None) == [{}]
