"""Policies name the resources that are meant."""

import json
from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from docferry.preflight.rules._actions import TABLE, Service, meant, services
from tests.preflight.checking import checked, rule
from tests.preflight.rules.test_iam_wildcard_action import document, encoded
from tools import iam_actions

RULE = rule("iam-wildcard-resource")
LOW, MEDIUM = Severity.LOW, Severity.MEDIUM


def on_all(*actions: str, rest: str = "") -> str:
    return document(f'    actions = {json.dumps(actions)}\n    resources = ["*"]\n{rest}')


CASES = [
    ("one that takes a resource", on_all("s3:GetObject"), [MEDIUM]),
    ("whatever the case", on_all("S3:getobject"), [MEDIUM]),
    ("one that takes none", on_all("s3:ListAllMyBuckets"), []),
    ("some that take none", on_all("cloudwatch:PutMetricData", "xray:PutTraceSegments"), []),
    ("one of two", on_all("s3:ListAllMyBuckets", "s3:GetObject"), [MEDIUM]),
    ("a pattern", on_all("dynamodb:Get*"), [MEDIUM]),
    ("a pattern that takes none", on_all("cloudwatch:PutMetricD*"), []),
    ("a pattern for looking, of which some take none", on_all("ec2:Describe*"), []),
    ("a pattern for looking, of which all take one", on_all("logs:DescribeLogS*"), [LOW]),
    ("only looking", on_all("logs:DescribeLogStreams", "ecs:DescribeServices"), [LOW]),
    ("all of a service, which is another's", on_all("s3:*"), []),
    ("passing roles, which is another's", on_all("iam:PassRole"), []),
    ("a function in a VPC", on_all("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces"), []),
    ("more than that", on_all("ec2:CreateNetworkInterface", "ec2:TerminateInstances"), [MEDIUM]),
    ("on something", document('    actions = ["s3:GetObject"]\n    resources = ["arn:aws:s3:::b/*"]'), []),
    ("on something not known", document('    actions = ["s3:GetObject"]\n    resources = var.x'), []),
    (
        "on a condition",
        on_all(
            "s3:GetObject",
            rest='    condition {\n      test = "StringEquals"\n      variable = "a"\n      values = ["b"]\n    }',
        ),
        [],
    ),
    (
        "in a policy of a resource",
        on_all("kms:Decrypt", rest='    principals {\n      type = "AWS"\n      identifiers = ["1"]\n    }'),
        [],
    ),
    ("denied", on_all("s3:GetObject", rest='    effect = "Deny"'), []),
    ("encoded", encoded('Effect = "Allow", Action = "sqs:SendMessage", Resource = "*"'), [MEDIUM]),
    (
        "encoded, through a variable",
        encoded('Effect = "Allow", Action = "sqs:SendMessage", Resource = var.x')
        + 'variable "x" {\n  default = "*"\n}',
        [MEDIUM],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_actions_that_could_be_narrowed_are_found(tmp_path: Path, hcl: str, expected: list[Severity]) -> None:
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == expected


def test_an_action_that_nothing_is_known_of_cannot_be_told(tmp_path: Path) -> None:
    result = checked(tmp_path, on_all("s3:NoSuchAction", "nosuchservice:Do"), RULE)
    assert result.findings == ()
    (said,) = result.undecided
    assert "`s3:NoSuchAction`, `nosuchservice:Do`" in said.what_is_unknown


def test_a_message_names_a_few_actions_and_counts_the_rest(tmp_path: Path) -> None:
    actions = [
        f"sqs:{one}" for one in ("SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue", "AddPermission")
    ]
    (found,) = checked(tmp_path, on_all(*actions), RULE).findings
    assert found.message.endswith("`sqs:PurgeQueue` and 1 more")


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("dynamodb:PutItem", Service(("PutItem",), ())),
        ("dynamodb:putitem", Service(("PutItem",), ())),
        ("dynamodb:ListTables", Service((), ("ListTables",))),
        ("dynamodb:PutIte?", Service(("PutItem",), ())),
        ("dynamodb:Nothing", None),
        ("nothing:PutItem", None),
        ("dynamodb", None),
    ],
)
def test_what_a_pattern_means(action: str, expected: Service | None) -> None:
    assert meant(action) == expected


def test_no_action_is_both() -> None:
    for name, service in services().items():
        assert not set(service.some) & set(service.all), name


def test_the_table_is_what_its_source_says() -> None:
    assert TABLE.read_text(encoding="utf-8") == iam_actions.table(), "run: python -m tools.iam_actions"


STATEMENTS = [
    ("actions = [var.a]", False),
    ("actions = var.many", False),
    ("actions = local.many", False),
    ('actions = ["s3:GetObject"]', True),
    ('actions = ["s3:GetObject", "${var.b}:x"]', True),
]


@pytest.mark.parametrize(("actions", "certain"), STATEMENTS)
def test_a_finding_says_whether_it_hangs_on_a_variable(tmp_path: Path, actions: str, certain: bool) -> None:
    variables = (
        'variable "a" {\n  default = "s3:GetObject"\n}\nvariable "b" {}\nvariable "many" {\n'
        '  default = ["s3:GetObject"]\n}\nlocals {\n  many = var.many\n}\n'
    )
    block = (
        f'data "aws_iam_policy_document" "p" {{\n  statement {{\n    {actions}\n    resources = ["*"]\n  }}\n}}\n'
    )
    named = actions.replace("actions", "Action")
    as_json = (
        'resource "aws_iam_policy" "q" {\n  policy = jsonencode({\n    Statement = [{\n      Effect = "Allow"\n'
        f'      {named}\n      Resource = "*"\n    }}]\n  }})\n}}\n'
    )
    findings = checked(tmp_path, block + as_json + variables, RULE).findings
    assert [one.certain for one in findings] == [certain, certain]
