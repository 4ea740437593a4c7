"""Logs and figures for CloudWatch: JSON lines, and metrics in the embedded metric format."""

import os
import warnings

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from docferry.ports import Clock, Entry
from docferry.progress import Progress
from docferry.stages.heartbeat import EVERY_S

NAMESPACE, SERVICE = "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"
"""Environment variables: where the metrics are found, and which function they are of."""

logger = Logger(service=os.environ.get(SERVICE, "docferry"))
metrics = Metrics(namespace=os.environ.get(NAMESPACE, "docferry"), service=os.environ.get(SERVICE, "docferry"))
# Most steps have nothing to count.
warnings.filterwarnings("ignore", message="No application metrics to publish")

PHASES = ("planning", "sync", "cutover", "completed")


def of_changes(progress: Progress, left: int) -> None:
    """Note what a batch of changes came to."""
    metrics.add_metric("DocumentsApplied", MetricUnit.Count, progress.documents_applied)
    metrics.add_metric("RecordsApplied", MetricUnit.Count, progress.records_applied)
    metrics.add_metric("ChangesFailed", MetricUnit.Count, left)


def of_backfill(progress: Progress) -> None:
    """Note what a part of the backfill came to."""
    documents = progress.documents_copied + progress.documents_applied
    metrics.add_metric("DocumentsBackfilled", MetricUnit.Count, documents)
    records = progress.records_copied + progress.records_applied
    metrics.add_metric("RecordsBackfilled", MetricUnit.Count, records)


def of_runner(progress: Entry, phase: str, clock: Clock) -> None:
    """Note how the accountable runner stands, from its own entry in the ledger.

    A heartbeat that does not come through is as late as it has been waited for: an alarm on the lag sees it.
    """
    beat = progress.get("heartbeat") or {}
    for name, lag, seen in (
        ("HeartbeatLag", "lag_s", "seen_at"),
        ("ReverseHeartbeatLag", "reverse_lag_s", "reverse_proved_at"),
    ):
        if beat.get(seen):
            waited_s = clock.now() - beat[seen] - EVERY_S
            metrics.add_metric(name, MetricUnit.Seconds, max(beat.get(lag) or 0.0, waited_s))
    metrics.add_metric("StuckKeys", MetricUnit.Count, progress.get("stuck", 0))
    if phase in PHASES:
        metrics.add_metric("Phase", MetricUnit.Count, PHASES.index(phase))
