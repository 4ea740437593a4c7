"""Runtimes are held against AWS's dates."""

from datetime import date
from pathlib import Path

import pytest

from docferry.preflight.finding import Severity, Stage
from docferry.preflight.rules._lambda_runtimes import LIFECYCLES, READ_ON, successor
from tests.preflight.checking import at, checked, rule

RULE = rule("lambda-runtime")

CASES = [
    ("supported", 'runtime = "python3.13"', date(2026, 8, 1), None),
    ("a day before its deprecation", 'runtime = "python3.8"', date(2024, 10, 13), None),
    ("deprecated", 'runtime = "python3.8"', date(2024, 10, 14), Severity.MEDIUM),
    ("not created any more", 'runtime = "python3.8"', date(2027, 2, 1), Severity.HIGH),
    ("not updated any more", 'runtime = "python3.8"', date(2027, 3, 3), Severity.HIGH),
    ("long gone", 'runtime = "nodejs8.10"', date(2025, 6, 1), Severity.HIGH),
    ("go", 'runtime = "go1.x"', date(2025, 6, 1), Severity.HIGH),
    ("not known here", 'runtime = "python9.9"', date(2040, 1, 1), None),
    ("an image", 'package_type = "Image"', date(2040, 1, 1), None),
    ("null", "runtime = null", date(2040, 1, 1), None),
    ("of a local", "runtime = local.runtime", date(2025, 6, 1), Severity.HIGH),
    ("of another one", "runtime = aws_lambda_function.b.runtime", date(2025, 6, 1), None),
]


@pytest.mark.parametrize(
    ("argument", "today", "severity"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_runtime_is_as_bad_as_its_dates(
    tmp_path: Path, argument: str, today: date, severity: Severity | None
) -> None:
    hcl = f'resource "aws_lambda_function" "a" {{\n  {argument}\n}}\nlocals {{\n  runtime = "go1.x"\n}}\n'
    result = checked(tmp_path, hcl, RULE, today=today)
    assert [one.severity for one in result.findings] == ([severity] if severity else [])
    assert at(result.findings) == ([(2, 3)] if severity else [])


def test_it_fails_at_apply_only_where_aws_refuses(tmp_path: Path) -> None:
    hcl = 'resource "aws_lambda_function" "a" {\n  runtime = "python3.8"\n}\n'
    stages = [checked(tmp_path, hcl, RULE, today=day).findings[0].stage for day in (READ_ON, date(2027, 2, 1))]
    assert stages == [Stage.RUN, Stage.APPLY]


def test_a_default_of_a_variable_may_be_another_at_deployment(tmp_path: Path) -> None:
    hcl = 'resource "aws_lambda_function" "a" {\n  runtime = var.r\n}\nvariable "r" {\n  default = "go1.x"\n}\n'
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [False]


def test_an_unknown_runtime_is_undecided(tmp_path: Path) -> None:
    hcl = 'resource "aws_lambda_function" "a" {\n  runtime = var.r\n}\nvariable "r" {}\n'
    result = checked(tmp_path, hcl, RULE)
    assert result.findings == ()
    assert [one.what_is_unknown for one in result.undecided] == ["the runtime"]


def test_what_to_move_to_is_not_deprecated_itself() -> None:
    for runtime in LIFECYCLES:
        assert LIFECYCLES[successor(runtime, READ_ON)].deprecated > READ_ON
    assert successor("nodejs16.x", date(2027, 5, 1)) == "nodejs24.x"


def test_dates_are_in_the_order_in_which_aws_goes_on() -> None:
    for dates in LIFECYCLES.values():
        assert dates.deprecated <= dates.create_blocked <= dates.update_blocked
