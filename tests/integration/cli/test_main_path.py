import json

from docferry.aws.s3 import path_of
from tests.integration.cli.conftest import Site


def test_plan_sync_validate_and_status_carry_everything_and_say_so(filled: Site) -> None:
    plan = filled.run("plan", "--json")
    assert plan.code == 0
    assert plan.json == json.loads((filled.directory / "plan.json").read_text())
    documents, records = plan.json["documents"]["count"], plan.json["records"]["count"]
    assert documents > 120

    synced = filled.run("sync", "--once", "--json")
    assert (synced.code, synced.json["stuck"], synced.json["conflicts"]) == (0, 0, 0)
    assert synced.json["documents_copied"] == documents

    for level in ("quick", "full", "bytes"):
        checked = filled.run("validate", "--level", level, "--json")
        assert (checked.code, checked.json["differences"]) == (0, 0)
        assert (checked.json["documents"], checked.json["records"]) == (documents, records)
        assert checked.json["integrity"]["dangling_records"] == 0

    status = filled.run("status", "--json").json
    assert {side: gate["writer"] for side, gate in status["gates"].items()} == {
        "source": "application",
        "target": "replicator",
    }
    assert status["backfill"]["documents"] == {"done": True, "compared": documents}
    assert [one["dead"] for one in status["feeds"].values()] == [0, 0]


def test_the_commands_print_for_people_too(filled: Site) -> None:
    assert "ready for cutover after about" in filled.run("plan").out
    assert "caught up" in filled.run("sync", "--once").out
    assert "0 differences" in filled.run("validate").out
    assert "replicator, epoch " in filled.run("status").out


def test_a_second_sync_copies_nothing_again(filled: Site) -> None:
    filled.run("sync", "--once")
    again = filled.run("sync", "--once", "--json").json
    assert (again["documents_copied"], again["records_copied"]) == (0, 0)
    assert filled.run("conflicts").out == "0 conflicts kept\n"


def test_what_was_changed_behind_its_back_is_found_told_and_repaired(filled: Site) -> None:
    filled.run("sync", "--once")
    target = filled.settings.target
    filled.send(target, "DELETE", path_of(target.bucket, "documents/0003.txt"))
    tags = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
    filled.send(target, "PUT", path_of(target.bucket, "documents/0004.txt"), query={"tagging": ""}, body=tags)

    found = filled.run("validate", "--json", "--output", "differences.jsonl")
    assert (found.code, found.json["differences"]) == (1, 2)
    assert {one["key"]: one["fields"] or one["presence"] for one in found.json["listed"]} == {
        "documents/0003.txt": "source only",
        "documents/0004.txt": ["tags"],
    }
    lines = (filled.directory / "differences.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == found.json["listed"]
    assert found.json["integrity"]["dangling_records"] > 0
    assert "documents/0004.txt  tags" in filled.run("validate").out

    repaired = filled.run("validate", "--repair", "--json")
    assert (repaired.code, repaired.json["repaired"]) == (0, 2)
    assert repaired.json["integrity"]["dangling_records"] == 0
    assert filled.run("validate").code == 0


def test_what_somebody_else_wrote_at_the_target_is_kept_before_the_feed_writes_over_it(filled: Site) -> None:
    filled.run("sync", "--once")
    target = filled.settings.target
    path = path_of(target.bucket, "documents/0005.txt")
    filled.send(target, "PUT", path, body=b"by somebody else")
    synced = filled.run("sync", "--once")
    assert "conflicts  1 at the target" in synced.out
    assert filled.send(target, "GET", path) == b"body 5" * 5
    assert filled.run("validate").code == 0
    listed = filled.run("conflicts", "--json")
    assert (listed.code, listed.json["count"]) == (1, 1)
    (one,) = listed.json["listed"]
    kept = filled.send(target, "GET", path, query={"versionId": one["version"]})
    assert (one["key"], kept) == ("documents/0005.txt", b"by somebody else")
    assert f"documents/0005.txt  version {one['version']}" in filled.run("conflicts").out


def test_a_sample_and_a_prefix_bound_what_is_compared(filled: Site) -> None:
    filled.run("sync", "--once")
    some = filled.run("validate", "--sample", "30%", "--json").json
    assert 0 < some["documents"] < 120
    assert filled.run("validate", "--prefix", "documents/000", "--json").json["documents"] == 10


def test_reseed_looks_at_everything_again(filled: Site) -> None:
    filled.run("sync", "--once")
    again = filled.run("sync", "--once", "--reseed", "--json").json
    assert again["documents_copied"] == 0
    assert again["documents_same"] == again["documents_seen"] > 120
