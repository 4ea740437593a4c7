"""Metrics are counted, and an alarm goes off."""

import time

import pytest

from tests.live.deployed import FIGURES_WITHIN_S, FUNCTIONS, SIDES, Deployed, eventually

BOTH = [(side, function) for side in SIDES for function in FUNCTIONS]


@pytest.mark.parametrize(("side", "function"), BOTH)
def test_its_invocations_are_counted(deployed: Deployed, side: str, function: str) -> None:
    dimensions = {"FunctionName": deployed.of(side, f"{function}_function")}
    eventually(lambda: total(deployed, side, "AWS/Lambda", "Invocations", dimensions) >= 1, FIGURES_WITHIN_S)


@pytest.mark.parametrize("side", SIDES)
def test_what_is_carried_is_counted(deployed: Deployed, side: str) -> None:
    dimensions = {"service": "data_sync"}
    eventually(lambda: total(deployed, side, "docferry", "DocumentsApplied", dimensions) >= 1, FIGURES_WITHIN_S)


def total(deployed: Deployed, side: str, namespace: str, name: str, dimensions: dict[str, str]) -> float:
    """The sum of a metric over the last hour."""
    now = time.time()
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": one, "Value": value} for one, value in dimensions.items()],
    }
    found = deployed.client(side, "cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}],
        StartTime=now - 3600,
        EndTime=now + 60,
    )
    return float(sum(found["MetricDataResults"][0]["Values"]))


def test_a_dead_letter_sets_off_its_alarm(deployed: Deployed) -> None:
    sqs, cloudwatch = deployed.client("target", "sqs"), deployed.client("target", "cloudwatch")
    name = f"{deployed.outputs['environment']}-{deployed.of('target', 'region')}-cloudwatch-dead-letters"

    def state() -> str:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return str(alarm["StateValue"])

    queue = sqs.get_queue_url(QueueName=deployed.of("target", "dead_letter_queue"))["QueueUrl"]
    assert state() != "ALARM", "there are dead letters: redrive them first, this test would remove them"
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    try:
        eventually(lambda: state() == "ALARM", FIGURES_WITHIN_S)
    finally:
        sqs.purge_queue(QueueUrl=queue)
