"""Which environment variables a Python file reads is told from its syntax."""

import pytest

from docferry.preflight.rules._reads import Read, Reads, reads_of


def found(text: str) -> Reads:
    reads = reads_of(text)
    assert reads is not None
    return reads


def only(text: str) -> Read:
    (read,) = found(text).reads
    return read


NEEDED = [
    'import os\nx = os.environ["A"]',
    'import os as o\nx = o.environ["A"]',
    'from os import environ\nx = environ["A"]',
    'from os import environ as e\nx = e["A"]',
    'import os\nNAME = "A"\nx = os.environ[NAME]',
    'import os\nenv = os.environ\nx = env["A"]',
    'import os\ndef handler(event, context):\n    return os.environ["A"]',
    'import os\ntry:\n    x = os.environ["A"]\nexcept ValueError:\n    pass',
    'import os\ntry:\n    x = os.environ["A"]\nexcept KeyError as e:\n    raise RuntimeError("A") from e',
    'import os\nwith contextlib.suppress(ValueError):\n    x = os.environ["A"]',
]


@pytest.mark.parametrize("text", NEEDED)
def test_a_subscript_needs_the_variable(text: str) -> None:
    read = only(text)
    assert (read.name, read.default, read.needed, read.optional) == ("A", "", True, False)
    assert not found(text).more


ASKED = [
    'import os\nif "A" in os.environ:\n    x = os.environ["A"]',
    'import os\ntry:\n    x = os.environ["A"]\nexcept KeyError:\n    x = ""',
    'import os\ntry:\n    x = os.environ["A"]\nexcept (KeyError, ValueError):\n    x = ""',
    'import os\nwith contextlib.suppress(KeyError):\n    x = os.environ["A"]',
    'import os\nif os.environ.get("A"):\n    pass',
    'import os\nx = os.getenv("A") is None',
    'import os\nx = not os.getenv("A")',
    'import os\nx = bool(os.getenv("A"))',
    'import os\nif (x := os.getenv("A")):\n    pass',
    'import os\nx = os.getenv("A", None)',
    'import os\nx = os.environ.get("A", default=None)',
    'import os\nmatch os.getenv("A"):\n    case "b":\n        pass',
    'import os\nx = boto3.client("sqs", endpoint_url=os.getenv("A"))',
    'import os\ndef f():\n    return os.getenv("A")',
]


@pytest.mark.parametrize("text", ASKED)
def test_code_that_asks_whether_it_is_set_can_do_without(text: str) -> None:
    assert all(one.optional for one in found(text).reads)
    assert found(text).reads


KEPT = [
    'x = os.getenv("A")\nif x:\n    pass',
    'x = os.getenv("A")\ndef f():\n    return x or "y"',
    'x: str | None = os.getenv("A")\nif x is None:\n    raise RuntimeError',
    'x = os.getenv("A")\ny = boto3.client("sqs", endpoint_url=x)',
    'class C:\n    x = os.getenv("A")\nif C.x:\n    pass',
]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_kept_under_a_name_may_be_none_where_the_code_asks_for_that(text: str) -> None:
    reads = found(f"import os\n{text}")
    assert [reads.may_be_none(one) for one in reads.reads] == [True]


@pytest.mark.parametrize("text", ['x = os.environ["A"]\nif x:\n    pass', 'x = os.getenv("A")\nf(x)'])
def test_what_is_needed_or_used_as_it_is_may_not_be_none(text: str) -> None:
    reads = found(f"import os\n{text}")
    assert [reads.may_be_none(one) for one in reads.reads] == [False]


DEFAULTS = [
    ('import os\nx = os.environ.get("A", "d")', "'d'"),
    ('import os\nx = os.getenv("A", default="d")', "'d'"),
    ('from os import getenv as g\nx = g("A", "d")', "'d'"),
    ('import os\nx = os.getenv("A") or "d"', "'d'"),
    ('import os\nx = int(os.getenv("A", "5"))', "'5'"),
    ('import os\nx = os.environ.get("A", None)', ""),
    ('import os\nx = f(os.environ.get("A"))', ""),
]


@pytest.mark.parametrize(("text", "default"), DEFAULTS)
def test_a_default_is_what_is_taken_without_it(text: str, default: str) -> None:
    read = only(text)
    assert (read.name, read.default, read.needed) == ("A", default, False)


