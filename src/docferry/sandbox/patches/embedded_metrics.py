"""Metrics that functions write into their logs.

CloudWatch reads them from lines in the embedded metric format
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html);
ministack keeps the lines and makes no metrics of them.
"""

import json
from collections.abc import Iterator
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from docferry.sandbox.patches import seam

_MARK = '"_aws"'


def apply() -> None:
    """Record the metrics of what a function logs, with every set of dimensions that it names."""
    emit = seam.function(
        lambda_svc, "_emit_lambda_logs", "func", "request_id", "log_text", "error", "duration_ms", "log_source"
    )
    seam.function(cloudwatch, "record_metric", "namespace", "metric_name", "value", "unit", "dimensions")

    def emit_and_record(func: Any, request_id: str, log_text: str, *rest: Any, **more: Any) -> None:
        emit(func, request_id, log_text, *rest, **more)
        for line in (log_text or "").splitlines():
            if _MARK in line:
                for metric in metrics(line):
                    cloudwatch.record_metric(*metric)

    lambda_svc._emit_lambda_logs = emit_and_record


def metrics(line: str) -> Iterator[tuple[str, str, float, str, dict[str, str]]]:
    """Yield namespace, name, value, unit and dimensions of each metric in a line; nothing if it is none."""
    try:
        told = json.loads(line)
        for group in told["_aws"]["CloudWatchMetrics"]:
            for metric in group["Metrics"]:
                held = told[metric["Name"]]
                for names in group["Dimensions"]:
                    dimensions = {name: str(told[name]) for name in names}
                    for value in held if isinstance(held, list) else [held]:
                        yield group["Namespace"], metric["Name"], value, metric.get("Unit", "None"), dimensions
    except (ValueError, KeyError, TypeError):
        return
