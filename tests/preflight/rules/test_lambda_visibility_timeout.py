"""Queues hide messages for as long as their function may take."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("lambda-visibility-timeout")
MAPPING = """resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.q.arn
  function_name    = aws_lambda_function.f.arn
}
"""


def stack(queue: str, function: str, rest: str = MAPPING) -> str:
    return (
        f'resource "aws_sqs_queue" "q" {{\n  {queue}\n}}\n'
        f'resource "aws_lambda_function" "f" {{\n  {function}\n}}\n{rest}'
    )


CASES = [
    ("both defaults", stack("", ""), []),
    ("equal", stack("visibility_timeout_seconds = 60", "timeout = 60"), []),
    ("six times", stack("visibility_timeout_seconds = 360", "timeout = 60"), []),
    ("less", stack("visibility_timeout_seconds = 59", "timeout = 60"), [(2, 3)]),
    ("the queue's default", stack("", "timeout = 31"), [(1, 1)]),
    ("as long as the queue's default", stack("", "timeout = 30"), []),
    ("the function's default", stack("visibility_timeout_seconds = 2", ""), [(2, 3)]),
    ("zero", stack("visibility_timeout_seconds = 0", ""), [(2, 3)]),
    ("as texts", stack('visibility_timeout_seconds = "30"', 'timeout = "60"'), [(2, 3)]),
    (
        "through locals",
        stack("visibility_timeout_seconds = local.s", "timeout = 60") + "locals {\n s = 9\n}",
        [(2, 3)],
    ),
    (
        "through an alias",
        stack(
            "",
            "timeout = 60",
            'resource "aws_lambda_alias" "live" {\n  function_name = aws_lambda_function.f.function_name\n}\n'
            + MAPPING.replace("aws_lambda_function.f.arn", "aws_lambda_alias.live.arn"),
        ),
        [(1, 1)],
    ),
    (
        "by the function's name",
        stack("", 'timeout = 60\n  function_name = "f"', MAPPING.replace("aws_lambda_function.f.arn", '"f"')),
        [(1, 1)],
    ),
    ("each of several", stack("for_each = var.x\n  visibility_timeout_seconds = 5", "timeout = 60"), [(3, 3)]),
    ("a stream", stack("", "timeout = 60", MAPPING.replace("aws_sqs_queue.q", "aws_kinesis_stream.q")), []),
    ("a queue from elsewhere", stack("", "timeout = 60", MAPPING.replace("aws_sqs_queue.q.arn", "var.q")), []),
    ("no mapping", stack("", "timeout = 60", ""), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_queue_that_hides_too_short_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_cannot_be_told_is_undecided(tmp_path: Path) -> None:
    result = checked(tmp_path, stack("", "timeout = each.value.timeout"), RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_the_edit_sets_what_aws_advises(tmp_path: Path) -> None:
    result = checked(tmp_path, stack("visibility_timeout_seconds = 30", "timeout = 60"), RULE)
    assert "\n  visibility_timeout_seconds = 360\n" in fixed(tmp_path, result)


def test_the_edit_adds_what_is_not_there_and_stays_below_the_longest(tmp_path: Path) -> None:
    result = checked(tmp_path, stack('name = "q"', "timeout = 43000"), RULE)
    assert fixed(tmp_path, result).startswith(
        'resource "aws_sqs_queue" "q" {\n  visibility_timeout_seconds = 43200\n  name = "q"\n}'
    )


def test_what_is_computed_is_not_replaced(tmp_path: Path) -> None:
    hcl = stack("visibility_timeout_seconds = 2 * local.s", "timeout = 60") + "locals {\n  s = 9\n}"
    assert [one.edits for one in checked(tmp_path, hcl, RULE).findings] == [()]
