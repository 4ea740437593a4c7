from types import ModuleType

import pytest

from docferry.sandbox.patches import seam


def server() -> ModuleType:
    module = ModuleType("server")
    exec("def put(bucket, key, *, version=None): ...\nheld = {}", module.__dict__)
    return module


def test_a_function_with_the_parameters_that_are_known_is_returned() -> None:
    module = server()
    assert seam.function(module, "put", "bucket", "key", "version") is module.put


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("copy", ("bucket",), "server.copy is missing"),
        ("held", (), "server.held is missing"),
        ("put", ("bucket", "key"), "server.put takes bucket, key, version and not bucket, key"),
        ("put", ("key", "bucket", "version"), "and not key, bucket, version"),
    ],
)
def test_an_unknown_version_is_refused_with_its_difference_and_the_cure(
    name: str, parameters: tuple[str, ...], said: str
) -> None:
    with pytest.raises(seam.UnknownServer, match=said) as raised:
        seam.function(server(), name, *parameters)
    assert "install docferry[sandbox] again" in str(raised.value)


def test_a_name_that_is_gone_is_refused() -> None:
    seam.values(server(), "held", "put")
    with pytest.raises(seam.UnknownServer, match=r"server\.gone is missing"):
        seam.values(server(), "held", "gone")
