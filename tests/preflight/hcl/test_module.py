"""The model of a directory: what it declares, and what names what."""

from pathlib import Path

import pytest

from docferry.preflight.hcl.value import UNKNOWN, Reference
from tests.preflight.checking import module

MAIN = """
resource "aws_s3_bucket" "a" {
  bucket = local.name
  tags   = { x = "y" }
}

resource "aws_s3_bucket" "many" {
  count  = var.count
  bucket = "many"
}

resource "aws_s3_bucket_versioning" "a" {
  bucket = local.bucket.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_x" "dynamic" {
  dynamic "rule" {
    for_each = [1]
    iterator = it
    content {
      id = it.value
      inner {
        a = 1
      }
    }
  }
  rule {
    id = 2
  }
}

data "aws_x" "d" {}
provider "aws" {
  alias = "other"
}
module "m" {
  source = "./m"
}
locals {
  name   = "n"
  bucket = aws_s3_bucket.a
}
variable "count" {}
"""


def test_blocks_have_addresses_and_places(tmp_path: Path) -> None:
    found = {one.address: one.place.line for one in module(tmp_path, MAIN).blocks}
    assert found["aws_s3_bucket.a"] == 2
    assert {"data.aws_x.d", "provider.aws", "module.m", "locals", "var.count"} < set(found)


def test_blocks_are_found_by_type(tmp_path: Path) -> None:
    made = module(tmp_path, MAIN)
    assert [one.name for one in made.resources("aws_s3_bucket")] == ["a", "many"]
    assert [one.name for one in made.resources("aws_x", "aws_s3_bucket_versioning")] == ["dynamic", "a"]
    assert len(made.resources()) == 4
    assert [one.address for one in made.data("aws_x")] == ["data.aws_x.d"]


def test_a_reference_is_resolved_through_locals(tmp_path: Path) -> None:
    made = module(tmp_path, MAIN)
    bucket = made.resources("aws_s3_bucket")[0]
    versioning = made.resources("aws_s3_bucket_versioning")[0]
    assert versioning.value("bucket") == Reference(("aws_s3_bucket", "a", "id"))
    assert made.resolve(versioning.value("bucket")) is bucket
    assert made.resolve("aws_s3_bucket.a") is bucket
    assert made.resolve("local.bucket") is bucket
    assert made.resolve("aws_s3_bucket.none") is None
    assert made.resolve(UNKNOWN) is None


def test_who_refers_to_a_block_is_known_through_locals(tmp_path: Path) -> None:
    made = module(tmp_path, MAIN)
    found = made.referrers(made.resources("aws_s3_bucket")[0])
    assert [one.address for one in found] == ["aws_s3_bucket_versioning.a", "locals"]


def test_a_reference_is_followed_to_what_is_written(tmp_path: Path) -> None:
    made = module(tmp_path, MAIN)
    assert made.follow(Reference(("aws_s3_bucket", "a", "bucket"))) == "n"
    assert made.follow(Reference(("aws_s3_bucket", "a", "arn"))) is UNKNOWN
    assert made.follow(Reference(("aws_s3_bucket", "many", "bucket"))) is UNKNOWN
    assert made.follow("as it is") == "as it is"


def test_a_dynamic_block_stands_for_what_it_makes(tmp_path: Path) -> None:
    first, second = module(tmp_path, MAIN).resources("aws_x")[0].blocks("rule")
    assert (first.dynamic, first.value("id"), first.perhaps_absent) == (True, UNKNOWN, False)
    assert [one.value("a") for one in first.blocks("inner")] == [1]
    assert (second.dynamic, second.value("id")) == (False, 2)


def test_blocks_of_a_path_are_found_and_absent_values_are_none(tmp_path: Path) -> None:
    made = module(tmp_path, MAIN)
    assert len(made.resources("aws_x")[0].blocks("rule", "inner")) == 1
    assert made.resources("aws_x")[0].value("none") is None
    assert made.resources("aws_x")[0].block("none") is None


def test_count_says_that_there_may_be_none(tmp_path: Path) -> None:
    once, many = module(tmp_path, MAIN).resources("aws_s3_bucket")
    assert (once.repeated, once.perhaps_absent, many.repeated, many.perhaps_absent) == (False, False, True, True)


