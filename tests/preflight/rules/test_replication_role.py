"""The role of a replication may do what S3 does with it."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity
from tests.preflight.checking import at, checked, rule

RULE = rule("replication-role")

BUCKETS = 'resource "aws_s3_bucket" "a" {\n  bucket = "source"\n}\nresource "aws_s3_bucket" "b" {\n}\n'
MARKERS = '    delete_marker_replication {\n      status = "Enabled"\n    }\n'
READ = '["s3:GetReplicationConfiguration", "s3:ListBucket"]'
GET = '["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]'
PUT = '["s3:ReplicateObject", "s3:ReplicateDelete"]'


def replication(role: str = "aws_iam_role.r.arn", more: str = MARKERS) -> str:
    """Return a replication with its role on line 2."""
    return (
        f'resource "aws_s3_bucket_replication_configuration" "r" {{\n  role = {role}\n'
        "  bucket = aws_s3_bucket.a.id\n"
        f"  rule {{\n{more}    destination {{\n      bucket = aws_s3_bucket.b.arn\n    }}\n  }}\n}}\n"
    )


def role(service: str = "s3.amazonaws.com", more: str = "") -> str:
    return (
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n    Statement = [{\n'
        f'      Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "{service}" }}\n'
        f"    }}]\n  }})\n{more}}}\n"
    )


def allow(actions: str, *resources: str) -> str:
    return f'{{ Effect = "Allow", Action = {actions}, Resource = [{", ".join(resources)}] }}'


def policy(*statements: str, to: str = "aws_iam_role.r.id") -> str:
    listed = ",\n".join(statements)
    return (
        f'resource "aws_iam_role_policy" "p" {{\n  role = {to}\n'
        f"  policy = jsonencode({{ Statement = [\n{listed}\n] }})\n}}\n"
    )


A, B = "aws_s3_bucket.a.arn", "aws_s3_bucket.b.arn"
IN_A, IN_B = f'"${{{A}}}/*"', f'"${{{B}}}/*"'
WHOLE = (allow(READ, A), allow(GET, IN_A), allow(PUT, IN_B))
NAME, IN_NAME = '"arn:aws:s3:::source"', '"arn:aws:s3:::source/*"'
BY_ID = '"arn:aws:s3:::${aws_s3_bucket.a.id}"'
OTHER = '"arn:aws:s3:::sources"'
REST = BUCKETS + role()
DOCUMENT = (
    f'data "aws_iam_policy_document" "d" {{\n  statement {{\n    actions = {READ}\n    resources = [{A}]\n  }}\n'
    f"  statement {{\n    actions = {GET}\n    resources = [{IN_A}]\n  }}\n"
    f"  statement {{\n    actions = {PUT}\n    resources = [{IN_B}]\n  }}\n}}\n"
)
ATTACHED = (
    'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
    'resource "aws_iam_role_policy_attachment" "p" {\n  role = aws_iam_role.r.name\n'
    "  policy_arn = aws_iam_policy.p.arn\n}\n"
)

ENOUGH = [
    ("as AWS writes it", replication() + REST + policy(*WHOLE)),
    ("everything", replication() + REST + policy(allow('"s3:*"', '"*"'))),
    ("with wildcards", replication() + REST + policy(allow('["s3:Get*", "s3:List*", "s3:Replicate*"]', '"*"'))),
    ("a document that is attached", replication() + REST + DOCUMENT + ATTACHED),
    ("by the bucket's name", replication() + REST + policy(allow(READ, NAME), allow(GET, IN_NAME), WHOLE[2])),
    ("by an ARN of its id", replication() + REST + policy(allow(READ, BY_ID), *WHOLE[1:])),
    (
        "the older action, which is enough",
        replication() + REST + policy(*WHOLE).replace("ForReplication", ""),
    ),
    (
        "no delete markers, and none asked for",
        replication(more="") + REST + policy(*WHOLE[:2], allow('["s3:ReplicateObject"]', IN_B)),
    ),
    ("resources not known", replication() + REST + policy(*(allow(one, "var.x") for one in (READ, GET, PUT)))),
    ("actions that are not known", replication() + REST + policy(allow("var.actions", '"*"'))),
    ("a wildcard for both buckets", replication() + REST + policy(allow('"s3:*"', '"arn:aws:s3:::*"'))),
]


@pytest.mark.parametrize("hcl", [case[1] for case in ENOUGH], ids=[case[0] for case in ENOUGH])
def test_a_role_that_may_do_all_of_it_is_not_found(tmp_path: Path, hcl: str) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert (result.findings, result.undecided) == ((), ())


def without(action: str) -> str:
    return policy(*WHOLE).replace(f'"{action}", ', "").replace(f', "{action}"', "")


LACKING = [
    ("any policy", "", Severity.HIGH, "s3:GetReplicationConfiguration on aws_s3_bucket.a"),
    ("its rules", without("s3:GetReplicationConfiguration"), Severity.HIGH, "s3:GetReplicationConfiguration"),
    ("lists", without("s3:ListBucket"), Severity.HIGH, "s3:ListBucket on aws_s3_bucket.a"),
    ("versions", without("s3:GetObjectVersionForReplication"), Severity.HIGH, "s3:GetObjectVersionForReplication"),
    ("ACLs", without("s3:GetObjectVersionAcl"), Severity.HIGH, "s3:GetObjectVersionAcl"),
    ("tags", without("s3:GetObjectVersionTagging"), Severity.MEDIUM, "s3:GetObjectVersionTagging"),
    ("replicas", without("s3:ReplicateObject"), Severity.HIGH, "s3:ReplicateObject"),
    ("markers", without("s3:ReplicateDelete"), Severity.MEDIUM, "s3:ReplicateDelete"),
    ("objects, having the bucket", policy(*WHOLE[:2], allow(PUT, B)), Severity.HIGH, "s3:ReplicateObject on"),
    ("the bucket, having its objects", policy(allow(READ, IN_A), *WHOLE[1:]), Severity.HIGH, "s3:ListBucket on"),
    ("its source, having the target", policy(allow(READ, B), *WHOLE[1:]), Severity.HIGH, "s3:ListBucket on"),
    ("its source, having another name", policy(allow(READ, OTHER), *WHOLE[1:]), Severity.HIGH, "s3:ListBucket on"),
    ("what is only denied", policy(*WHOLE).replace("Allow", "Deny"), Severity.HIGH, "s3:ListBucket on"),
    ("what another role has", policy(*WHOLE, to='"q"'), Severity.HIGH, "s3:ListBucket on"),
]


@pytest.mark.parametrize(
    ("hcl", "severity", "named"), [one[1:] for one in LACKING], ids=[one[0] for one in LACKING]
)
def test_what_a_role_lacks_is_found(tmp_path: Path, hcl: str, severity: Severity, named: str) -> None:
    (found,) = checked(tmp_path, replication() + REST + hcl, RULE).findings
    assert at([found]) == [(2, 3)]
    assert found.severity == severity
    assert named in found.message


MANAGED = (
    'resource "aws_iam_role_policy_attachment" "p" {\n  role = aws_iam_role.r.name\n'
    '  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"\n}\n'
)
MERGED = '"d" {\n  source_policy_documents = var.more'
SOME = 'resource "aws_iam_role_policy_attachment" "p" {\n  role = var.role\n  policy_arn = var.policy\n}\n'
UNDECIDED = [
    ("a role elsewhere", replication('"arn:aws:iam::111122223333:role/r"') + BUCKETS),
    ("a role of a module", replication("module.m.role_arn") + BUCKETS),
    ("a policy of AWS", replication() + REST + MANAGED),
    ("a policy for some role", replication() + REST + SOME),
    ("a policy that is read from a file", replication() + REST + policy().replace("jsonencode", "file")),
    ("a module is given the role", replication() + REST + 'module "m" {\n  role = aws_iam_role.r.name\n}\n'),
    (
        "policies in the role that are not known",
        replication() + BUCKETS + role(more="  managed_policy_arns = var.p\n"),
    ),
    (
        "statements that are merged in",
        replication() + REST + DOCUMENT.replace('"d" {', MERGED).replace(GET, '["s3:GetObject"]') + ATTACHED,
    ),
]


@pytest.mark.parametrize("hcl", [case[1] for case in UNDECIDED], ids=[case[0] for case in UNDECIDED])
def test_a_role_whose_policies_are_not_all_known_is_undecided(tmp_path: Path, hcl: str) -> None:
    result = checked(tmp_path, hcl, RULE)
    assert result.findings == ()
    assert [(one.place.line, one.place.column) for one in result.undecided if one.place] == [(2, 3)]


def test_a_role_that_s3_may_not_assume_is_found(tmp_path: Path) -> None:
    hcl = replication() + BUCKETS + role("lambda.amazonaws.com") + policy(*WHOLE)
    (found,) = checked(tmp_path, hcl, RULE).findings
    assert "may not assume" in found.message
    assert at([found]) == [(20, 3)]


@pytest.mark.parametrize("service", ['batchoperations.s3.amazonaws.com", "s3.amazonaws.com', "${var.service}"])
def test_a_role_that_s3_may_be_allowed_to_assume_is_not_found(tmp_path: Path, service: str) -> None:
    trust = role(service).replace('Service = "', 'Service = ["').replace('" }', '"] }')
    assert checked(tmp_path, replication() + BUCKETS + trust + policy(*WHOLE), RULE).findings == ()


@pytest.mark.parametrize(
    "rest", [REST, BUCKETS + role("lambda.amazonaws.com") + policy(*WHOLE)], ids=["lacks", "trust"]
)
def test_a_role_that_a_variable_may_replace_is_not_certain(tmp_path: Path, rest: str) -> None:
    chosen = replication("var.r != null ? var.r : aws_iam_role.r.arn") + 'variable "r" {\n  default = null\n}\n'
    assert [one.certain for one in checked(tmp_path, chosen + rest, RULE).findings] == [False]