MORE = [
    "import os\nx = os.environ[name]",
    "import os\nx = os.getenv(name)",
    'import os\nNAME = "A"\ndef f(NAME):\n    return os.environ[NAME]',
    'import os\nNAME = "A"\ndef f():\n    NAME = "B"\n    return os.environ[NAME]',
    'import os\nx = os.environ[f"{p}_A"]',
    "import os\nx = dict(os.environ)",
    "import os\nf(**os.environ)",
    "import os\nfor one in os.environ:\n    pass",
    "import os\nx = os.environ.copy()",
    "import os\nread = os.environ.get",
    "from pydantic_settings import BaseSettings",
    "from pydantic import BaseModel, BaseSettings",
    "import environs",
]


@pytest.mark.parametrize("text", MORE)
def test_names_made_at_run_time_are_noticed(text: str) -> None:
    assert found(text).more


@pytest.mark.parametrize(
    "text", ["import os", "from pydantic import BaseModel", 'x = environ["A"]', "os.getenv('A')"]
)
def test_what_is_no_environment_is_nothing(text: str) -> None:
    reads = found(text)
    assert reads.reads == ()
    assert not reads.more


@pytest.mark.parametrize(
    "text",
    [
        'os.environ["A"] = "x"',
        'os.environ.setdefault("A", "x")',
        'os.environ.update({"A": "x"})',
        'os.environ.update(A="x")',
        'del os.environ["A"]',
    ],
)
def test_what_the_code_sets_is_told(text: str) -> None:
    assert found(f"import os\n{text}").sets == {"A"}


def test_places_begin_at_one() -> None:
    read = only('import os\n\n  # x\nTABLE = os.environ["A"]')
    assert (read.line, read.column) == (4, 9)


WITHIN = [
    ('x = os.environ["A"]', ()),
    ('def f():\n    def g():\n        return os.environ["A"]', ("f",)),
    ('def f(x=os.environ["A"]):\n    pass', ()),
    ('class C:\n    x = os.environ["A"]', ()),
    ('class C:\n    async def f(self):\n        return os.environ["A"]', ("C", "f")),
    ('@app.get("/a")\ndef f():\n    return os.environ["A"]', ()),
    ('@tracer.capture_method(capture_response=False)\ndef f():\n    return os.environ["A"]', ("f",)),
    ('if __name__ == "__main__":\n    print(os.environ["A"])', ("?",)),
]


@pytest.mark.parametrize(("text", "within"), WITHIN)
def test_what_has_to_be_called_before_it_is_read_is_told(text: str, within: tuple[str, ...]) -> None:
    assert only(f"import os\n{text}").within == within


PERHAPS = [
    ('if os.getenv("B") == "x":\n    y = os.environ["A"]', ("?",)),
    ('if os.getenv("B") == "x":\n    pass\nelse:\n    y = os.environ["A"]', ("?",)),
    ('B = os.environ.get("B", "").lower() == "x"\ny = os.environ["A"] if B else ""', ("?",)),
    ('def is_b():\n    return "B" in os.environ\ndef f():\n    if is_b():\n        os.environ["A"]', ("f", "?")),
    ('class C:\n    b = bool(os.getenv("B"))\nif C.b:\n    y = os.environ["A"]', ("?",)),
    ('def f():\n    if not os.getenv("B"):\n        return\n    os.environ["A"]', ("f", "?")),
    ('def f():\n    if not os.getenv("B"):\n        raise ValueError\n    os.environ["A"]', ("f",)),
    ('def f(b):\n    if b:\n        os.environ["A"]', ("f",)),
    ('B = g(os.getenv("B"))\nif B:\n    y = os.environ["A"]', ()),
]


@pytest.mark.parametrize(("text", "within"), PERHAPS)
def test_what_the_environment_decides_on_is_perhaps_not_read(text: str, within: tuple[str, ...]) -> None:
    assert [one.within for one in found(f"import os\n{text}").reads if one.name == "A"] == [within]


def test_the_names_that_each_function_uses_are_told() -> None:
    text = "from a import b as c\nx = c()\ndef f():\n    return x.y\nif __name__ == '__main__':\n    f()\n"
    mentions = found(text).mentions
    assert mentions[()] == {"b", "c", "x", "__name__"}
    assert mentions[("f",)] == {"x", "y"}


def test_imports_are_all_that_may_be_meant() -> None:
    assert found("import a.b\nfrom .c import d\nfrom .. import e").imports == ("a.b", ".c", ".c.d", "..", "..e")


@pytest.mark.parametrize("text", ["def f(:", "x = 'a\0b'"])
def test_what_is_no_python_is_none(text: str) -> None:
    assert reads_of(text) is None