def test_values_come_from_tfvars_in_terraforms_order(tmp_path: Path) -> None:
    files = {
        "main.tf": 'variable "a" { default = 1 }\nvariable "b" {}\nvariable "c" { default = 1 }\nvariable "d" {}',
        "terraform.tfvars": "a = 2\nb = 2\nnot_declared = 2",
        "z.auto.tfvars": "b = 3",
        "other.tfvars": "c = 9",
        "broken.auto.tfvars": "c = ",
    }
    variables = module(tmp_path, files).scope.variables
    assert variables == {"a": 2, "b": 3, "c": 1, "d": UNKNOWN}


def test_values_come_from_json_too_where_texts_stand_for_themselves(tmp_path: Path) -> None:
    files = {
        "main.tf": "".join(f'variable "{one}" {{ default = 1 }}\n' for one in "abcde"),
        "terraform.tfvars": "a = 2\nb = 2\n",
        "terraform.tfvars.json": '{"b": "${var.a}", "c": [3], "d": 3}',
        "x.auto.tfvars.json": '{"c": null}',
        "y.auto.tfvars": "d = 4\n",
        "z.auto.tfvars.json": "[]",
        "broken.auto.tfvars.json": '{"e": ',
    }
    variables = module(tmp_path, files).scope.variables
    assert variables == {"a": 2, "b": "${var.a}", "c": None, "d": 4, "e": 1}


def test_override_files_change_what_others_declare(tmp_path: Path) -> None:
    files = {
        "main.tf": 'resource "a_b" "c" {\n  x = 1\n  y = 1\n  one {}\n  two {}\n}',
        "z_override.tf": 'resource "a_b" "c" {\n  y = 2\n  two {\n    z = 1\n  }\n}\nlocals {\n  q = 1\n}',
    }
    made = module(tmp_path, files)
    (resource,) = made.resources()
    assert {name: one.value for name, one in resource.attributes.items()} == {"x": 1, "y": 2}
    assert [(one.type, one.value("z")) for one in resource.children] == [("one", None), ("two", 1)]
    assert made.resolve("local.q") is None and made.scope.local("q") == 1


def test_an_override_of_a_provider_changes_the_one_of_its_alias(tmp_path: Path) -> None:
    files = {
        "main.tf": 'provider "aws" {\n  x = 1\n}\nprovider "aws" {\n  alias = "a"\n  x = 1\n}',
        "override.tf": 'provider "aws" {\n  alias = "a"\n  x = 2\n}',
    }
    found = module(tmp_path, files).of("provider")
    assert [(one.value("alias"), one.value("x")) for one in found] == [(None, 1), ("a", 2)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("locals {\n}", "locals {\n  b = 2\n}"),
        ("locals { # c {\n}", "locals { # c {\n  b = 2\n}"),
        ("locals {}", "locals {\n  b = 2\n}"),
        ("locals { a = 1 }", "locals {\n  b = 2\n  a = 1\n}"),
        ("locals { a = [\n  1,\n] }", "locals {\n  b = 2\n  a = [\n  1,\n]\n}"),
    ],
    ids=["over lines", "with a comment", "empty", "on one line", "on one line, with an argument over lines"],
)
def test_lines_are_put_behind_the_brace_of_a_block(tmp_path: Path, before: str, after: str) -> None:
    edit = module(tmp_path, before).of("locals")[0].inserted("b = 2")
    assert before[: edit.start] + edit.text + before[edit.end :] == after


def test_a_module_with_a_broken_file_is_not_complete(tmp_path: Path) -> None:
    assert module(tmp_path, {"a.tf": "locals {}"}).complete
    assert not module(tmp_path, {"b.tf": "locals {"}).complete


@pytest.mark.parametrize(
    ("name", "is_template"),
    [
        ("terraform.tf.j2", True),
        ("main.tf.jinja", True),
        ("backend.tf.tmpl", True),
        ("main.tf.json.erb", True),
        ("main.tf.bak", False),
        ("main.tf.disabled", False),
        ("user_data.sh.tpl", False),
        ("templates/main.tf.tpl", False),
    ],
)
def test_a_module_with_a_file_that_is_yet_to_be_made_is_not_complete(
    tmp_path: Path, name: str, is_template: bool
) -> None:
    assert module(tmp_path, {"a.tf": "locals {}", name: "{{ text }}"}).complete is not is_template
