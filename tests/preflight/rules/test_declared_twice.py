"""What may be declared once only is declared once, in whichever files of a directory."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("declared-twice")
STATE = 'terraform {\n  backend "s3" {}\n}\n'
REQUIRED = "terraform {\n  required_providers {\n  }\n}\n"
CHECK = 'check "{0}" {{\n  data "aws_x" "{0}" {{}}\n}}\n'
TWICE: list[tuple[str, str, tuple[int, int]]] = [
    ("a variable", 'variable "a" {}\nvariable "a" {}\n', (2, 1)),
    ("a resource", 'resource "aws_x" "a" {}\nresource "aws_x" "a" {}\n', (2, 1)),
    ("a data source", 'data "aws_x" "a" {}\ndata "aws_x" "a" {}\n', (2, 1)),
    ("an output", 'output "a" {}\noutput "a" {}\n', (2, 1)),
    ("a module", 'module "a" {}\nmodule "a" {}\n', (2, 1)),
    ("a check", 'check "a" {}\ncheck "a" {}\n', (2, 1)),
    ("a data source in a check", 'data "aws_x" "a" {}\ncheck "a" {\n  data "aws_x" "a" {}\n}\n', (3, 3)),
    ("a local", "locals {\n  a = 1\n}\nlocals {\n  a = 1\n}\n", (5, 3)),
    ("a provider", 'provider "aws" {}\nprovider "aws" {}\n', (2, 1)),
    ("an alias", 'provider "aws" {\n  alias = "a"\n}\nprovider "aws" {\n  alias = "a"\n}\n', (4, 1)),
    ("a backend", STATE * 2, (5, 3)),
    ("a backend beside a cloud", STATE + "terraform {\n  cloud {}\n}\n", (5, 3)),
    ("what is required of providers", REQUIRED * 2, (6, 3)),
]
ONCE: list[tuple[str, dict[str, str]]] = [
    ("a name of each kind", {"a.tf": "".join(f'{one} "a" {{}}\n' for one in ("variable", "output", "module"))}),
    ("a resource and a data source", {"a.tf": 'resource "aws_x" "a" {}\ndata "aws_x" "a" {}\n'}),
    ("two types", {"a.tf": 'resource "aws_x" "a" {}\nresource "aws_y" "a" {}\n'}),
    ("a data source in each of two checks", {"a.tf": CHECK.format("a") + CHECK.format("b")}),
    ("two directories", {"a.tf": 'variable "a" {}\n', "b/a.tf": 'variable "a" {}\n'}),
    ("an alias", {"a.tf": 'provider "aws" {}\nprovider "aws" {\n  alias = "a"\n}\n'}),
    ("an unknown alias", {"a.tf": 'provider "aws" {\n  alias = a.b\n}\n' * 2}),
    ("no names", {"a.tf": "moved {}\nmoved {}\nterraform {}\nterraform {}\nlocals {}\nlocals {}\n"}),
    (
        "an override of each",
        {"a.tf": STATE + "locals {\n  a = 1\n}\n", "override.tf": STATE + "locals {\n  a = 2\n}\n"},
    ),
    (
        "an override of two providers of one type",
        {
            "a.tf": 'provider "aws" {}\nprovider "aws" {\n  alias = "a"\n}\n',
            "a_override.tf": 'provider "aws" {\n  region = "b"\n}\nprovider "aws" {\n  alias = "a"\n}\n',
        },
    ),
    ("an override of a variable", {"a.tf": 'variable "a" {}\n', "a_override.tf": 'variable "a" {}\n'}),
]


@pytest.mark.parametrize(("text", "place"), [case[1:] for case in TWICE], ids=[case[0] for case in TWICE])
def test_the_second_one_is_found(tmp_path: Path, text: str, place: tuple[int, int]) -> None:
    assert at(checked(tmp_path, text, RULE).findings) == [place]


@pytest.mark.parametrize("files", [case[1] for case in ONCE], ids=[case[0] for case in ONCE])
def test_what_is_declared_once_is_not_found(tmp_path: Path, files: dict[str, str]) -> None:
    assert checked(tmp_path, files, RULE).findings == ()


def test_the_first_one_is_named_wherever_it_is(tmp_path: Path) -> None:
    (found,) = checked(
        tmp_path, {"a.tf": '\nvariable "a" {}\n', "b.tf.json": '{"variable": {"a": {}}}'}, RULE
    ).findings
    assert found.place is not None
    assert (found.place.file, found.subject) == ("b.tf.json", "var.a")
    assert "first at a.tf:2" in found.message


def test_each_further_one_is_found(tmp_path: Path) -> None:
    assert len(checked(tmp_path, 'variable "a" {}\n' * 3, RULE).findings) == 2


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        ("examples/a/one.tf", "examples/a/two.tf", Severity.MEDIUM),
        ("a/one.tf", "a/two.tf", Severity.CRITICAL),
        ("examples/a/one.tf", "examples/a/one.tf", Severity.CRITICAL),
    ],
    ids=["files of an example", "files of what is deployed", "one file of an example"],
)
def test_files_of_an_example_may_be_examples_each(
    tmp_path: Path, first: str, second: str, severity: Severity
) -> None:
    texts = {first: 'module "a" {}\n'}
    texts[second] = texts.get(second, "") + 'module "a" {}\n'
    assert [one.severity for one in checked(tmp_path, texts, RULE).findings] == [severity]
