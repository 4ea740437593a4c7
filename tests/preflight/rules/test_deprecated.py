"""What the AWS provider gives up is found, with what to use instead."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity, Stage
from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("deprecated")
REGION = 'data "aws_region" "r" {}\n'
CALL = 'module "m" {{\n  source = "{}"\n}}\n'
CASES = [
    ("an argument", 'resource "aws_iam_role" "a" {\n  managed_policy_arns = ["x"]\n}', [(2, 3)]),
    ("that is null", 'resource "aws_iam_role" "a" {\n  managed_policy_arns = null\n}', []),
    ("that is computed", 'resource "aws_iam_role" "a" {\n  managed_policy_arns = var.x\n}', [(2, 3)]),
    ("another argument", 'resource "aws_iam_role" "a" {\n  name = "managed_policy_arns"\n}', []),
    ("the same of another resource", 'resource "aws_ssoadmin_x" "a" {\n  managed_policy_arns = []\n}', []),
    ("a block", 'resource "aws_s3_bucket" "a" {\n  versioning {\n    enabled = true\n  }\n}', [(2, 3)]),
    (
        "a block of two",
        'resource "aws_s3_bucket" "a" {\n  lifecycle_rule {\n  }\n  lifecycle_rule {\n  }\n}',
        [(2, 3)],
    ),
    (
        "made by dynamic",
        'resource "aws_s3_bucket" "a" {\n  dynamic "cors_rule" {\n    for_each = var.x\n    content {}\n  }\n}',
        [(2, 3)],
    ),
    (
        "Terraform's own block",
        'resource "aws_s3_bucket" "a" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}',
        [],
    ),
    (
        "nested",
        'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n  rule {\n    prefix = "x"\n  }\n}',
        [(3, 5)],
    ),
    (
        "nested, elsewhere",
        'resource "aws_s3_bucket_lifecycle_configuration" "a" {\n'
        '  rule {\n    filter {\n      prefix = "x"\n    }\n  }\n}',
        [],
    ),
    ("a resource", 'resource "aws_s3_bucket_object" "a" {\n  bucket = "b"\n  key = "k"\n}', [(1, 1)]),
    ("a data source", 'data "aws_s3_bucket_objects" "a" {\n  bucket = "b"\n}', [(1, 1)]),
    ("the one to use", 'resource "aws_s3_object" "a" {\n  bucket = "b"\n}', []),
    ("a reference", REGION + "locals {\n  r = data.aws_region.r.name\n}", [(3, 7)]),
    ("in a string", REGION + 'locals {\n  r = "x-${data.aws_region.r.name}"\n}', [(3, 12)]),
    (
        "twice in a string",
        REGION + 'locals {\n  r = "${data.aws_region.r.name}-${data.aws_region.r.name}"\n}',
        [(3, 10), (3, 36)],
    ),
    ("of an instance", REGION + "locals {\n  r = data.aws_region.r[0].name\n}", [(3, 7)]),
    ("in a function", REGION + "locals {\n  r = upper(data.aws_region.r.name)\n}", [(3, 13)]),
    (
        "in a nested block",
        REGION + 'resource "x_y" "a" {\n  b {\n    c = data.aws_region.r.name\n  }\n}',
        [(4, 9)],
    ),
    (
        "in what dynamic is for",
        REGION + 'resource "x_y" "a" {\n  dynamic "b" {\n    for_each = [data.aws_region.r.name]\n'
        "    content {}\n  }\n}",
        [(4, 17)],
    ),
    ("its id", REGION + "locals {\n  r = data.aws_region.r.id\n}", []),
    ("a name that goes on", REGION + "locals {\n  r = data.aws_region.r.name_x\n}", []),
    ("a name of another", "locals {\n  r = data.aws_regions.r.name\n}", []),
    ("a reference to a bucket", "locals {\n  r = aws_s3_bucket.a.website_endpoint\n}", [(2, 7)]),
    (
        "with a comment that looks like it, the whole",
        REGION + "locals {\n  r = [\n    # data.aws_region.r.name\n    data.aws_region.r.name,\n  ]\n}",
        [(3, 7)],
    ),
]


OLD = [
    (
        'resource "aws_db_instance" "a" {\n  name = "x"\n}\n',
        'resource "aws_db_instance" "a" {\n  db_name = "x"\n}\n',
    ),
    ('provider "aws" {\n  shared_credentials_file = "x"\n}\n', None),
    ('provider "aws" {\n  assume_role {\n    duration_seconds = 3600\n  }\n}\n', None),
    ('data "aws_subnet_ids" "a" {\n  vpc_id = "x"\n}\n', None),
]


@pytest.mark.parametrize(("hcl", "mended"), OLD)
def test_what_version_5_lacks_is_found_and_renamed_where_it_is_only_renamed(
    tmp_path: Path, hcl: str, mended: str | None
) -> None:
    result = checked(tmp_path / "5", hcl, RULE)
    assert [(one.severity, one.stage) for one in result.findings] == [(Severity.HIGH, Stage.VALIDATE)]
    assert fixed(tmp_path / "5", result) == (mended or hcl)
    either = checked(tmp_path / "either", requiring(">= 4.0") + hcl, RULE)
    assert [(one.severity, one.edits) for one in either.findings] == [(Severity.HIGH, ())]
    assert checked(tmp_path / "4", requiring("~> 4.0") + hcl, RULE).findings == ()


def requiring(constraint: str) -> str:
    return (
        f'terraform {{\n  required_providers {{\n    aws = {{\n      version = "{constraint}"\n    }}\n  }}\n}}\n'
    )


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_deprecated_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_it_is_found_in_json_too(tmp_path: Path) -> None:
    files = {
        "main.tf.json": '{"resource": {"aws_iam_role": {"a": {\n  "managed_policy_arns": ["x"]}}},\n'
        '"locals": {"r": "${data.aws_region.r.name}"}}'
    }
    assert at(checked(tmp_path, files, RULE).findings) == [(2, 26), (3, 17)]


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("~> 5.100", Severity.MEDIUM),
        ("~> 5", Severity.MEDIUM),
        (">= 5.0, < 6.0", Severity.MEDIUM),
        (">= 5.0, < 6.0.1", Severity.HIGH),
        (">= 5.0", Severity.HIGH),
        ("~> 6.2", Severity.HIGH),
        ("5.100.0", Severity.MEDIUM),
    ],
)
def test_what_version_6_lacks_is_worse_where_it_may_come(
    tmp_path: Path, constraint: str, expected: Severity
) -> None:
    (found,) = checked(
        tmp_path, requiring(constraint) + 'resource "aws_eip" "a" {\n  vpc = true\n}', RULE
    ).findings
    assert found.severity is expected


@pytest.mark.parametrize("name", ["aws_instance", "aws_spot_instance_request"])
def test_a_spot_instance_lacks_what_an_instance_lacks(tmp_path: Path, name: str) -> None:
    hcl = requiring(">= 5.0") + f'resource "{name}" "a" {{\n  cpu_core_count = 2\n}}\n'
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.severity is Severity.HIGH


def test_no_moved_block_is_proposed_between_types_that_know_none(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, 'resource "aws_s3_bucket_object" "a" {\n}\n', RULE).findings
    assert "`removed` and `import`" in found.fix
    assert "`moved`" not in found.fix


def test_what_version_6_still_has_is_never_worse_than_a_warning(tmp_path: Path) -> None:
    hcl = requiring("~> 6.0") + 'resource "aws_iam_role" "a" {\n  managed_policy_arns = []\n}'
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.severity is Severity.MEDIUM


def test_the_lock_file_says_which_version_it_is(tmp_path: Path) -> None:
    lock = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}\n'
    hcl = requiring(">= 5.0") + 'resource "aws_eip" "a" {\n  vpc = true\n}'
    (found,) = checked(tmp_path, {"main.tf": hcl, ".terraform.lock.hcl": lock}, RULE).findings
    assert found.severity is Severity.MEDIUM


def test_what_only_version_6_deprecates_is_a_hint_where_it_cannot_come(tmp_path: Path) -> None:
    hcl = requiring("~> 5.100") + REGION + "locals {\n  r = data.aws_region.r.name\n}"
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert found.severity is Severity.LOW
    assert "`id`" in found.fix


def test_a_region_is_chosen_by_its_name_until_version_6_is_required(tmp_path: Path) -> None:
    hcl = 'data "aws_region" "r" {\n  name = "eu-west-1"\n}\n'
    for number, constraint in enumerate(("~> 5.100", ">= 5.0", "~> 6.0")):
        (found,) = checked(tmp_path / str(number), requiring(constraint) + hcl, RULE).findings
        assert "`id`" not in found.fix
        assert "`region`" in found.fix


@pytest.mark.parametrize(("constraint", "count"), [("~> 5.100", 0), (">= 5.0", 1), ("~> 6.0", 1)])
def test_a_name_that_version_5_needs_is_found_only_where_6_may_come(
    tmp_path: Path, constraint: str, count: int
) -> None:
    hcl = 'resource "aws_batch_compute_environment" "a" {\n  compute_environment_name = "x"\n}'
    assert len(checked(tmp_path, requiring(constraint) + hcl, RULE).findings) == count


def test_what_a_called_directory_allows_is_its_callers_to_say(tmp_path: Path) -> None:
    files = {
        "main.tf": requiring("~> 5.100") + 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": requiring(">= 5.0") + 'resource "aws_eip" "a" {\n  vpc = true\n}\n',
    }
    (found,) = checked(tmp_path, files, RULE).findings
    assert found.severity is Severity.MEDIUM


def test_a_reference_is_renamed_only_where_version_6_is_required(tmp_path: Path) -> None:
    hcl = REGION + 'locals {\n  r = "${data.aws_region.r.name}-${upper(data.aws_region.r.name)}" # ü\n}\n'
    for number, (constraint, expected) in enumerate(
        [(">= 5.0", hcl), ("~> 6.0", hcl.replace("r.name", "r.region"))]
    ):
        folder = tmp_path / str(number)
        result = checked(folder, requiring(constraint) + hcl, RULE)
        assert fixed(folder, result) == requiring(constraint) + expected


def test_edits_are_offered_only_for_literals(tmp_path: Path) -> None:
    hcl = (
        'resource "aws_eip" "a" {\n  vpc = true\n}\nresource "aws_cloudwatch_event_rule" "b" {\n'
        "  is_enabled = false\n}\n"
        'resource "aws_cloudwatch_event_rule" "c" {\n  is_enabled = var.on\n}\n'
        'variable "on" {\n  default = true\n}\n'
    )
    text = fixed(tmp_path, checked(tmp_path, hcl, RULE))
    assert 'domain = "vpc"' in text
    assert 'state = "DISABLED"' in text
    assert "is_enabled = var.on" in text


@pytest.mark.parametrize(
    "hcl",
    [requiring("~> 4.67"), 'provider "aws" {\n  version = "2.46.0"\n}\n'],
    ids=["required", "written at the provider"],
)
def test_nothing_is_said_of_a_version_before_those_that_the_table_knows(tmp_path: Path, hcl: str) -> None:
    hcl += 'resource "aws_s3_bucket" "b" {\n  acl = "private"\n}\n'
    assert checked(tmp_path, hcl, RULE).findings == ()


@pytest.mark.parametrize(
    ("roots", "count"),
    [
        ({"a": "~> 3.27"}, 0),
        ({"a": "~> 3.27", "b": "~> 4.0"}, 0),
        ({"a": "~> 3.27", "b": "~> 5.0"}, 1),
        ({"a": ">= 3.27"}, 1),
    ],
    ids=["one that is before", "both", "one of two", "no end"],
)
@pytest.mark.parametrize("between", [False, True])
def test_nothing_is_said_of_what_is_called_only_with_such_a_version(
    tmp_path: Path, roots: dict[str, str], count: int, between: bool
) -> None:
    source = "../between" if between else "../m"
    files = {f"{name}/main.tf": requiring(one) + CALL.format(source) for name, one in roots.items()}
    files |= {"between/main.tf": CALL.format("../m")} if between else {}
    files["m/main.tf"] = 'resource "aws_db_instance" "a" {\n  name = "x"\n}\n'
    assert len(checked(tmp_path, files, RULE).findings) == count


def test_directories_that_call_each_other_say_nothing_of_a_version(tmp_path: Path) -> None:
    files = {"a/main.tf": CALL.format("../b") + 'resource "aws_eip" "a" {\n  vpc = true\n}\n'}
    files["b/main.tf"] = CALL.format("../a")
    assert len(checked(tmp_path, files, RULE).findings) == 1


@pytest.mark.parametrize(
    ("files", "edited"),
    [
        ({"main.tf": ""}, True),
        ({"main.tf": requiring(">= 4.0")}, False),
        ({"main.tf": requiring("~> 5.0")}, True),
        ({"main.tf": "", "of/main.tf": 'module "m" {\n  source = "../"\n}\n'}, False),
        ({"main.tf": requiring(">= 5.0"), "of/main.tf": 'module "m" {\n  source = "../"\n}\n'}, True),
    ],
    ids=["any", "perhaps 4", "5", "the caller's", "5 or later of the caller's"],
)
def test_an_argument_of_version_5_is_put_only_where_no_former_one_is_allowed(
    tmp_path: Path, files: dict[str, str], edited: bool
) -> None:
    files = {**files, "eip.tf": 'resource "aws_eip" "a" {\n  vpc = true\n}\n'}
    (found,) = checked(tmp_path, files, RULE).findings
    assert bool(found.edits) is edited


@pytest.mark.parametrize(
    ("constraint", "edited"),
    [
        ("5.9.0", False),
        ("~> 5.0", False),
        (">= 5.27", True),
        ("~> 5.100", True),
        (">= 5.0, != 5.1", False),
        ("~> 6", True),
    ],
)
def test_a_state_is_put_only_where_each_version_has_it(tmp_path: Path, constraint: str, edited: bool) -> None:
    hcl = requiring(constraint) + 'resource "aws_cloudwatch_event_rule" "a" {\n  is_enabled = true\n}\n'
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert bool(found.edits) is edited
