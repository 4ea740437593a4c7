from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from docferry.aws.s3 import path_of
from docferry.domain.reserved import OWN
from tests.integration.cli.conftest import Said, Site

COMMANDS = (("plan",), ("sync", "--once"), ("validate",), ("status",))


def told(said: Said, code: int, *words: str) -> None:
    """One line on stderr with these words in it, nothing on stdout, and that exit code."""
    assert said.code == code, said
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("docferry: ")
    assert "Traceback" not in line
    for word in words:
        assert word in line


@pytest.mark.parametrize("command", COMMANDS[:3], ids=lambda one: one[0])
@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("kind", ["bucket", "table"])
def test_a_wrong_name_is_named_with_its_setting(
    site: Site, command: tuple[str, ...], side: str, kind: str
) -> None:
    site.configure(**{side: {kind: "no-such-thing"}})
    told(site.run(*command), 2, f"{side}.{kind}", "'no-such-thing'", "next:")


@pytest.mark.parametrize("kind", ["queue", "control_table", "conflicts_table", "journal_table"])
def test_sync_misses_each_store_it_needs(site: Site, kind: str) -> None:
    site.configure(target={kind: "no-such-thing"})
    told(site.run("sync", "--once"), 2, f"target.{kind}", "'no-such-thing'")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one[0])
@pytest.mark.parametrize(
    ("sections", "code", "word"),
    [
        ({"aws": {"profile": "nobody"}}, 2, "nobody"),
        ({"aws": {"endpoint_url": "http://127.0.0.1:1"}}, 5, "nothing answers"),
        ({"aws": {"endpoint_url": "no url"}}, 2, "no URL"),
        ({"source": {"bukket": "x"}}, 2, "source.bukket"),
    ],
    ids=["profile", "silent endpoint", "no endpoint", "unknown setting"],
)
def test_a_wrong_configuration_is_one_clear_line(
    site: Site, command: tuple[str, ...], sections: Mapping[str, Any], code: int, word: str
) -> None:
    site.configure(**sections)
    told(site.run(*command), code, word, "next:")


@pytest.mark.parametrize("text", ["[source", "\udcff"], ids=["not TOML", "not text"])
def test_an_unreadable_configuration_is_one_clear_line(site: Site, text: str) -> None:
    site.config.write_bytes(text.encode(errors="surrogateescape"))
    told(site.run("status"), 2, "docferry.toml")


def test_a_missing_configuration_is_one_clear_line(site: Site) -> None:
    site.config.unlink()
    told(site.run("status"), 2, "docferry.toml", "docferry sandbox start")


def test_no_credentials_are_one_clear_line(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path / "empty"
    empty.touch()
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(empty))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(empty))
    site.configure(aws={"profile": "", "credentials_file": ""})
    told(site.run("status"), 5, "no AWS credentials", "--profile")


def test_a_target_without_versioning_is_refused_and_nothing_is_written(filled: Site) -> None:
    target = filled.settings.target
    suspended = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
    filled.send(target, "PUT", path_of(target.bucket), query={"versioning": ""}, body=suspended)
    told(filled.run("sync", "--once"), 3, target.bucket, "versioning")
    assert filled.run("validate", "--level", "quick", "--json").json["differences"] > 100
    assert filled.run("status", "--json").json["gates"] == {"source": None, "target": None}


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_document_of_somebody_else_s_under_the_reserved_prefix_is_refused(filled: Site, side: str) -> None:
    bucket = getattr(filled.settings, side)
    for key in OWN:
        filled.send(bucket, "PUT", path_of(bucket.bucket, key), body=b"1")
    assert filled.run("sync", "--once").code == 0
    filled.send(bucket, "PUT", path_of(bucket.bucket, ".docferry/mine"), body=b"1")
    told(filled.run("sync", "--once"), 3, f"{side}.bucket", bucket.bucket, "'.docferry/mine'", "next:")


@pytest.mark.parametrize("sample", ["0", "101%", "some"])
def test_a_sample_that_is_no_share_is_refused(site: Site, sample: str) -> None:
    told(site.run("validate", "--sample", sample), 2, "--sample")


def test_an_output_that_cannot_be_written_is_told_before_the_work(site: Site) -> None:
    told(site.run("validate", "--output", "no/such/folder"), 2, "no/such/folder")
