"""What tools that know nothing of docferry say of the two buckets afterwards."""

import subprocess
import sys
from pathlib import Path

from docferry.aws.s3 import path_of
from docferry.settings import Side
from tests.integration.cli.conftest import Site

RCLONE = Path(sys.executable).with_name("rclone")


def rclone_check(site: Site) -> "subprocess.CompletedProcess[str]":
    """Compare both buckets byte by byte."""
    settings = site.directory / "rclone.conf"
    settings.write_text("".join(_remote(site, name) for name in ("source", "target")), encoding="ascii")
    places = (f"{name}:{getattr(site.settings, name).bucket}" for name in ("source", "target"))
    command = [str(RCLONE), "--config", str(settings), "check", "--download", *places]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _remote(site: Site, name: str) -> str:
    side: Side = getattr(site.settings, name)
    lines = {
        "type": "s3",
        "provider": "Other",
        "access_key_id": "test",
        "secret_access_key": "test",
        "force_path_style": "true",
        "region": side.region,
        "endpoint": site.settings.aws.endpoint_url,
    }
    return f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def test_rclone_finds_no_difference_after_a_sync_and_would_find_one(filled: Site) -> None:
    before = rclone_check(filled)
    assert before.returncode == 1, before.stderr
    filled.run("sync", "--once")
    after = rclone_check(filled)
    assert (after.returncode, "0 differences found" in after.stderr) == (0, True), after.stderr
    assert "errors while checking" not in after.stderr
    target = filled.settings.target
    filled.send(target, "PUT", path_of(target.bucket, "documents/0007.txt"), body=b"BODY 7" * 7)
    assert "1 differences found" in rclone_check(filled).stderr
