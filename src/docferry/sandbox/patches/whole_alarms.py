"""Alarms are kept and told whole.

ministack answers DescribeAlarms in XML (which Terraform's provider speaks) with some of an alarm's fields only, so
that every plan would set the others again, and forgets the queries of an alarm on a sum of metrics in any protocol
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html).
"""

import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

from docferry.sandbox.patches import seam

_ASKED = ("params", "cbor_data", "is_cbor", "is_json")
_FORGOTTEN = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile", "InsufficientDataActions")
_INVENTED = ("Statistic", "Period", "MetricName", "Namespace", "Unit", "ExtendedStatistic")
"""What it fills in where the request says nothing; an alarm on queries has none of them."""


def apply() -> None:
    """Keep what a request says of an alarm, and answer with all of it."""
    put = seam.function(cloudwatch, "_put_metric_alarm", *_ASKED)
    describe = seam.function(cloudwatch, "_describe_alarms", *_ASKED)
    seam.values(cloudwatch, "_alarms", "_xml", "_ts_iso")

    def put_whole(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> seam.Answer:
        answer: seam.Answer = put(params, data, is_cbor, is_json)
        asked = data if is_cbor or is_json else _structure(params)
        if answer[0] == 200:
            _keep(cloudwatch._alarms[asked["AlarmName"]], asked)
        return answer

    def describe_whole(params: Any, data: Any, is_cbor: bool, is_json: bool = False) -> seam.Answer:
        if is_cbor or is_json:
            told: seam.Answer = describe(params, data, is_cbor, is_json)
            return told
        answer: seam.Answer = describe({}, _structure(params), False, True)
        if answer[0] != 200:
            told = describe(params, data, False)
            return told
        inner = _xml("DescribeAlarmsResult", json.loads(answer[2]))
        whole: seam.Answer = cloudwatch._xml(200, "DescribeAlarmsResponse", inner)
        return whole

    cloudwatch._put_metric_alarm = put_whole
    cloudwatch._describe_alarms = describe_whole


def _keep(alarm: dict[str, Any], asked: Mapping[str, Any]) -> None:
    alarm.update({name: asked[name] for name in _FORGOTTEN if name in asked})
    if "Metrics" in asked:
        alarm.update({name: None for name in _INVENTED if name not in asked})
    if "ExtendedStatistic" in asked and "Statistic" not in asked:
        alarm["Statistic"] = None


def _structure(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the names of a query request spell: `Metrics.member.1.Id` is in the first of a list."""
    spelt: dict[str, Any] = {}
    for name, values in params.items():
        *path, last = name.split(".")
        place = spelt
        for part in path:
            place = place.setdefault(part, {})
        place[last] = values[0] if isinstance(values, list) else values
    found: dict[str, Any] = _listed(spelt)
    return found


def _listed(held: Any, name: str = "") -> Any:
    if isinstance(held, dict):
        members = held.get("member")
        if isinstance(members, dict):
            return [_listed(members[number]) for number in sorted(members, key=int)]
        return {key: _listed(one, key) for key, one in held.items()}
    if name == "ReturnData":
        return held == "true"
    return int(held) if name == "Period" else held


def _xml(tag: str, held: Any) -> str:
    if held is None or held == "":
        return ""
    if isinstance(held, dict):
        inner = "".join(_xml(name, one) for name, one in held.items())
    elif isinstance(held, list):
        inner = "".join(_xml("member", one) for one in held)
    elif isinstance(held, bool):
        inner = str(held).lower()
    elif tag.endswith("Timestamp"):
        inner = cloudwatch._ts_iso(held)
    else:
        inner = escape(str(held))
    return f"<{tag}>{inner}</{tag}>"
