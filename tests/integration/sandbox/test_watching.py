"""What the patches of CloudWatch and of state machines add to the embedded AWS."""

import io
import json
import time
import urllib.parse
import urllib.request
import uuid
import zipfile
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from docferry.sandbox.patches.watched_alarms import judged
from tests.integration.sandbox.reached import client

WITHIN_S = 20.0
XML = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"
ACCOUNT = "000000000000"
METRICS = b"""
import json

def handler(event, context):
    told = {"Metrics": [{"Name": "Lag", "Unit": "Seconds"}], "Dimensions": [["part"]]}
    told["Namespace"] = event["namespace"]
    print(json.dumps({"_aws": {"Timestamp": 0, "CloudWatchMetrics": [told]}, "part": "a", "Lag": [2, 4]}))
    print('{"_aws": "of no use"}')
"""


@pytest.fixture
def cloudwatch(endpoint: str) -> Any:
    return client(endpoint, "cloudwatch")


@pytest.fixture
def name() -> str:
    return f"n-{uuid.uuid4().hex}"


def eventually(look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WITHIN_S
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def state_of(cloudwatch: Any, name: str) -> str:
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def watch(cloudwatch: Any, name: str, **fields: Any) -> None:
    plain = {
        "Namespace": name,
        "MetricName": "Lag",
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloudwatch.put_metric_alarm(AlarmName=name, **{**plain, **fields})


def test_an_alarm_goes_off_when_messages_wait_in_its_queue_and_ends_when_none_do(
    endpoint: str, cloudwatch: Any, name: str
) -> None:
    """Patch watched_alarms."""
    sqs = client(endpoint, "sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    told = sqs.create_queue(QueueName=f"{name}-told")["QueueUrl"]
    topic = client(endpoint, "sns").create_topic(Name=name)["TopicArn"]
    client(endpoint, "sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}-told"
    )
    watch(
        cloudwatch,
        name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        Threshold=0.0,
        Period=10,
        AlarmActions=[topic],
    )
    assert eventually(lambda: state_of(cloudwatch, name) == "OK")
    sqs.send_message(QueueUrl=url, MessageBody="waiting")
    assert eventually(lambda: state_of(cloudwatch, name) == "ALARM")
    assert "ALARM" in sqs.receive_message(QueueUrl=told, WaitTimeSeconds=5)["Messages"][0]["Body"]
    sqs.purge_queue(QueueUrl=url)
    assert eventually(lambda: state_of(cloudwatch, name) == "OK")


def test_an_alarm_looks_at_no_other_dimensions_than_its_own(cloudwatch: Any, name: str) -> None:
    """Patch watched_alarms."""
    for part in ("a", "b"):
        watch(cloudwatch, f"{name}-{part}", Namespace=name, Dimensions=[{"Name": "part", "Value": part}])
    datum = {"MetricName": "Lag", "Value": 9.0, "Dimensions": [{"Name": "part", "Value": "b"}]}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[datum])
    assert eventually(lambda: state_of(cloudwatch, f"{name}-b") == "ALARM")
    assert state_of(cloudwatch, f"{name}-a") == "OK"


@pytest.mark.parametrize(
    ("values", "missing", "state"),
    [
        ([9, 9, 9], "notBreaching", "ALARM"),
        ([9, 0, 9], "notBreaching", "ALARM"),
        ([9, 0, 0], "notBreaching", "OK"),
        ([9, None, None], "notBreaching", "OK"),
        ([9, None, None], "breaching", "ALARM"),
        ([None, None, None], "breaching", "ALARM"),
        ([None, None, None], "notBreaching", "OK"),
        ([None, None, None], "missing", "INSUFFICIENT_DATA"),
        ([None, None, None], "ignore", ""),
    ],
)
def test_periods_that_breach_are_counted(values: list[float | None], missing: str, state: str) -> None:
    """Patch watched_alarms."""
    alarm = {
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Statistic": "Maximum",
        "TreatMissingData": missing,
    }
    points = [
        {"Timestamp": 1000.0 - 60 * n - 30, "Value": value} for n, value in enumerate(values) if value is not None
    ]
    assert judged(alarm, points, 1000.0) == state


def test_an_alarm_on_a_sum_of_metrics_is_told_as_it_was_put(cloudwatch: Any, name: str) -> None:
    """Patch whole_alarms."""
    metric = {"Namespace": name, "MetricName": "Lag", "Dimensions": [{"Name": "part", "Value": "a & b"}]}
    queries = [
        {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "all", "Expression": "SUM(METRICS())", "Label": "all", "ReturnData": True},
    ]
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["Metrics"] == queries
    assert "Statistic" not in alarm
    assert "Period" not in alarm


def test_an_alarm_is_told_whole_in_xml_too(endpoint: str, cloudwatch: Any, name: str) -> None:
    """Patch whole_alarms."""
    asked = {
        "AlarmName": name,
        "AlarmDescription": "a < b & c",
        "EvaluationPeriods": "1",
        "Threshold": "1",
        "ComparisonOperator": "GreaterThanThreshold",
        "ActionsEnabled": "false",
        "Metrics.member.1.Id": "m1",
        "Metrics.member.1.ReturnData": "true",
        "Metrics.member.1.MetricStat.Stat": "Sum",
        "Metrics.member.1.MetricStat.Period": "300",
        "Metrics.member.1.MetricStat.Metric.Namespace": "N",
        "Metrics.member.1.MetricStat.Metric.MetricName": "M",
        "Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Name": "part",
        "Metrics.member.1.MetricStat.Metric.Dimensions.member.1.Value": "a",
    }
    query(endpoint, Action="PutMetricAlarm", **asked)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["Metrics"][0]["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "part", "Value": "a"}]
    said = query(endpoint, **{"Action": "DescribeAlarms", "AlarmNames.member.1": name})
    assert [one.text for one in said.iter(f"{XML}AlarmDescription")] == ["a < b & c"]
    assert [one.text for one in said.iter(f"{XML}ActionsEnabled")] == ["false"]
    assert [one.text for one in said.iter(f"{XML}Period")] == ["300"]
    assert [one.text for one in said.iter(f"{XML}ReturnData")] == ["true"]


def query(endpoint: str, **fields: str) -> ElementTree.Element:
    """Send a request of the protocol that boto3 no longer speaks and Terraform's provider does."""
    authorization = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request"
    request = urllib.request.Request(
        endpoint, data=urllib.parse.urlencode(fields).encode(), headers={"Authorization": authorization}
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return ElementTree.fromstring(answer.read())


def test_a_function_makes_metrics_by_what_it_logs(endpoint: str, cloudwatch: Any, name: str) -> None:
    """Patch embedded_metrics."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("told.py", METRICS)
    functions = client(endpoint, "lambda")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=f"arn:aws:iam::{ACCOUNT}:role/any",
        Handler="told.handler",
        Code={"ZipFile": package.getvalue()},
        Timeout=30,
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name)
    functions.invoke(FunctionName=name, Payload=json.dumps({"namespace": name}))
    (metric,) = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert metric["Dimensions"] == [{"Name": "part", "Value": "a"}]
    query = {"Metric": metric, "Period": 60, "Stat": "Sum"}
    now = time.time()
    found = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": query}], StartTime=now - 300, EndTime=now + 60
    )
    assert sum(found["MetricDataResults"][0]["Values"]) == 6.0


def test_a_state_machine_tells_whether_it_is_traced(endpoint: str, name: str) -> None:
    """Patch machine_tracing."""
    machines = client(endpoint, "stepfunctions")
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    arn = machines.create_state_machine(
        name=name,
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
        definition=definition,
        tracingConfiguration={"enabled": True},
    )["stateMachineArn"]
    assert machines.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"] == {"enabled": True}
    machines.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": False})
    assert machines.describe_state_machine(stateMachineArn=arn)["tracingConfiguration"] == {"enabled": False}
