"""What can be said of the infrastructure without any AWS: layout, diagnostics, its own tests."""

import shutil
from pathlib import Path

import pytest

from tests.terraform.needed import INFRA, ready

MODULES = (".", "bootstrap", *(f"modules/{one.name}" for one in sorted((INFRA / "modules").iterdir())))
UNFILTERED = """
resource "aws_s3_bucket_lifecycle_configuration" "unfiltered" {
  bucket = "some-bucket"
  rule {
    id     = "all"
    status = "Enabled"
    expiration {
      days = 1
    }
  }
}
"""


@pytest.mark.parametrize("module", MODULES)
def test_terraform_has_nothing_to_say_not_even_a_warning(tmp_path: Path, module: str) -> None:
    assert [str(one) for one in ready(tmp_path, module=module).validate()] == []


def test_a_warning_would_be_found(tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(INFRA / "bootstrap", changed, ignore=shutil.ignore_patterns(".terraform"))
    (changed / "unfiltered.tf").write_text(UNFILTERED, encoding="utf-8")
    (found,) = ready(tmp_path / "work", infra=changed).validate()
    assert found.severity == "warning"
    assert found.where.startswith("unfiltered.tf:")


def test_every_file_is_laid_out_as_terraform_does(tmp_path: Path) -> None:
    terraform = ready(tmp_path)
    assert terraform.unformatted() == ()
    (terraform.root / "modules" / "region" / "astray.tf").write_text("locals {\nx=1\n}\n", encoding="utf-8")
    assert terraform.unformatted() == ("modules/region/astray.tf",)


def test_the_configurations_own_tests_pass_all_of_them(tmp_path: Path) -> None:
    terraform = ready(tmp_path)
    files = sorted(one.name for one in (terraform.root / "tests").glob("*.tftest.hcl"))
    found = terraform.test()
    assert found.failed == ()
    assert found.skipped == ()
    ran = {case.partition(":")[0].rpartition("/")[2] for case in found.passed}
    # A file without a case, and a folder without a file, would otherwise pass.
    assert files
    assert sorted(ran) == files
