import json
import subprocess
from pathlib import Path

from tests.integration.cli.conftest import SCRIPT, Site

FIGURES = {
    "documents", "bytes", "records", "writes_acknowledged", "failed_requests", "lost_writes", "stale_writes",
    "resurrected_deletes", "differences", "source_differences", "lag_p50_s", "lag_p99_s", "max_write_pause_s",
    "backfill_documents_per_s", "duration_s", "switches", "complete",
}  # fmt: skip
LOSSES = (
    "failed_requests", "lost_writes", "stale_writes", "resurrected_deletes", "differences", "source_differences",
)  # fmt: skip
WAY = [
    ("cutover", "us-east-1", "eu-west-1"),
    ("rollback", "eu-west-1", "us-east-1"),
    ("cutover", "us-east-1", "eu-west-1"),
]


def test_the_demo_loses_nothing_and_says_exactly_what_is_documented(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    for n in range(80):
        (documents / f"{n % 7}").mkdir(parents=True, exist_ok=True)
        (documents / f"{n % 7}" / f"{n}.txt").write_text(f"{n} " * n)
    asked = ("demo", "--documents", str(documents), "--writers", "3", "--seed", "5", "--json")
    ended = subprocess.run([str(SCRIPT), *asked], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    figures = json.loads(ended.stdout)
    assert set(figures) == FIGURES
    assert {name: figures[name] for name in LOSSES} == dict.fromkeys(LOSSES, 0)
    assert figures["documents"] > 80
    assert figures["writes_acknowledged"] > 300
    assert figures["complete"]
    switches = figures["switches"]
    assert [(one["turn"], one["from"], one["to"]) for one in switches] == WAY
    for one in switches:
        assert (one["state"], one["drained"], one["verified"]) == ("done", True, True)
        assert one["journalled"] > 0
        assert {"fence", "drain", "close", "verify", "open"} < set(one["seconds"])
    assert max(one["pause_s"] for one in switches) < 5.0
    # A switch holds writers, who may have begun a moment after the fence, and none for long.
    assert 0.1 < figures["max_write_pause_s"] < 5.0
    assert figures["duration_s"] < 120
    assert list(tmp_path.iterdir()) == [documents], "the demo leaves nothing behind"


def test_a_folder_without_documents_is_one_clear_line(tmp_path: Path) -> None:
    asked = [str(SCRIPT), "demo", "--documents", str(tmp_path)]
    ended = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("docferry: there is no readable file in")
    assert len(ended.stderr.splitlines()) == 1


def test_fill_puts_documents_into_the_source_of_a_sandbox_only(site: Site, tmp_path: Path) -> None:
    filled = site.run("sandbox", "fill", "--limit", "5", "--json")
    assert filled.code == 0
    assert filled.json["documents"] == site.run("plan", "--json").json["documents"]["count"] > 5
    site.configure(aws={"endpoint_url": ""})
    refused = site.run("sandbox", "fill")
    assert (refused.code, refused.out) == (2, "")
    assert "only a sandbox is ever filled" in refused.err
