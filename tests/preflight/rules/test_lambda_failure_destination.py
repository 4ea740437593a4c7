"""Failures of functions are kept somewhere."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("lambda-failure-destination")


def function(inner: str = "") -> str:
    return f'resource "aws_lambda_function" "f" {{\n{inner}}}\n'


def permission(principal: str, of: str = "aws_lambda_function.f.function_name") -> str:
    return f'resource "aws_lambda_permission" "p" {{\n  function_name = {of}\n  principal = "{principal}"\n}}\n'


def config(of: str, inner: str = "on_failure {\n destination = aws_sqs_queue.d.arn\n }") -> str:
    return (
        f'resource "aws_lambda_function_event_invoke_config" "c" {{\n  function_name = {of}\n'
        f"  destination_config {{\n {inner}\n  }}\n}}\n"
    )


def mapping(*arguments: str) -> str:
    return (
        'resource "aws_lambda_event_source_mapping" "m" {\n' + "".join(f"  {one}\n" for one in arguments) + "}\n"
    )


S3 = permission("s3.amazonaws.com")
DLQ = "  dead_letter_config {\n    target_arn = aws_sqs_queue.d.arn\n  }\n"
READ = mapping("event_source_arn = aws_sqs_queue.q.arn", "function_name = aws_lambda_function.f.arn")
STREAM = ("event_source_arn = aws_dynamodb_table.t.stream_arn", 'starting_position = "LATEST"')

CASES = [
    ("called by nobody", function(), []),
    ("called by S3", function() + S3, [(1, 1)]),
    ("called by SNS", function() + permission("sns.amazonaws.com"), [(1, 1)]),
    ("called by EventBridge", function() + permission("events.amazonaws.com"), [(1, 1)]),
    ("called by API Gateway", function() + permission("apigateway.amazonaws.com"), []),
    ("another one is called", function() + permission("s3.amazonaws.com", "var.f"), []),
    (
        "a notification",
        function()
        + 'resource "aws_s3_bucket_notification" "n" {\n  lambda_function {\n'
        + "    lambda_function_arn = aws_lambda_function.f.arn\n  }\n}",
        [(1, 1)],
    ),
    (
        "a target",
        function() + 'resource "aws_cloudwatch_event_target" "t" {\n  arn = aws_lambda_function.f.arn\n}',
        [(1, 1)],
    ),
    (
        "a schedule",
        function()
        + 'resource "aws_scheduler_schedule" "t" {\n  target {\n  arn = aws_lambda_function.f.arn\n  }\n}',
        [(1, 1)],
    ),
    (
        "a subscription",
        function()
        + 'resource "aws_sns_topic_subscription" "t" {\n  protocol = "lambda"\n'
        + "  endpoint = aws_lambda_function.f.arn\n}",
        [(1, 1)],
    ),
    (
        "an alias",
        function()
        + permission("s3.amazonaws.com", "aws_lambda_alias.a.function_name")
        + 'resource "aws_lambda_alias" "a" {\n  function_name = aws_lambda_function.f.function_name\n}',
        [(1, 1)],
    ),
    ("a dead letter queue", function(DLQ) + S3, []),
    (
        "a dead letter queue, dynamic",
        function('  dynamic "dead_letter_config" {\n  for_each = var.d\n  content {}\n  }\n') + S3,
        [],
    ),
    ("a destination", function() + S3 + config("aws_lambda_function.f.function_name"), []),
    (
        "only one of success",
        function() + S3 + config("aws_lambda_function.f.function_name", "on_success {\n destination = var.d\n }"),
        [(1, 1)],
    ),
    ("a stream", mapping(*STREAM), [(1, 1)]),
    ("a stream with a destination", mapping(*STREAM, "destination_config {\n    on_failure {}\n  }"), []),
    ("a topic of Kafka", mapping('starting_position = "LATEST"', 'topics = ["a"]'), []),
    ("no stream after all", mapping("event_source_arn = var.a", "starting_position = null"), []),
    ("a queue", 'resource "aws_sqs_queue" "q" {}\n' + READ, [(1, 1)]),
    ("a queue that sorts out", 'resource "aws_sqs_queue" "q" {\n  redrive_policy = var.p\n}\n' + READ, []),
    ("a queue that nobody reads", 'resource "aws_sqs_queue" "q" {}\n', []),
    (
        "a policy apart",
        'resource "aws_sqs_queue" "q" {}\n'
        + READ
        + 'resource "aws_sqs_queue_redrive_policy" "r" {\n  queue_url = aws_sqs_queue.q.id\n}',
        [],
    ),
    (
        "what keeps the failures of another queue",
        'resource "aws_sqs_queue" "q" {}\n'
        + READ
        + 'resource "aws_sqs_queue" "o" {\n'
        + "  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.q.arn, maxReceiveCount = 5 })\n}",
        [],
    ),
    (
        "what keeps the failures of another queue, by its ARN",
        'resource "aws_sqs_queue" "q" {\n  name = "q-dlq"\n}\n'
        + READ
        + 'resource "aws_sqs_queue" "o" {\n  redrive_policy = jsonencode({\n'
        + '    deadLetterTargetArn = "arn:aws:sqs:${var.r}:${data.aws_caller_identity.c.id}:q-dlq"\n  })\n}',
        [],
    ),
    (
        "what keeps the failures of another queue, by its ARN in JSON",
        'resource "aws_sqs_queue" "q" {\n  name = "q-dlq"\n}\n'
        + READ
        + 'resource "aws_sqs_queue" "o" {\n'
        + r'  redrive_policy = "{\"deadLetterTargetArn\":\"arn:aws:sqs:eu-west-1:1:q-dlq\"}"'
        + "\n}",
        [],
    ),
    (
        "the ARN of a queue with a longer name",
        'resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n'
        + READ
        + 'resource "aws_sqs_queue" "o" {\n'
        + '  redrive_policy = jsonencode({ deadLetterTargetArn = "arn:aws:sqs:eu-west-1:1:q-dlq" })\n}',
        [(1, 1)],
    ),
    (
        "what keeps the failures of a module's queue",
        'resource "aws_sqs_queue" "q" {}\n'
        + READ
        + 'module "m" {\n  source = "x/sqs/aws"\n'
        + "  redrive_policy = { deadLetterTargetArn = local.q }\n}\nlocals {\n  q = aws_sqs_queue.q.arn\n}",
        [],
    ),
    (
        "a queue that a module writes to",
        'resource "aws_sqs_queue" "q" {}\n'
        + READ
        + 'module "m" {\n  source = "x/sns/aws"\n  queue_arn = aws_sqs_queue.q.arn\n}',
        [(1, 1)],
    ),
    (
        "what keeps the failures of a function, through a local",
        'resource "aws_sqs_queue" "q" {}\n'
        + READ
        + function("  dead_letter_config {\n    target_arn = local.q\n  }\n")
        + "locals {\n  q = aws_sqs_queue.q.arn\n}",
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_failures_that_are_kept_nowhere_are_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_a_configuration_for_an_unknown_function_may_be_for_this_one(tmp_path: Path) -> None:
    result = checked(tmp_path, function() + S3 + config("each.value"), RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_a_redrive_policy_for_an_unknown_queue_may_be_for_this_one(tmp_path: Path) -> None:
    policy = 'resource "aws_sqs_queue_redrive_policy" "r" {\n  queue_url = each.value\n}'
    result = checked(tmp_path, 'resource "aws_sqs_queue" "q" {}\n' + READ + policy, RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_a_mapping_of_a_module_may_be_of_a_queue(tmp_path: Path) -> None:
    hcl = mapping("event_source_arn = var.a", 'starting_position = var.queue ? null : "LATEST"')
    result = checked(tmp_path, hcl, RULE)
    assert result.findings == ()
    assert len(result.undecided) == 1


def test_nothing_is_said_where_a_file_could_not_be_read(tmp_path: Path) -> None:
    files = {"main.tf": function() + S3, "broken.tf": "resource {{\n"}
    assert checked(tmp_path, files, RULE).undecided == ()
    assert {one.rule for one in checked(tmp_path, files, RULE).findings} == {"syntax-error"}
