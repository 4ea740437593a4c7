"""State in S3 on the embedded AWS: bootstrap's bucket, the backend's settings, both ways of locking."""

import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from docferry.domain.errors import ServiceError
from docferry.sandbox.terraform import Terraform, prepared
from tests.integration.sandbox.reached import client
from tests.terraform.needed import INFRA

EXAMPLES = sorted((INFRA / "environments").glob("*.s3.tfbackend.example"))
SETTING = re.compile(r'^(\w+)\s*=\s*"?([^"#\n]*?)"?\s*(?:#.*)?$', re.MULTILINE)
EMULATED = {
    name: "true"
    for name in (
        "use_path_style",
        "skip_credentials_validation",
        "skip_metadata_api_check",
        "skip_requesting_account_id",
        "skip_region_validation",
    )
}
HOLDING = """
terraform {
  backend "s3" {}
}
resource "terraform_data" "holding" {
  input = timestamp()
  provisioner "local-exec" {
    command = "touch holding; while [ ! -e let-go ]; do sleep 0.05; done"
  }
}
"""
WAIT_S = 60.0
"""Generous: what is waited for takes a second or two on an idle machine."""


@pytest.fixture(scope="module")
def states(bootstrapping: "Future[dict[str, Any]]") -> dict[str, Any]:
    """The outputs of bootstrap, applied once."""
    return bootstrapping.result()


def settings_of(example: Path, states: dict[str, Any], *, lock_table: bool = False) -> dict[str, str]:
    """What the example says, with the bucket that there is, and what an emulator needs beside."""
    said = dict(SETTING.findall(example.read_text(encoding="utf-8")))
    locking = {"use_lockfile": "false", "dynamodb_table": states["lock_table"]} if lock_table else {}
    return {**said, **EMULATED, "bucket": states["bucket"], **locking}


def whole(folder: Path, endpoint: str) -> Terraform:
    """The configuration with its own backend, in S3."""
    return prepared(INFRA, folder, endpoint, local_state=False)


def holding(folder: Path, endpoint: str) -> Terraform:
    """One that has the same backend and, applied, holds the lock until it is told to let go."""
    infra = folder / "holding"
    infra.mkdir(parents=True)
    (infra / "main.tf").write_text(HOLDING, encoding="utf-8")
    return prepared(infra, folder, endpoint, local_state=False)


def test_the_bucket_of_states_is_versioned_encrypted_and_closed(endpoint: str, states: dict[str, Any]) -> None:
    s3, bucket = client(endpoint, "s3", "eu-west-1"), {"Bucket": states["bucket"]}
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    encryption = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    assert "aws:SecureTransport" in s3.get_bucket_policy(**bucket)["Policy"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_each_example_connects_the_whole_configuration(
    endpoint: str, states: dict[str, Any], tmp_path: Path, example: Path
) -> None:
    whole(tmp_path, endpoint).init(settings=settings_of(example, states))


def test_there_are_examples() -> None:
    assert EXAMPLES


def test_a_variable_in_the_backend_is_found_by_init_without_settings_only(
    endpoint: str, states: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(ServiceError, match="Variables not allowed"):
        naming_a_variable(tmp_path / "found", endpoint).init()
    # Why these prove nothing: the one does not look at the backend, the other has a value for that name already.
    overlooked = naming_a_variable(tmp_path / "overlooked", endpoint)
    overlooked.init(backend=False)
    overlooked.init(settings=settings_of(EXAMPLES[0], states))


def naming_a_variable(folder: Path, endpoint: str) -> Terraform:
    terraform = whole(folder, endpoint)
    versions = terraform.root / "versions.tf"
    sound = versions.read_text(encoding="utf-8")
    wrong = sound.replace('backend "s3" {}', 'backend "s3" {\n    bucket = var.environment\n  }')
    assert wrong != sound
    versions.write_text(wrong, encoding="utf-8")
    return terraform


def test_the_configurations_own_backend_names_no_variable(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as refused:
        whole(tmp_path, endpoint).init()
    assert "Variables not allowed" not in str(refused.value)
    assert "bucket" in str(refused.value)


@pytest.mark.parametrize("lock_table", [False, True], ids=["lock file", "lock table"])
def test_a_second_apply_is_refused_while_the_first_holds_the_lock(
    endpoint: str, states: dict[str, Any], tmp_path: Path, lock_table: bool
) -> None:
    settings = {**settings_of(EXAMPLES[0], states, lock_table=lock_table), "key": f"held/{lock_table}.tfstate"}
    first, second = (holding(tmp_path / name, endpoint) for name in ("first", "second"))
    for one in (first, second):
        one.init(settings=settings)
    with ThreadPoolExecutor(1) as pool:
        applying = pool.submit(first.apply)
        try:
            wait_for(first.root / "holding", applying.done)
            with pytest.raises(ServiceError, match="Error acquiring the state lock"):
                second.apply()
        finally:
            (first.root / "let-go").touch()
        applying.result(WAIT_S)
    # Neither is it held for good, nor is the state each one's own.
    (second.root / "let-go").touch()
    second.apply()
    assert len(second.state()["values"]["root_module"]["resources"]) == 1


def wait_for(file: Path, ended: Any) -> None:
    deadline = time.monotonic() + WAIT_S
    while not file.exists():
        assert not ended(), "the first apply ended before it held anything"
        assert time.monotonic() < deadline
        time.sleep(0.05)
