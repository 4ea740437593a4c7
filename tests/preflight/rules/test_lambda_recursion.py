"""Functions do not write to where they are called from."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("lambda-recursion")
CALLED_BY_BUCKET = """resource "aws_s3_bucket_notification" "n" {{
  bucket = aws_s3_bucket.b.id
  lambda_function {{
    lambda_function_arn = aws_lambda_function.f.arn
    events = ["{event}"]
    {filter}
  }}
}}
"""
BUCKET = """resource "aws_s3_bucket" "b" {
  bucket = "in-b"
}
resource "aws_s3_bucket" "out" {}
"""
FUNCTION = """resource "aws_lambda_function" "f" {
  role = aws_iam_role.r.arn
}
resource "aws_iam_role" "r" {}
"""
CREATED = "s3:ObjectCreated:*"


def notified(filters: str = "", event: str = CREATED) -> str:
    return CALLED_BY_BUCKET.format(event=event, filter=filters)


def may(action: str, resource: str, rest: str = "") -> str:
    return (
        'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.id\n'
        "  policy = jsonencode({ Statement = [{\n"
        f'    Effect = "Allow", Action = ["{action}"], Resource = {resource}{rest}\n  }}] }})\n}}\n'
    )


OBJECTS = '"${aws_s3_bucket.b.arn}/*"'
PUT = "s3:PutObject"
AT = [(3, 3)]

BUCKETS = [
    ("it may write objects", notified(), may(PUT, OBJECTS), AT),
    ("it may do all with them", notified(), may("s3:*", OBJECTS), AT),
    ("by the bucket's name", notified(), may(PUT, '"arn:aws:s3:::in-b/*"'), AT),
    ("by the name of another", notified(), may(PUT, '"arn:aws:s3:::in-b-2/*"'), []),
    ("by an ARN around its name", notified(), may(PUT, '"arn:aws:s3:::${aws_s3_bucket.b.bucket}/out/*"'), AT),
    ("everywhere", notified(), may(PUT, '"*"'), AT),
    ("to another bucket", notified(), may(PUT, '"${aws_s3_bucket.out.arn}/*"'), []),
    ("it may read", notified(), may("s3:GetObject", OBJECTS), []),
    ("the bucket and its objects", notified(), may(PUT, f"[aws_s3_bucket.b.arn, {OBJECTS}]"), AT),
    ("the bucket, no object", notified(), may(PUT, "[aws_s3_bucket.b.arn]"), []),
    ("called for removed objects", notified(event="s3:ObjectRemoved:*"), may(PUT, OBJECTS), []),
    ("called for puts", notified(event="s3:ObjectCreated:Put"), may(PUT, OBJECTS), AT),
    (
        "prefixes kept apart",
        notified('filter_prefix = "in/"'),
        may(PUT, '"${aws_s3_bucket.b.arn}/out/*"'),
        [],
    ),
    ("the same prefix", notified('filter_prefix = "in/"'), may(PUT, '"${aws_s3_bucket.b.arn}/in/*"'), AT),
    ("below the prefix", notified('filter_prefix = "in/"'), may(PUT, '"${aws_s3_bucket.b.arn}/in/done/*"'), AT),
    ("one object of the prefix", notified('filter_prefix = "in/"'), may(PUT, '"${aws_s3_bucket.b.arn}/in/x"'), AT),
    (
        "suffixes kept apart",
        notified('filter_suffix = ".csv"'),
        may(PUT, '"${aws_s3_bucket.b.arn}/*.json"'),
        [],
    ),
    ("the same suffix", notified('filter_suffix = ".csv"'), may(PUT, '"${aws_s3_bucket.b.arn}/*.csv"'), AT),
    (
        "a document",
        notified(),
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:PutObject"]\n'
        f"    resources = [{OBJECTS}]\n  }}\n}}\n"
        'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
        'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.r.name\n'
        "  policy_arn = aws_iam_policy.p.arn\n}\n",
        AT,
    ),
    (
        "the policy of another role",
        notified(),
        may(PUT, OBJECTS).replace("aws_iam_role.r", "aws_iam_role.o") + 'resource "aws_iam_role" "o" {}\n',
        [],
    ),
]

UNDECIDED = [
    ("a suffix, and any key", notified('filter_suffix = ".csv"'), may(PUT, OBJECTS)),
    ("a prefix, and any key", notified('filter_prefix = "in/"'), may(PUT, OBJECTS)),
    ("an unknown prefix", notified("filter_prefix = var.p"), may(PUT, OBJECTS)),
    ("an unknown resource", notified(), may(PUT, "var.arn")),
    ("a condition", notified(), may(PUT, OBJECTS, ', Condition = { Bool = { "a:b" = "true" } }')),
    ("it reads one bucket and writes another", notified(), may(PUT, f'[{OBJECTS}, "arn:aws:s3:::out/*"]')),
    (
        "it reads one prefix and writes another",
        notified('filter_prefix = "in/"'),
        may(PUT, '["${aws_s3_bucket.b.arn}/in/*", "${aws_s3_bucket.b.arn}/out/*"]'),
    ),
    ("it may do all", notified(), may("*", '"*"')),
    ("an unknown policy", notified(), 'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.id\n}\n'),
    (
        "a policy of AWS's",
        notified(),
        'resource "aws_iam_role_policy_attachment" "a" {\n  role = aws_iam_role.r.name\n'
        '  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"\n}\n',
    ),
    (
        "a role that two functions have",
        notified(),
        may(PUT, OBJECTS) + 'resource "aws_lambda_function" "o" {\n  role = aws_iam_role.r.arn\n}\n',
    ),
]


@pytest.mark.parametrize(
    ("trigger", "policy", "expected"), [case[1:] for case in BUCKETS], ids=[case[0] for case in BUCKETS]
)
def test_a_function_that_may_write_to_its_bucket_is_found(
    tmp_path: Path, trigger: str, policy: str, expected: list[tuple[int, int]]
) -> None:
    result = checked(tmp_path, trigger + policy + BUCKET + FUNCTION, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


@pytest.mark.parametrize(
    ("trigger", "policy"), [case[1:] for case in UNDECIDED], ids=[case[0] for case in UNDECIDED]
)
def test_what_may_or_may_not_be_a_loop_is_undecided(tmp_path: Path, trigger: str, policy: str) -> None:
    result = checked(tmp_path, trigger + policy + BUCKET + FUNCTION, RULE)
    assert result.findings == ()
    assert at(result.undecided) == [(3, 3)]  # type: ignore[arg-type]


def test_the_role_of_another_module_is_undecided(tmp_path: Path) -> None:
    result = checked(tmp_path, notified() + BUCKET + FUNCTION.replace("aws_iam_role.r.arn", "var.role"), RULE)
    assert (len(result.findings), len(result.undecided)) == (0, 1)


def test_who_may_write_everywhere_is_less_bad_than_who_is_let_write_there(tmp_path: Path) -> None:
    named = checked(tmp_path / "a", notified() + may(PUT, OBJECTS) + BUCKET + FUNCTION, RULE).findings
    everywhere = checked(tmp_path / "b", notified() + may(PUT, '"*"') + BUCKET + FUNCTION, RULE).findings
    assert [one.severity for one in (*named, *everywhere)] == [Severity.HIGH, Severity.MEDIUM]


QUEUE = """resource "aws_sqs_queue" "q" {
  name = "q"
}
resource "aws_lambda_event_source_mapping" "m" {
  event_source_arn = aws_sqs_queue.q.arn
  function_name    = aws_lambda_function.f.arn
}
"""
TOPIC = """resource "aws_sns_topic" "t" {}
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.f.arn
}
"""
ALLOWED = """resource "aws_lambda_function_recursion_config" "c" {
  function_name  = aws_lambda_function.f.function_name
  recursive_loop = "Allow"
}
"""
VIA_EVENTS = """resource "aws_s3_bucket_notification" "n" {
  bucket      = aws_s3_bucket.b.id
  eventbridge = true
}
resource "aws_cloudwatch_event_rule" "e" {
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail      = { bucket = { name = [aws_s3_bucket.b.id] } }
  })
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.e.name
  arn  = aws_lambda_function.f.arn
}
"""
VIA_QUEUE = (
    notified()
    .replace("lambda_function {", "queue {")
    .replace("lambda_function_arn = aws_lambda_function.f.arn", "queue_arn = aws_sqs_queue.q.arn")
)

OTHERS = [
    ("a queue", QUEUE + may("sqs:SendMessage", "aws_sqs_queue.q.arn"), [(4, 1)]),
    ("a queue by its name", QUEUE + may("sqs:Send*", '["arn:aws:sqs:eu-west-1:111122223333:q"]'), [(4, 1)]),
    ("another queue by its name", QUEUE + may("sqs:SendMessage", '["arn:aws:sqs:eu-west-1:111122223333:p"]'), []),
    ("a queue that it may read", QUEUE + may("sqs:ReceiveMessage", "[aws_sqs_queue.q.arn]"), []),
    ("a queue that it may do all with", QUEUE + may("sqs:*", "[aws_sqs_queue.q.arn]"), []),
    (
        "a queue that it reads beside one that it writes to",
        QUEUE
        + may("sqs:SendMessage", "[aws_sqs_queue.q.arn, aws_sqs_queue.o.arn]")
        + 'resource "aws_sqs_queue" "o" {}\n',
        [],
    ),
    (
        "a queue that is not read now",
        QUEUE.replace("  function_name", "  enabled = false\n  function_name")
        + may("sqs:SendMessage", "aws_sqs_queue.q.arn"),
        [],
    ),
    ("a loop that is meant", QUEUE + may("sqs:SendMessage", "[aws_sqs_queue.q.arn]") + ALLOWED, []),
    ("a topic", TOPIC + may("sns:Publish", "[aws_sns_topic.t.arn]"), [(2, 1)]),
    ("any topic", TOPIC + may("sns:Publish", '"*"'), []),
    (
        "a topic with a filter",
        TOPIC.replace("protocol", 'filter_policy = "{}"\n  protocol')
        + may("sns:Publish", "[aws_sns_topic.t.arn]"),
        [],
    ),
    ("EventBridge", VIA_EVENTS + BUCKET + may(PUT, OBJECTS), [(12, 1)]),
    (
        "EventBridge, its pattern in JSON",
        VIA_EVENTS[: VIA_EVENTS.index("jsonencode")]
        + '<<EOF\n{"source": ["aws.s3"], "detail": {"bucket": {"name": ["${aws_s3_bucket.b.id}"]}}}\nEOF\n'
        + VIA_EVENTS[VIA_EVENTS.index('}\nresource "aws_cloudwatch_event_target') :]
        + BUCKET
        + may(PUT, OBJECTS),
        [(10, 1)],
    ),
    (
        "EventBridge, of one prefix",
        VIA_EVENTS.replace(
            "[aws_s3_bucket.b.id] }", '[aws_s3_bucket.b.id] }, object = { key = [{ prefix = "in/" }] }'
        )
        + BUCKET
        + may(PUT, '"${aws_s3_bucket.b.arn}/out/*"'),
        [],
    ),
    (
        "EventBridge, of another bucket",
        VIA_EVENTS.replace("[aws_s3_bucket.b.id]", "[aws_s3_bucket.out.id]") + BUCKET + may(PUT, OBJECTS),
        [],
    ),
    ("a bucket's queue", VIA_QUEUE + QUEUE + BUCKET + may(PUT, OBJECTS), [(3, 3)]),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in OTHERS], ids=[case[0] for case in OTHERS])
def test_loops_through_others_are_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl + FUNCTION, RULE).findings) == expected


IN_PYTHON = FUNCTION.replace(
    "  role", '  runtime = "python3.13"\n  handler = "app.handler"\n  filename = "f.zip"\n  role'
)
HANDLER = "def handler(event, context):\n    pass\n"
CODE = [
    ("it writes", "import boto3\n" + HANDLER + 'boto3.client("s3").put_object()\n', [Severity.CRITICAL]),
    ("it only reads", "import boto3\n" + HANDLER + 'boto3.client("s3").get_object()\n', []),
    (
        "it writes an object",
        HANDLER + 'boto3.resource("s3").Object(b, k).put(\n    Body=b"")\n',
        [Severity.CRITICAL],
    ),
    ("it copies", HANDLER + 's3.copy({"Bucket": b, "Key": k}, b, "x")\n', [Severity.CRITICAL]),
    (
        "it copies and puts what are no objects",
        "import copy, queue, shutil\n" + HANDLER + "e = event.copy()\ncopy.copy(e)\nq.put(e)\nshutil.copy(a, b)\n",
        [],
    ),
    ("a library may write", "import awswrangler\n" + HANDLER, [Severity.HIGH]),
    ("it is not found", "x = 1\n", [Severity.HIGH]),
]


@pytest.mark.parametrize(("code", "expected"), [case[1:] for case in CODE], ids=[case[0] for case in CODE])
def test_code_that_does_not_write_makes_no_loop(tmp_path: Path, code: str, expected: list[Severity]) -> None:
    files = {"main.tf": notified() + may(PUT, OBJECTS) + BUCKET + IN_PYTHON, "src/app.py": code}
    assert [one.severity for one in checked(tmp_path, files, RULE).findings] == expected


def test_code_that_writes_makes_a_doubtful_loop_worse(tmp_path: Path) -> None:
    writes = "import boto3\n" + HANDLER + 'boto3.client("sqs").send_message()\n'
    files = {"main.tf": QUEUE + may("sqs:SendMessage", "aws_sqs_queue.q.arn") + IN_PYTHON, "app.py": writes}
    without = checked(tmp_path / "a", {"main.tf": files["main.tf"]}, RULE).findings
    seen = checked(tmp_path / "b", files, RULE).findings
    assert [one.severity for one in (*without, *seen)] == [Severity.MEDIUM, Severity.HIGH]
