"""Backend blocks take literals only."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, rule

RULE = rule("backend-expression")

CASES = [
    ("literals", 'terraform {\n  backend "s3" {\n    bucket  = "b"\n    encrypt = true\n  }\n}', []),
    ("nothing in it", 'terraform {\n  backend "s3" {}\n}', []),
    ("a variable", 'terraform {\n  backend "s3" {\n    bucket = var.b\n  }\n}', [(3, 14)]),
    ("a variable in a string", 'terraform {\n  backend "s3" {\n    key = "x/${var.b}"\n  }\n}', [(3, 11)]),
    ("a local", 'terraform {\n  backend "s3" {\n    key = local.b\n  }\n}', [(3, 11)]),
    ("data", 'terraform {\n  backend "s3" {\n    key = data.aws_region.a.name\n  }\n}', [(3, 11)]),
    ("a function", 'terraform {\n  backend "s3" {\n    key = lower("A")\n  }\n}', [(3, 11)]),
    ("a function in a string", 'terraform {\n  backend "s3" {\n    key = "${lower("A")}"\n  }\n}', [(3, 11)]),
    (
        "deeper",
        'terraform {\n  backend "s3" {\n    assume_role = {\n      role_arn = var.r\n    }\n  }\n}',
        [(3, 19)],
    ),
    (
        "in a block",
        'terraform {\n  backend "remote" {\n    workspaces {\n      name = var.w\n    }\n  }\n}',
        [(4, 14)],
    ),
    ("of HCP Terraform", "terraform {\n  cloud {\n    organization = var.o\n  }\n}", [(3, 20)]),
    (
        "of a workspace of HCP Terraform",
        "terraform {\n  cloud {\n    workspaces {\n      name = local.n\n    }\n  }\n}",
        [(4, 14)],
    ),
    ("nothing of HCP Terraform", 'terraform {\n  cloud {\n    organization = "acme"\n  }\n}', []),
    ("workspace", 'terraform {\n  backend "s3" {\n    key = terraform.workspace\n  }\n}', [(3, 11)]),
    ("elsewhere", 'resource "x_y" "backend" {\n  bucket = var.b\n}', []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_computed_in_a_backend_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_it_is_found_in_json_too(tmp_path: Path) -> None:
    files = {"main.tf.json": '{"terraform": {"backend": {"s3": {\n  "bucket": "${var.b}"}}}}'}
    assert at(checked(tmp_path, files, RULE).findings) == [(2, 13)]


def test_what_an_override_file_replaces_is_not_read(tmp_path: Path) -> None:
    files = {
        "main.tf": 'terraform {\n  backend "s3" {\n    bucket = var.b\n  }\n}',
        "local_override.tf": 'terraform {\n  backend "local" {}\n}',
    }
    assert checked(tmp_path, files, RULE).findings == ()


def test_a_backend_of_what_another_directory_calls_may_never_be_read(tmp_path: Path) -> None:
    backend = 'terraform {\n  backend "s3" {\n    bucket = var.b\n  }\n}'
    result = checked(tmp_path, {"main.tf": 'module "a" {\n  source = "./a"\n}', "a/main.tf": backend}, RULE)
    assert result.findings == ()
    assert [(one.place.line, one.subject) for one in result.undecided if one.place] == [(3, "backend.s3")]


def test_in_json_it_is_found_once_and_said_to_be_taken_as_it_stands(tmp_path: Path) -> None:
    text = '{"terraform": {"backend": {"s3": {\n  "assume_role": {\n  "role_arn": "${var.r}"}}}}}'
    (found,) = checked(tmp_path, {"main.tf.json": text}, RULE).findings
    assert found.place is not None
    assert (found.place.line, found.place.column) == (2, 18)
    assert "as they stand" in found.why


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        ('backend "s3" {\n    key = var.k\n  }', '`terraform init -backend-config="key=..."`'),
        (
            'backend "remote" {\n    workspaces {\n      name = var.k\n    }\n  }',
            "the block `workspaces` out and pass it in a file",
        ),
        ("cloud {\n    organization = var.k\n  }", "set TF_CLOUD_ORGANIZATION in the environment"),
    ],
    ids=["an argument", "an argument of a block", "an argument of HCP Terraform's"],
)
def test_it_is_told_how_the_value_can_be_passed(tmp_path: Path, backend: str, said: str) -> None:
    (found,) = checked(tmp_path, f"terraform {{\n  {backend}\n}}\n", RULE).findings
    assert said in found.fix


@pytest.mark.parametrize(
    "sign",
    [
        {"live/.opentofu-version": "1.10.6\n"},
        {".opentofu-version": "1.10.6\n"},
        {"live/a/more.tofu": ""},
        {"live/a/.terraform.lock.hcl": 'provider "registry.opentofu.org/hashicorp/aws" {\n}\n'},
        {
            "live/a/versions.tf": "terraform {\n  required_providers {\n"
            '    aws = { source = "registry.opentofu.org/hashicorp/aws" }\n  }\n}\n'
        },
    ],
    ids=["a file above", "a file at the top", "a file of its own kind", "a lock file", "the name of its registry"],
)
def test_where_opentofu_may_deploy_it_cannot_be_told(tmp_path: Path, sign: dict[str, str]) -> None:
    backend = 'terraform {\n  backend "s3" {\n    bucket = "x-${var.b}"\n    key = local.k\n  }\n}\n'
    result = checked(tmp_path, {"live/a/main.tf": backend, **sign}, RULE)
    assert result.findings == ()
    assert [(one.place.line, one.subject) for one in result.undecided if one.place] == [
        (3, "backend.s3"),
        (4, "backend.s3"),
    ]


def test_what_opentofu_refuses_too_is_found(tmp_path: Path) -> None:
    backend = 'terraform {\n  backend "s3" {\n    key = data.aws_region.a.name\n  }\n}\n'
    assert at(checked(tmp_path, {"main.tf": backend, ".opentofu-version": "1.10.6\n"}, RULE).findings) == [(3, 11)]
