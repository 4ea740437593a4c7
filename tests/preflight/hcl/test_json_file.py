"""Configuration in JSON: the same model, with exact places."""

from pathlib import Path

import pytest

from docferry.preflight.hcl.value import Reference, Template
from tests.preflight.checking import at, checked, module

MAIN = """{
  "//": "a comment",
  "variable": {"v": {"default": "d"}},
  "locals": {"l": "${var.v}-x"},
  "resource": {
    "aws_s3_bucket": {
      "a": {
        "bucket": "${local.l}",
        "tags": {"k": "v"}
      },
      "b": [{"bucket": "${lookup({\\"x\\" = \\"y\\"}, \\"x\\")}"}]
    },
    "aws_x": {"c": {"rule": [{"id": 1}, {"id": "${aws_s3_bucket.a.id}/*"}], "on": true, "off": null}}
  },
  "terraform": {"backend": {"s3": {"key": "k"}}},
  "module": [{"m": {"source": "./m"}}]
}
"""


def test_blocks_and_attributes_are_those_of_the_language(tmp_path: Path) -> None:
    made = module(tmp_path, {"main.tf.json": MAIN})
    a, b = made.resources("aws_s3_bucket")
    assert (a.value("bucket"), a.value("tags"), b.value("bucket")) == ("d-x", {"k": "v"}, "y")
    (c,) = made.resources("aws_x")
    reference = Reference(("aws_s3_bucket", "a", "id"))
    assert [one.value("id") for one in c.blocks("rule")] == [1, Template((reference, "/*"))]
    assert (c.value("on"), c.value("off"), c.value("none")) == (True, None, None)
    assert c.in_json
    assert [one.address for one in made.of("module")] == ["module.m"]
    (backend,) = made.of("terraform")[0].blocks("backend")
    assert (backend.name, backend.value("key")) == ("s3", "k")


def test_places_are_exact(tmp_path: Path) -> None:
    (a, b) = module(tmp_path, {"main.tf.json": MAIN}).resources("aws_s3_bucket")
    place = a.attributes["bucket"].place
    assert (place.file, place.line, place.column) == ("main.tf.json", 8, 19)
    assert a.attributes["bucket"].expression.text == '"${local.l}"'
    assert b.attributes["bucket"].place.line == 11


BROKEN = [
    ("no comma", '{"é": 1,\n "x" 2}', (2, 6)),
    ("no object", "3", (1, 1)),
    ("a list of anything", '[{"locals": {}}, 1]', (1, 18)),
    ("not a number", '{"locals": {"a": NaN}}', (1, 18)),
    ("no number", '{"locals": {"a": "NaN", "b": -Infinity}}', (1, 30)),
    ("a byte order mark", '\ufeff{"locals": {}}', (1, 1)),
    ("no resource", '{\n  "resource": 3\n}', (2, 15)),
    ("nothing for a resource", '{"resource": null}', (1, 14)),
    ("a list of no resources", '{"resource": [3]}', (1, 15)),
    ("no resource of a type", '{"resource": {"aws_x": 3}}', (1, 24)),
    ("a list of lists", '{"resource": {"aws_x": [[{"a": {}}]]}}', (1, 25)),
    ("no body", '{"resource": {"aws_x": {"a": 3}}}', (1, 30)),
    ("one body of two", '{"resource": {"aws_x": {"a": [{}, 3]}}}', (1, 35)),
    ("a text for locals", '{"locals": "x"}', (1, 12)),
    ("no variable", '{"variable": {"v": 5}}', (1, 20)),
    ("no provider", '{"provider": {"aws": 3}}', (1, 22)),
    ("no backend", '{"terraform": {"backend": {"s3": 3}}}', (1, 34)),
    ("no requirements", '{"terraform": [{"required_providers": 3}]}', (1, 39)),
    ("no lifecycle", '{"resource": {"aws_x": {"a": {"lifecycle": 3}}}}', (1, 44)),
    ("no type", '{"resource": {}}', (1, 14)),
    ("no name", '{"resource": {"aws_x": {}}}', (1, 24)),
    ("no variables", '{"variable": []}', (1, 14)),
    ("a list without a type", '{"resource": [{}]}', (1, 14)),
    ("no kind of backend", '{"terraform": {"backend": {}}}', (1, 27)),
    ("no such block", '{"resorce": {"aws_x": {}}}', (1, 13)),
    ("set twice", '{"locals": {"a": 1,\n"a": 2}}', (2, 6)),
    ("set twice within", '{"locals": {"a": [{"x": 1, "x": 2}]}}', (1, 33)),
    ("no template", '{"locals": {"a": 1, "b": "${"}}', (1, 26)),
    ("no expression", '{"locals": {"a": "${1 +}"}}', (1, 18)),
]


@pytest.mark.parametrize(("text", "place"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_what_terraform_refuses_is_an_error_at_its_place(
    tmp_path: Path, text: str, place: tuple[int, int]
) -> None:
    result = checked(tmp_path, {"main.tf.json": text, "other.tf": "locals {"})
    assert {one.rule for one in result.findings} == {"syntax-error"}
    assert at(one for one in result.findings if one.place and one.place.file == "main.tf.json") == [place]
    assert any(one.place and one.place.file == "other.tf" for one in result.findings)


TAKEN = [
    '{"locals": [], "terraform": {"required_providers": []}}',
    '{"resource": [{"aws_x": {"a": {}}}, {}]}',
    '{"resource": {"aws_x": {"a": []}}}',
    "[]",
    '[{"locals": {"a": 1}}, {"variable": [{"v": {}}]}]',
    '{"locals": null, "//": 3, "output": {"o": {"//": 1, "//": 2, "value": 1}}}',
    '{"resource": {"aws_x": [{"a": null}, {"b": [{}]}]}, "terraform": {"required_providers": null}}',
    '{"locals": {"a": 1}, "locals": {"b": 2}}',
    '\n {"locals": {"a": "Infinity"}}\n\n',
]


@pytest.mark.parametrize("text", TAKEN)
def test_what_terraform_takes_is_no_error(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, {"main.tf.json": text}).findings == ()


STRINGS = [
    (r"a\/b\b\f", "a/b\b\f"),
    (r"\u00e9${1}", "é1"),
    (r"$${x} %%{y}", "${x} %{y}"),
    (r"\"${1}\"", '"1"'),
    (r"{\"a\": \"${local.b}\", \"c\": {\"d\": \"${1}\"}}", '{"a": "x", "c": {"d": "1"}}'),
    (r"${\"a\"} and \"b\" and ${\"c\"}", 'a and "b" and c'),
    (r"${join(\",\", [\"a\", \"${local.b}\"])}", "a,x"),
    (r"${\"}\"}", "}"),
    (r"${\"a\\nb\\\"c\\\\\"}", 'a\nb"c\\'),
    (r"${\n1\n}", 1),
]


@pytest.mark.parametrize(("written", "value"), STRINGS)
def test_strings_come_to_what_terraform_makes_of_them(tmp_path: Path, written: str, value: str | int) -> None:
    text = '{"locals": {"b": "x"}, "resource": {"aws_x": {"a": {"s": "' + written + '", "t": "${local.b}"}}}}'
    (block,) = module(tmp_path, {"main.tf.json": text}).resources("aws_x")
    assert (block.value("s"), block.value("t")) == (value, "x")
    assert block.attributes["t"].expression.text == '"${local.b}"'
