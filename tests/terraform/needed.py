"""What the tests of the infrastructure need, and what happens where it is not to be had."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from docferry.domain.errors import InvalidInput, ServiceError
from docferry.sandbox.terraform import Terraform, prepared

INFRA = Path(__file__).parents[2] / "infra"
NOWHERE = "http://127.0.0.1:9"
"""An endpoint for what asks AWS nothing: if it did ask, it would fail."""
NO_PROVIDER = (
    "Failed to query available provider packages",
    "Failed to install provider",
    "Could not retrieve the list of available versions",
)


def lacking(reason: str) -> NoReturn:
    """Skip where a person works without Terraform, fail where CI does: there a skip would be taken for a proof."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason}; in CI the tests of the infrastructure have to run", pytrace=False)
    pytest.skip(f"{reason}; the tests of the infrastructure were not run")


def ready(folder: Path, endpoint: str = NOWHERE, *, module: str = ".", infra: Path = INFRA) -> Terraform:
    """Give one module of a copy of the infrastructure, initialised without its backend."""
    try:
        terraform = prepared(infra, folder, endpoint, module=module)
        terraform.init()
    except InvalidInput as error:
        lacking(f"no Terraform: {error}")
    except ServiceError as error:
        if any(said in str(error) for said in NO_PROVIDER):
            lacking(f"no provider for Terraform: {error}")
        raise
    return terraform
