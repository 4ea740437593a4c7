"""Alarms tell somebody."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("alarm-without-action")


def alarm(*arguments: str) -> str:
    return (
        'resource "aws_cloudwatch_metric_alarm" "a" {\n  alarm_name = "errors"\n'
        + "".join(f"  {one}\n" for one in arguments)
        + "}\n"
    )


def composite(rule: str, actions: str = "  alarm_actions = [var.t]\n") -> str:
    return f'resource "aws_cloudwatch_composite_alarm" "c" {{\n  alarm_rule = {rule}\n{actions}}}\n'


def heard(pattern: str) -> str:
    return f'resource "aws_cloudwatch_event_rule" "r" {{\n  event_pattern = {pattern}\n}}\n'


CHANGE = "CloudWatch Alarm State Change"
TOPIC = 'variable "t" {\n  default = []\n}\n'
CASES = [
    ("none", alarm(), [(1, 1)]),
    ("null", alarm("alarm_actions = null"), [(3, 3)]),
    ("an empty list", alarm("alarm_actions = []"), [(3, 3)]),
    ("only told when it is over", alarm("ok_actions = [var.t]"), [(1, 1)]),
    ("a topic", alarm("alarm_actions = [aws_sns_topic.t.arn]"), []),
    ("not known", alarm("alarm_actions = var.unknown"), []),
    ("not enabled", alarm("actions_enabled = false"), []),
    ("enabled by a variable", alarm("actions_enabled = var.on"), []),
    ("a part of another one", alarm() + composite('"ALARM(${aws_cloudwatch_metric_alarm.a.alarm_name})"'), []),
    ("a part of another one by name", alarm() + composite('"ALARM(\\"errors\\")"'), []),
    (
        "a part of another one in a list",
        alarm() + composite('join(" OR ", [for one in [aws_cloudwatch_metric_alarm.a] : "ALARM(${one.arn})"])'),
        [],
    ),
    (
        "a part of another one by a name of which a part is not known",
        alarm().replace('"errors"', '"${var.env}-errors"') + composite('"ALARM(\\"${var.env}-errors\\")"'),
        [],
    ),
    (
        "a deployment looks at it by its name",
        alarm() + 'resource "aws_codedeploy_deployment_group" "g" {\n'
        '  alarm_configuration {\n    alarms = ["errors"]\n  }\n}\n',
        [],
    ),
    (
        "a deployment looks at another",
        alarm() + 'resource "aws_ecs_service" "s" {\n  alarms {\n    alarm_names = ["latency"]\n  }\n}\n',
        [(1, 1)],
    ),
    ("not a part of another one", alarm() + composite('"ALARM(\\"latency\\")"'), [(1, 1)]),
    ("a composite one", composite('"ALARM(\\"x\\")"', ""), [(1, 1)]),
    (
        "on a dashboard",
        alarm()
        + 'resource "aws_cloudwatch_dashboard" "d" {\n'
        + "  dashboard_body = jsonencode([aws_cloudwatch_metric_alarm.a.arn])\n}",
        [(1, 1)],
    ),
    (
        "a check of health",
        alarm()
        + 'resource "aws_route53_health_check" "h" {\n'
        + "  cloudwatch_alarm_name = aws_cloudwatch_metric_alarm.a.alarm_name\n}",
        [],
    ),
    (
        "an output of the checked directory",
        alarm() + 'output "o" {\n value = aws_cloudwatch_metric_alarm.a.arn\n}',
        [(1, 1)],
    ),
    ("EventBridge gets to know", alarm() + heard('jsonencode({ source = ["aws.cloudwatch"] })'), []),
    ("EventBridge, in JSON", alarm() + heard('<<EOF\n{"source": ["aws.cloudwatch"]}\nEOF'), []),
    ("EventBridge, by the kind of event", alarm() + heard(f'jsonencode({{ "detail-type" = ["{CHANGE}"] }})'), []),
    ("EventBridge, all of AWS", alarm() + heard('jsonencode({ source = [{ prefix = "aws." }] })'), []),
    ("EventBridge, of something else", alarm() + heard('"{\\"source\\": [\\"aws.s3\\"]}"'), [(1, 1)]),
    ("EventBridge, by the clock", alarm() + heard("null"), [(1, 1)]),
    ("one of several", alarm("for_each = var.x"), [(1, 1)]),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_alarm_that_tells_nobody_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert at(result.findings) == expected
    assert result.undecided == ()


def test_actions_of_a_variable_may_come_at_deployment(tmp_path: Path) -> None:
    result = checked(tmp_path, alarm("alarm_actions = var.t") + TOPIC, RULE)
    assert (result.findings, len(result.undecided)) == ((), 1)


def test_a_pattern_that_is_not_known_may_be_of_alarms(tmp_path: Path) -> None:
    result = checked(tmp_path, alarm() + heard('file("alarms.json")'), RULE)
    assert (result.findings, len(result.undecided)) == ((), 1)


@pytest.mark.parametrize(("passed", "expected"), [("", [(3, 3)]), ('  t = ["x"]\n', [])])
def test_what_a_caller_passes_is_what_counts(tmp_path: Path, passed: str, expected: list[tuple[int, int]]) -> None:
    files = {
        "main.tf": f'module "m" {{\n  source = "./m"\n{passed}}}\n',
        "m/main.tf": alarm("alarm_actions = var.t") + TOPIC,
    }
    assert at(checked(tmp_path, files, RULE).findings) == expected


def test_an_output_of_a_module_may_be_used_by_its_caller(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": alarm() + 'output "o" {\n value = aws_cloudwatch_metric_alarm.a.arn\n}\n',
    }
    result = checked(tmp_path, files, RULE)
    assert (result.findings, len(result.undecided)) == ((), 1)
