"""Names are like the pattern of the settings."""

from pathlib import Path

import pytest

from docferry.preflight.config import Config
from tests.preflight.checking import at, checked, rule

RULE = rule("naming-convention")
CONFIG = Config(name_pattern="^acme-[a-z-]+$")

CASES = [
    ("like it", 'resource "aws_sqs_queue" "q" {\n  name = "acme-orders"\n}', []),
    ("not like it", 'resource "aws_sqs_queue" "q" {\n  name = "orders"\n}', [(2, 3)]),
    ("capitals", 'resource "aws_s3_bucket" "b" {\n  bucket = "acme-Orders"\n}', [(2, 3)]),
    ("a local in it", 'resource "aws_sqs_queue" "q" {\n  name = "${local.p}-a"\n}\nlocals {\n  p = "acme"\n}', []),
    ("a part not known", 'resource "aws_sqs_queue" "q" {\n  name = "x-${var.p}"\n}', []),
    ("no name", 'resource "aws_sqs_queue" "q" {}', []),
    ("a prefix", 'resource "aws_sqs_queue" "q" {\n  name_prefix = "x"\n}', []),
    ("the end of a queue in order", 'resource "aws_sqs_queue" "q" {\n  name = "acme-orders.fifo"\n}', []),
    ("the start of an alias", 'resource "aws_kms_alias" "k" {\n  name = "alias/acme-orders"\n}', []),
    ("another argument", 'resource "aws_lambda_function" "f" {\n  function_name = "orders"\n}', [(2, 3)]),
    ("a path", 'resource "aws_cloudwatch_log_group" "g" {\n  name = "/aws/lambda/orders"\n}', []),
    ("a path of a repository", 'resource "aws_ecr_repository" "r" {\n  name = "acme/orders"\n}', []),
    ("a path of an alias", 'resource "aws_kms_alias" "k" {\n  name = "alias/acme/orders"\n}', []),
    ("a domain", 'resource "aws_route53_record" "r" {\n  name = "example.org"\n}', []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_name_that_is_not_like_the_pattern_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE, config=CONFIG).findings) == expected


def test_a_name_of_a_variable_may_be_another_at_deployment(tmp_path: Path) -> None:
    hcl = 'resource "aws_sqs_queue" "q" {\n  name = var.n\n}\nvariable "n" {\n  default = "orders"\n}\n'
    assert [one.certain for one in checked(tmp_path, hcl, RULE, config=CONFIG).findings] == [False]


def test_there_is_no_pattern_without_a_setting(tmp_path: Path) -> None:
    assert checked(tmp_path, 'resource "aws_sqs_queue" "q" {\n  name = "orders"\n}', RULE).findings == ()
