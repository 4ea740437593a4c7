import json

import pytest

from docferry.handlers.telemetry import metrics, of_runner
from tests.unit.fakes import ManualClock


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    metrics.flush_metrics()
    said = json.loads(capsys.readouterr().out)
    names = [one["Name"] for one in said["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: said[name] for name in names}


def test_the_lags_are_those_that_were_measured(capsys: pytest.CaptureFixture[str]) -> None:
    beat = {"lag_s": 0.5, "seen_at": 990.0, "reverse_lag_s": 0.7, "reverse_proved_at": 995.0}
    of_runner({"heartbeat": beat, "stuck": 2}, "cutover", ManualClock())
    found = counted(capsys)
    assert found == {"HeartbeatLag": [0.5], "ReverseHeartbeatLag": [0.7], "StuckKeys": [2.0], "Phase": [2.0]}


def test_a_heartbeat_that_does_not_come_through_is_as_late_as_it_is_waited_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    of_runner({"heartbeat": {"lag_s": 0.5, "seen_at": 885.0}}, "sync", ManualClock())
    assert counted(capsys)["HeartbeatLag"] == [100.0]


def test_before_the_first_heartbeat_there_is_no_lag(capsys: pytest.CaptureFixture[str]) -> None:
    of_runner({}, "planning", ManualClock())
    assert counted(capsys) == {"StuckKeys": [0.0], "Phase": [0.0]}


def test_a_switch_under_way_is_no_phase(capsys: pytest.CaptureFixture[str]) -> None:
    of_runner({}, "cutover under way: fence", ManualClock())
    assert counted(capsys) == {"StuckKeys": [0.0]}
