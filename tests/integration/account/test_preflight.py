"""docferry preflight --account as a person runs it, and what other commands make of its result."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from docferry.aws.s3 import path_of
from tests.integration.account.conftest import Guarded, Permission
from tests.integration.cli.conftest import Said
from tests.integration.sandbox.reached import client

SUSPENDED = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
THROUGH_EVENTBRIDGE = b"<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>"
"""No rule leads on from there, so that no event comes."""


def rules(said: Said) -> list[str]:
    return [one["rule"] for one in said.json["findings"]]


def refused(said: Said, *words: str) -> None:
    """It ended with 3 and one line that has these words in it."""
    assert said.code == 3, said
    (line,) = said.err.splitlines()
    for word in words:
        assert word in line, line


def test_a_role_with_what_is_needed_and_no_more_is_enough_and_nothing_is_left(guarded: Guarded) -> None:
    guarded.become()
    said = guarded.preflight("--json")
    assert said.code == 0, said
    assert (said.json["findings"], said.json["cannot_tell"]) == ([], [])
    assert said.err.count("canaries removed from") == 2
    assert guarded.left() == 0
    status = guarded.site.run("status", "--json").json["preflight"]
    assert status.startswith("nothing blocks (0 findings, 0 cannot be told)")


def test_what_blocks_is_refused_by_plan_sync_and_cutover_until_it_is_mended(guarded: Guarded) -> None:
    source, target = guarded.site.settings.source, guarded.names["target"]
    guarded.site.send(source, "PUT", path_of(source.bucket, "documents/k"), body=b"1")
    table = f"arn:aws:dynamodb:{target.region}:000000000000:table/{target.table}"
    guarded.become(Permission("dynamodb:PutItem", table))
    said = guarded.preflight("--json")
    assert (said.code, rules(said)) == (1, ["account-permission"])
    (found,) = said.json["findings"]
    assert f'"Action": "dynamodb:PutItem", "Resource": "{table}"' in found["fix"]
    for command in (("plan",), ("sync", "--once"), ("cutover", "--dry-run")):
        refused(guarded.site.run(*command), "account-permission", "next: mend it, then docferry preflight")
    assert guarded.site.run("status", "--json").json["preflight"].startswith("account-permission blocks")
    # There is always a way back: what refuses here is that there is nothing to go back from.
    back = guarded.site.run("rollback", "--yes")
    assert "gates: there are none yet" in back.err
    assert "account-permission" not in back.err
    guarded.become()
    assert guarded.preflight().code == 0
    assert guarded.site.run("sync", "--once").code == 0
    # What was carried meanwhile is docferry's own.
    said = guarded.preflight("--json")
    assert (said.code, rules(said)) == (0, [])
    assert f"{target.bucket}: 1 document listed, of which 0 are not docferry's" in said.err


def test_where_canaries_could_not_be_removed_none_is_put_and_the_statement_is_named(guarded: Guarded) -> None:
    source = guarded.names["source"]
    guarded.become(Permission("s3:DeleteObjectVersion", f"arn:aws:s3:::{source.bucket}/.docferry/*"))
    said = guarded.preflight("--json")
    assert said.code == 0, said
    first, *unproved = said.json["cannot_tell"]
    assert (first["rule"], [one["rule"] for one in unproved]) == (
        "account-canary",
        ["account-conditional-writes", "account-encryption", "account-event"],
    )
    assert "s3:DeleteObjectVersion" in first["what_is_unknown"]
    assert "canaries removed from " + source.bucket not in said.err
    assert guarded.left() == 0


def test_a_plan_says_what_it_reads_itself_and_refuses_once_it_is_written(guarded: Guarded) -> None:
    site = guarded.site
    said = site.run("plan", "--json")
    assert (said.code, said.json["account"]["findings"]) == (0, [])
    assert said.json["account"]["checked"] == "docferry preflight --account has not been run"
    target = site.settings.target
    site.send(target, "PUT", path_of(target.bucket), query={"versioning": ""}, body=SUSPENDED)
    said = site.run("plan", "--json")
    refused(said, "account-versioning", target.bucket)
    assert [one["rule"] for one in said.json["account"]["findings"]] == ["account-versioning"]
    assert json.loads((site.directory / "plan.json").read_text()) == said.json


def test_an_event_that_does_not_come_is_told_and_what_is_cut_off_leaves_nothing(guarded: Guarded) -> None:
    source = guarded.site.settings.source
    guarded.site.send(source, "PUT", path_of(source.bucket), query={"notification": ""}, body=THROUGH_EVENTBRIDGE)
    said = guarded.preflight("--json")
    assert (said.code, rules(said)) == (0, ["account-event"])
    assert guarded.left() == 0
    with guarded.start() as process:
        assert process.stderr
        while not guarded.left():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert rest.count("canaries removed from") == 2
    assert guarded.left() == 0


def test_a_replication_rule_is_measured_and_its_replicas_are_removed(guarded: Guarded) -> None:
    source, target = guarded.site.settings.source, guarded.site.settings.target
    client(guarded.url, "s3", source.region).put_bucket_replication(
        Bucket=source.bucket,
        ReplicationConfiguration={
            "Role": "arn:aws:iam::000000000000:role/replicator",
            "Rules": [
                {
                    "ID": "all",
                    "Priority": 1,
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Enabled"},
                    "Destination": {"Bucket": f"arn:aws:s3:::{target.bucket}"},
                }
            ],
        },
    )
    said = guarded.preflight("--json")
    assert said.code == 0, said
    assert said.json["findings"] == said.json["cannot_tell"] == []
    assert f"replication from {source.bucket} to {target.bucket} took" in said.err
    assert guarded.left() == 0


def test_what_others_keep_in_the_target_is_counted(guarded: Guarded) -> None:
    source, target = guarded.site.settings.source, guarded.site.settings.target
    for side, body in ((source, b"1"), (target, b"2")):
        guarded.site.send(side, "PUT", path_of(side.bucket, "documents/k"), body=body)
    said = guarded.preflight("--json")
    assert (said.code, rules(said)) == (0, ["account-occupied"])
    assert "docferry would write over 1 of the 1 (documents/k)" in said.json["findings"][0]["message"]


@pytest.mark.parametrize("kind", ["control_table", "queue"])
def test_what_is_not_there_is_named_and_nothing_else_is_asked(guarded: Guarded, kind: str) -> None:
    guarded.site.configure(target={kind: "no-such-thing"})
    said = guarded.preflight("--json")
    assert (said.code, rules(said)) == (1, ["account-missing"])
    assert f"target.{kind}" in said.json["findings"][0]["message"]
    assert ("the result is not kept" in said.err) == (kind == "control_table")


def test_with_a_directory_both_are_in_one_report(guarded: Guarded, tmp_path: Path) -> None:
    infra = tmp_path / "infra"
    infra.mkdir()
    backend = 'variable "b" {}\nterraform {\n  backend "s3" {\n    bucket = var.b\n  }\n}\n'
    (infra / "main.tf").write_text(backend)
    target = guarded.site.settings.target
    guarded.site.send(target, "PUT", path_of(target.bucket), query={"versioning": ""}, body=SUSPENDED)
    said = guarded.preflight(str(infra), "--format", "sarif")
    assert said.code == 1
    (run,) = said.json["runs"]
    found: dict[str, Any] = {one["ruleId"]: one["locations"][0] for one in run["results"]}
    assert {"account-versioning", "backend-expression"} <= found.keys()
    assert found["account-versioning"]["physicalLocation"]["artifactLocation"]["uri"] == "docferry.toml"
    assert found["account-versioning"]["logicalLocations"] == [{"fullyQualifiedName": f"s3://{target.bucket}"}]


def test_a_fix_wants_files(guarded: Guarded) -> None:
    said = guarded.preflight("--fix")
    assert said.code == 2
    assert "--fix changes files" in said.err
