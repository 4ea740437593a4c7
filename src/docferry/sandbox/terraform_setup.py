"""What Terraform needs on this machine: its program, a place for providers, and an environment of its own."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from docferry.domain.errors import InvalidInput

REGISTRY = "registry.terraform.io"
PROVIDER = f"{REGISTRY}/hashicorp/aws"
SEARCH_TIMEOUT_S = 120.0
_LIKELY = (Path("/opt"), Path("/usr"), Path.home())
"""Where a search begins: the whole disk, when nothing of it has been read yet, takes long."""
_KEPT = ("TF_PLUGIN_CACHE_DIR",)
_LOCKED = re.compile(rf'provider "{re.escape(PROVIDER)}" {{[^}}]*?version\s*=\s*"([^"]+)"', re.DOTALL)


def program() -> str:
    """Return the path of the terraform program. Raises InvalidInput if there is none."""
    found = shutil.which("terraform")
    if not found:
        raise InvalidInput(
            "there is no terraform on PATH",
            hint="install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install)",
        )
    return found


def locked_version(infra: Path) -> str:
    """Return the version of the AWS provider that a lock file names, empty where there is none."""
    lock = infra / ".terraform.lock.hcl"
    found = _LOCKED.search(lock.read_text(encoding="utf-8")) if lock.is_file() else None
    return found[1] if found else ""


@cache
def mirror(version: str) -> Path | None:
    """Return a folder of this machine that Terraform can take the AWS provider from, in that version.

    A filesystem mirror has no place where it must be, so the disk is searched, once per process and for a bounded
    time, the likely places first; None means that Terraform has to ask the registry.
    """
    unpacked, packed = (
        f"*/{PROVIDER}/{version or '*'}",
        f"*/{PROVIDER}/terraform-provider-aws_{version or '*'}_*.zip",
    )
    wanted = ("(", "-path", unpacked, "-o", "-path", packed, ")", "-not", "-path", "*/.terraform/*")
    places = [one for one in _LIKELY if one.is_dir()]
    try:
        found = subprocess.run(
            ["find", *places, "/", "-xdev", *wanted, "-print", "-quit"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=SEARCH_TIMEOUT_S,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    # Terraform wants the folder that the registry's name is in.
    return next((Path(line).parents[3] for line in found.splitlines()), None)


def cli_configuration(folder: Path, version: str) -> dict[str, str]:
    """Return the variables that tell Terraform where providers are; writes a file into `folder` for it.

    A configuration that the caller's environment names is the caller's choice, unless there is no such file.
    """
    inherited = os.environ.get("TF_CLI_CONFIG_FILE", "")
    if inherited and Path(inherited).is_file():
        return {"TF_CLI_CONFIG_FILE": inherited}
    file = folder / "terraform.rc"
    found = mirror(version)
    file.write_text(_mirrored(found) if found else "", encoding="utf-8")
    return {"TF_CLI_CONFIG_FILE": str(file)} if found else _from_registry(file)


def _mirrored(folder: Path) -> str:
    only = f"[{json.dumps(PROVIDER)}]"
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(folder))}\n    include = {only}\n  }}\n"
        f"  direct {{\n    exclude = {only}\n  }}\n"
        "}\n"
    )


def _from_registry(file: Path) -> dict[str, str]:
    # The provider is large, and without a cache every working folder would download it anew.
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "docferry" / "terraform"
    cache_folder.mkdir(parents=True, exist_ok=True)
    own = Path.home() / ".terraformrc"
    named = {} if own.is_file() else {"TF_CLI_CONFIG_FILE": str(file)}
    return {"TF_PLUGIN_CACHE_DIR": str(cache_folder), **named}


def environment(endpoint_url: str, region: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a Terraform that reaches the embedded AWS and no other.

    Nothing of the caller's settings for AWS or Terraform is passed on: they may mean an account, and change what
    is done to it.
    """
    passed = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or not name.startswith(("AWS_", "TF_", "DOCFERRY_"))
    }
    return {
        **passed,
        **variables,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": region,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1",
        "TF_INPUT": "0",
        "TF_IN_AUTOMATION": "1",
    }
