"""Configuration in JSON: the same model, with exact places."""

from pathlib import Path

from docferry.preflight.hcl.value import UNKNOWN, Reference, Template
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


def test_what_is_no_json_is_an_error_at_its_place(tmp_path: Path) -> None:
    assert at(checked(tmp_path, {"main.tf.json": '{"é": 1,\n "x" 2}'}).findings) == [(2, 6)]
    assert at(checked(tmp_path / "list", {"main.tf.json": "[]"}).findings) == [(1, 1)]


def test_unexpected_shapes_are_left_out_and_break_nothing(tmp_path: Path) -> None:
    text = '{"resource": {"a": 1, "b": {"c": 2}, "d": [3]}, "locals": 4, "output": [[1]], "variable": {"v": 5}}'
    made = module(tmp_path, {"main.tf.json": text})
    assert made.resources() == ()
    assert made.scope.local("none") is UNKNOWN
