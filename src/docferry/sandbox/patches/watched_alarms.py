"""Alarms that watch their own metric, as time goes by.

ministack judges an alarm when somebody puts a metric or the alarm itself, by all points of that name whatever
their dimensions, and knows no metrics of queues. CloudWatch judges each period of the alarm's own metric, counts
those that breach, and treats missing ones as the alarm says
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html). Periods end now here,
and not at full minutes; an alarm on a sum of metrics is never judged.
"""

import logging
import operator
import threading
import time
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch, sqs

from docferry.sandbox.patches import seam

EVERY_S = 2.0
_QUEUES, _VISIBLE = "AWS/SQS", "ApproximateNumberOfMessagesVisible"
_BREACHES = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATES = {True: "ALARM", False: "OK"}


def apply() -> None:
    """Judge every alarm every two seconds by its own metric, and measure the queues that alarms are about."""
    seam.function(cloudwatch, "_evaluate_alarm", "alarm")
    seam.function(cloudwatch, "_calc_stats", "points")
    seam.function(cloudwatch, "_stat_value", "stats", "stat_name", "points")
    seam.function(cloudwatch, "record_metric", "namespace", "metric_name", "value", "unit", "dimensions")
    seam.function(sqs, "_refresh_counts", "q")
    seam.values(cloudwatch, "_alarms", "_metrics", "_dims_key", "_record_history", "_dispatch_alarm_actions")
    seam.values(cloudwatch, "_evaluate_parent_alarms")
    seam.values(sqs, "_queues", "_queue_name_to_url")
    seam.values(responses, "set_request_account_id", "set_request_region")
    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=_watch, daemon=True, name="alarms").start()


def _watch() -> None:
    while True:
        time.sleep(EVERY_S)
        for account, region in {key[:2] for key in list(cloudwatch._alarms._data)}:
            responses.set_request_account_id(account)
            responses.set_request_region(region)
            for alarm in list(cloudwatch._alarms.values()):
                try:
                    _measure(alarm)
                    evaluate(alarm)
                except Exception:
                    logging.getLogger("cloudwatch").exception("alarm %s was not judged", alarm["AlarmName"])


def _measure(alarm: dict[str, Any]) -> None:
    """Record how many messages wait in the queue that an alarm is about."""
    if (alarm.get("Namespace"), alarm.get("MetricName")) != (_QUEUES, _VISIBLE):
        return
    dimensions = cloudwatch._dims_from_list(alarm["Dimensions"])
    queue = sqs._queues.get(sqs._queue_name_to_url.get(dimensions.get("QueueName")))
    if queue:
        sqs._refresh_counts(queue)
        waiting = float(queue["attributes"]["ApproximateNumberOfMessages"])
        cloudwatch.record_metric(_QUEUES, _VISIBLE, waiting, "Count", dimensions)


def evaluate(alarm: dict[str, Any]) -> None:
    """Put an alarm into the state that its metric calls for, and do what it does on such a change."""
    if not alarm.get("Namespace") or alarm.get("Metrics"):
        return
    state = judged(alarm, _points(alarm), time.time())
    before = alarm["StateValue"]
    if not state or state == before:
        return
    reason = f"Threshold Crossed: {alarm['ComparisonOperator']} {alarm['Threshold']}"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _points(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    return list(cloudwatch._metrics.get((alarm["Namespace"], alarm["MetricName"], dimensions)) or [])


def judged(alarm: dict[str, Any], points: list[dict[str, Any]], now: float) -> str:
    """Return the state that the points of the last periods call for, empty where the alarm is to stay as it is."""
    period, count = alarm["Period"], alarm["EvaluationPeriods"]
    found = [_breaches(alarm, points, now - (n + 1) * period, now - n * period) for n in range(count)]
    missing = alarm.get("TreatMissingData") or "missing"
    if all(one is None for one in found) and missing in ("missing", "ignore"):
        return "INSUFFICIENT_DATA" if missing == "missing" else ""
    bad = sum(missing == "breaching" if one is None else one for one in found)
    return _STATES[bad >= (alarm.get("DatapointsToAlarm") or count)]


def _breaches(alarm: dict[str, Any], points: list[dict[str, Any]], begin: float, end: float) -> bool | None:
    held = [one for one in points if begin < one["Timestamp"] <= end]
    if not held:
        return None
    named = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    value = cloudwatch._stat_value(cloudwatch._calc_stats(held), named, held)
    return bool(_BREACHES[alarm["ComparisonOperator"]](value, alarm["Threshold"]))
