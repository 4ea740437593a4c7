"""Whatever a file holds, a run ends, every format is written, and no check fails of itself."""

import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from docferry.preflight.config import Config
from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.fix import plan
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import known
from docferry.preflight.policies import policies, policy_of
from docferry.preflight.report import json as json_report
from docferry.preflight.report import junit, markdown, sarif
from docferry.preflight.report.report import Report
from docferry.preflight.report.text import show
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules import all_rules
from docferry.preflight.run import DEFECT, run
from tests.preflight.checking import TODAY

CORPUS = Path(__file__).parent / "corpus"
SEEDS = sorted({one.read_bytes() for one in CORPUS.glob("*/*/*.tf")})
PIECES = [
    *(b"{", b"}", b"[", b"]", b"(", b")", b'"', b"${", b"%{", b"<<E\n", b"<<-E\n", b"E\n", b"\n", b"\r\n", b" = "),
    *(b",", b":", b"?", b".", b"*", b"...", b"#", b"/*", b"*/", b"//", b"\\", b"\x00", b"\xff", b"\xef\xbb\xbf"),
    *(
        b"var.x",
        b"local.a",
        b"for ",
        b" in ",
        b" if ",
        b"null",
        b"1e9",
        b"9" * 50,
        b"dynamic",
        b"content",
        b"count",
    ),
    *(b"jsonencode(", b"for_each", b"resource", b"# docferry:ignore ", "\U0001f680é".encode(), b"\xed\xa0\x80"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(st.sampled_from('${}"\\%ab.[]'), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resource", "data", "aws_s3_bucket", "a", "backend", "terraform", "dynamic", "locals", "//"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=20,
)


def ask_everything(module: Module, _: Context) -> Iterator[Outcome]:
    """Ask the model all that rules may."""
    for block in (inner for one in module.blocks for inner in one.walk()):
        assert block.text is not None and block.perhaps_absent in (True, False)
        block.removed()
        if not block.in_json:
            block.inserted("a = 1\nb = 2")
        for attribute in block.attributes.values():
            attribute.removed()
            ask(attribute.expression, 0)
            module.resolve(module.follow(attribute.value))
            policy_of(attribute.expression, module)
        yield ASKING.undecided(block, "nothing")
    for block in module.blocks:
        module.referrers(block)
    list(policies(module))


def ask(expression: Expression, depth: int) -> None:
    """Ask an expression, and its parts, all that rules may."""
    known(expression.value)
    assert expression.assumed in (True, False)
    for reference in expression.references:
        assert reference.address
    assert expression.functions is not None
    called = expression.call
    parts = [
        *(expression.elements or ()),
        *(value for _, value in expression.items or ()),
        *(called[1] if called else ()),
    ]
    for part in parts if depth < 5 else ():
        assert expression.start <= part.start <= part.end <= expression.end
        ask(part, depth + 1)


ASKING = Rule("asking", "t", Severity.LOW, Stage.RUN, "w", "https://example.com", ask_everything)
few = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / name).write_bytes(data)
        (root / "terraform.tfvars").write_bytes(data[: len(data) // 2])
        rules = (*all_rules(), ASKING)
        result = run(root, Context(TODAY, Config(("owner",), "^[a-z]+$")), rules)
        assert not [one for one in result.undecided if DEFECT in one.what_is_unknown]
        fixes = plan(result.findings, result.sources)
        assert set(fixes.contents) <= {name}
        report = Report(result, rules, result.findings, prefix="x/")
        show(report, Console(file=io.StringIO()))
        json.loads(json_report.render(report))
        json.loads(sarif.render(report))
        ElementTree.fromstring(junit.render(report).encode("utf-8", "replace"))
        markdown.render(report)


@few
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    check("main.tf", data)


@few
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_heap_of_tokens(pieces: list[bytes]) -> None:
    check("main.tf", b"".join(pieces))


@few
@given(st.data())
def test_good_files_with_parts_deleted_doubled_and_put_in(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        to = min(len(text), at + data.draw(st.integers(0, 40)))
        text = data.draw(
            st.sampled_from(
                [
                    text[:at] + text[to:],
                    text[:to] + text[at:to] + text[to:],
                    text[:at] + data.draw(st.sampled_from(PIECES)) + text[at:],
                    text[to:] + text[:at],
                ]
            )
        )
    check("main.tf", text)


@few
@given(JSON)
def test_any_json(value: object) -> None:
    check("main.tf.json", json.dumps(value).encode())


def test_what_is_nested_without_end() -> None:
    for opened, closed in (
        (b"a {\n", b"}\n"),
        (b"[", b"]"),
        (b"(", b")"),
        (b'"${', b'}"'),
        (b"{a=", b"}"),
        (b"!", b""),
    ):
        check("main.tf", b"locals {\n  a = " + opened * 3000 + b"1" + closed * 3000 + b"\n}\n")
        check("main.tf", opened * 3000 + closed * 3000)
    check("main.tf.json", b'{"a":' * 3000 + b"1" + b"}" * 3000)
    check("main.tf.json", b'{"resource":' + b"[" * 3000 + b"]" * 3000 + b"}")
