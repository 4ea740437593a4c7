"""A source that exists already: applied, used and destroyed, with everything on it as its owner left it.

Not among the tests that always run, since Terraform's provider waits for two minutes on queues alone:
`pytest tests/terraform/adopted.py`. What plans make of it is tested in infra/tests/region.tftest.hcl.
"""

import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from docferry.sandbox.terraform import Terraform
from tests.terraform.drift import drifts
from tests.terraform.inventory import everything
from tests.terraform.moved import soon
from tests.terraform.needed import ready
from tests.terraform.owner import Owner
from tests.terraform.stack import DEMO

ENVIRONMENT = "adopts"
SMALL = {"eventbridge_enabled": False, "step_functions_enabled": False, "backup_enabled": False}
"""What has nothing to do with the source."""


@pytest.fixture(scope="module")
def owner(endpoint: str) -> Owner:
    found = Owner(endpoint, "acme-letters")
    found.settles()
    return found


@pytest.fixture(scope="module")
def terraform(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """What applies the source's side only: nothing else touches what its owner has, and the rest takes long."""
    whole = ready(tmp_path_factory.mktemp("adopting"), endpoint)
    only = {f"TF_CLI_ARGS_{verb}": "-target=module.source" for verb in ("apply", "plan", "destroy")}
    return replace(whole, environment={**whole.environment, **only})


@pytest.fixture(scope="module")
def variables(owner: Owner, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    # In the phase `planning` no function runs: changes wait in the queue, to be seen.
    return {
        **SMALL,
        "environment": ENVIRONMENT,
        "endpoint_url": owner.url,
        "migration_phase": "planning",
        "existing_source": {"bucket": owner.name, "table": owner.name},
        "lambda_package": str(package(tmp_path_factory.mktemp("package"))),
    }


@pytest.fixture(scope="module")
def before(owner: Owner) -> dict[str, Any]:
    """All that the owner had set before anything was applied."""
    return owner.looks()


@pytest.fixture(scope="module")
def applied(terraform: Terraform, variables: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a small stack over the owner's bucket and table."""
    return terraform.apply(variables, [DEMO])


def package(folder: Path) -> Path:
    file = folder / "functions.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("any.py", "")
    return file


def test_nothing_that_the_owner_set_is_changed(
    applied: dict[str, Any], owner: Owner, before: dict[str, Any]
) -> None:
    assert (applied["source_bucket"], applied["source_table"]) == (owner.name, owner.name)
    assert owner.looks() == before


def test_a_second_plan_changes_nothing_of_it(
    applied: dict[str, Any], terraform: Terraform, variables: dict[str, Any]
) -> None:
    assert drifts(terraform.plan(variables, [DEMO])) == set()


def test_a_change_reaches_docferry_and_its_owner(applied: dict[str, Any], owner: Owner) -> None:
    owner.stores("letters/1")
    for queue in (applied["source_queue"], owner.name):
        assert soon(partial(heard_of, owner, queue, "letters/1"))


def heard_of(owner: Owner, queue: str, key: str) -> bool:
    return any(key in one for one in owner.heard(queue))


def test_destroyed_it_leaves_the_owner_s_as_they_were(
    applied: dict[str, Any], terraform: Terraform, variables: dict[str, Any], owner: Owner, before: dict[str, Any]
) -> None:
    terraform.destroy(variables, [DEMO])
    assert owner.looks() == before
    assert [what for what in everything(owner.url) if f"{ENVIRONMENT}-" in what] == []
