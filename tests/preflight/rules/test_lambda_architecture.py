"""The architecture of functions is set, and it is that of the code and the layers."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("lambda-architecture")
ARM = 'architectures = ["arm64"]'
X86 = 'architectures = ["x86_64"]'
LAYER = 'resource "aws_lambda_layer_version" "l" {\n  compatible_architectures = ["arm64"]\n}\n'


def function(*arguments: str) -> str:
    return 'resource "aws_lambda_function" "a" {\n' + "".join(f"  {one}\n" for one in arguments) + "}\n"


ARCHIVE = """data "archive_file" "z" {
  type        = "zip"
  source_file = "${path.module}/app.py"
  output_path = "app.zip"
}
"""
BUILD = """resource "null_resource" "b" {
  provisioner "local-exec" {
    command = "GOARCH=arm64 go build"
  }
}
"""

HIGH, LOW = Severity.HIGH, Severity.LOW
CASES = [
    ("not set", function('filename = "app.zip"'), [(1, 1, LOW)]),
    ("set", function('filename = "app.zip"', X86), []),
    ("not known", function('filename = "app.zip"', "architectures = var.a"), []),
    ("another one in the package's name", function('filename = "dist/app-arm64.zip"', X86), [(3, 3, HIGH)]),
    ("the same in the package's name", function('filename = "dist/app-arm64.zip"', ARM), []),
    ("not set, and another one in the name", function('filename = "dist/app_aarch64.zip"'), [(2, 3, HIGH)]),
    ("not set, and the default in the name", function('filename = "dist/app-amd64.zip"'), [(1, 1, LOW)]),
    ("a part of a word", function('filename = "dist/charm64s.zip"', X86), []),
    ("both in the name", function('filename = "build/x86_64/app-arm64.zip"', X86), []),
    ("a directory unknown", function('filename = "${var.d}/app-arm64.zip"', X86), [(3, 3, HIGH)]),
    ("an image", function('image_uri = "${aws_ecr_repository.r.repository_url}:1-arm64"', X86), [(3, 3, HIGH)]),
    (
        "a layer of another one",
        LAYER + function(X86, "layers = [aws_lambda_layer_version.l.arn]"),
        [(6, 13, HIGH)],
    ),
    ("a layer of the same", LAYER + function(ARM, "layers = [aws_lambda_layer_version.l.arn]"), []),
    (
        "a layer that does not say",
        'resource "aws_lambda_layer_version" "l" {}\n'
        + function(X86, "layers = [aws_lambda_layer_version.l.arn]"),
        [],
    ),
    (
        "a layer of AWS's for another one",
        function(
            ARM,
            'layers = ["arn:aws:lambda:eu-west-1:1:layer:x:1",\n'
            '    "arn:aws:lambda:eu-west-1:2:layer:aws-otel-python-amd64-ver-1:3"]',
        ),
        [(4, 5, HIGH)],
    ),
    (
        "layers of a local",
        function(ARM, "layers = local.l") + 'locals {\n  l = ["a:layer:n-x86_64:1"]\n}',
        [(3, 3, HIGH)],
    ),
    ("one source file", ARCHIVE + function("filename = data.archive_file.z.output_path"), []),
    ("one source file by its zip's name", ARCHIVE + function('filename = "app.zip"'), []),
    (
        "a build for another one",
        BUILD + function(X86, 'filename = "a.zip"', "depends_on = [null_resource.b]"),
        [(7, 3, HIGH)],
    ),
    ("a build for the same", BUILD + function(ARM, 'filename = "a.zip"', "depends_on = [null_resource.b]"), []),
    ("a build that nobody waits for", BUILD + function(X86, 'filename = "a.zip"'), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_functions_of_no_or_another_architecture_are_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int, Severity]]
) -> None:
    findings = checked(tmp_path, hcl, RULE).findings
    assert [(*place, one.severity) for place, one in zip(at(findings), findings, strict=True)] == expected


def test_a_package_that_says_one_is_undecided_where_the_functions_is_unknown(tmp_path: Path) -> None:
    hcl = function('filename = "app-arm64.zip"', "architectures = var.a")
    assert len(checked(tmp_path, hcl, RULE).undecided) == 1


@pytest.mark.parametrize(("file", "expected"), [("lib/x.py", []), ("lib/x.so", [(6, 1)])])
def test_a_directory_of_sources_needs_no_architecture(
    tmp_path: Path, file: str, expected: list[tuple[int, int]]
) -> None:
    archive = ARCHIVE.replace('source_file = "${path.module}/app.py"', 'source_dir  = "${path.module}/code"')
    files = {
        "main.tf": archive + function("filename = data.archive_file.z.output_path"),
        "code/app.py": "",
        f"code/{file}": "",
    }
    assert at(checked(tmp_path, files, RULE).findings) == expected


@pytest.mark.parametrize(("architecture", "certain"), [('["x86_64"]', True), ("[var.a]", False)])
def test_a_finding_says_whether_it_hangs_on_a_variable(tmp_path: Path, architecture: str, certain: bool) -> None:
    hcl = (
        f'resource "aws_lambda_function" "f" {{\n  filename = "arm64.zip"\n  architectures = {architecture}\n}}\n'
        'variable "a" {\n  default = "x86_64"\n}\n'
    )
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [certain]
