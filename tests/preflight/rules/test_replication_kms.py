"""Objects that are encrypted with KMS keys are replicated where that is wanted."""

from pathlib import Path

import pytest

from docferry.preflight.finding import Severity, Stage
from tests.preflight.checking import at, checked, rule

RULE = rule("replication-kms")

BUCKET = 'resource "aws_s3_bucket" "a" {\n}\n'
SELECTED = (
    "    source_selection_criteria {\n      sse_kms_encrypted_objects {\n"
    '        status = "Enabled"\n      }\n    }\n'
)
KEY = "      encryption_configuration {\n        replica_kms_key_id = aws_kms_key.b.arn\n      }\n"


def replication(selected: str = SELECTED, key: str = KEY) -> str:
    """Return a replication with its role on line 3, its rule on line 4, and what is selected from line 5 on."""
    return (
        'resource "aws_s3_bucket_replication_configuration" "r" {\n  bucket = aws_s3_bucket.a.id\n'
        "  role = aws_iam_role.r.arn\n"
        f"  rule {{\n{selected}    destination {{\n      bucket = aws_s3_bucket.b.arn\n{key}    }}\n  }}\n}}\n"
    )


def encryption(algorithm: str = '"aws:kms"') -> str:
    return (
        'resource "aws_s3_bucket_server_side_encryption_configuration" "a" {\n  bucket = aws_s3_bucket.a.id\n'
        f"  rule {{\n    apply_server_side_encryption_by_default {{\n      sse_algorithm = {algorithm}\n"
        "    }\n  }\n}\n"
    )


def maybe(name: str, inner: str) -> str:
    return f'    dynamic "{name}" {{\n      for_each = var.keys\n      content {{\n{inner}      }}\n    }}\n'


NULL = 'variable "k" {\n  default = null\n}\n'
RULE_OFF = '    status = "Disabled"\n'
OFF = SELECTED.replace("Enabled", "Disabled")
DYNAMIC_SELECTED = (
    "    source_selection_criteria {\n"
    + maybe("sse_kms_encrypted_objects", '        status = "Enabled"\n')
    + "    }\n"
)
DYNAMIC_KEY = maybe("encryption_configuration", "        replica_kms_key_id = each.value\n")

INLINE = (
    'resource "aws_s3_bucket" "a" {\n  server_side_encryption_configuration {\n    rule {\n'
    '      apply_server_side_encryption_by_default {\n        sse_algorithm = "aws:kms"\n      }\n    }\n  }\n}\n'
)
MAYBE_ENCRYPTED = (
    encryption()
    .replace("  rule {", '  dynamic "rule" {\n    for_each = var.k == null ? [] : [1]\n    content {')
    .replace("  }\n}\n", "  }\n  }\n}\n")
)

CASES = [
    ("neither selected nor a key", replication("", "") + BUCKET, []),
    ("selected, with a key", replication() + BUCKET, []),
    ("selected, without a key", replication(key="") + BUCKET, [(6, 7)]),
    ("a key, nothing selected", replication("") + BUCKET, [(8, 9)]),
    ("a key that is null", NULL + replication("").replace("aws_kms_key.b.arn", "var.k"), []),
    ("not selected on purpose", replication(OFF, "") + BUCKET, []),
    ("perhaps both", replication(DYNAMIC_SELECTED, DYNAMIC_KEY) + BUCKET, []),
    ("perhaps a key", replication(SELECTED, DYNAMIC_KEY) + BUCKET, []),
    ("perhaps selected", replication(DYNAMIC_SELECTED) + BUCKET, []),
    ("an encrypted bucket, selected", replication() + BUCKET + encryption(), []),
    ("an encrypted bucket, nothing selected", replication("", "") + BUCKET + encryption(), [(4, 3)]),
    ("an encrypted bucket, a rule that is off", replication(RULE_OFF, "") + BUCKET + encryption(), []),
    ("an encrypted bucket, written in it", replication("", "") + INLINE, [(4, 3)]),
    ("perhaps an encrypted bucket", 'variable "k" {}\n' + replication("", "") + BUCKET + MAYBE_ENCRYPTED, []),
    ("twice encrypted", replication("", "") + BUCKET + encryption('"aws:kms:dsse"'), [(4, 3)]),
    ("encrypted, not selected on purpose", replication(OFF, "") + BUCKET + encryption(), []),
    ("encrypted by S3", replication("", "") + BUCKET + encryption('"AES256"'), []),
    ("encryption not known", 'variable "e" {}\n' + replication("", "") + BUCKET + encryption("var.e"), []),
    ("another bucket's encryption", replication("", "") + BUCKET + encryption().replace("a.id", "c.id"), []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_half_of_what_it_takes_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_what_s3_refuses_fails_at_apply_and_what_it_leaves_out_later(tmp_path: Path) -> None:
    refused = checked(tmp_path / "a", replication(key="") + BUCKET, RULE)
    left_out = checked(tmp_path / "b", replication("", "") + BUCKET + encryption(), RULE)
    assert [one.stage for one in (*refused.findings, *left_out.findings)] == [Stage.APPLY, Stage.RUN]


ROLE = 'resource "aws_iam_role" "r" {\n  name = "r"\n}\n'
KEYS = 'resource "aws_kms_key" "b" {\n}\n'


def policy(*actions: str) -> str:
    listed = ", ".join(f'"{one}"' for one in actions)
    return (
        'resource "aws_iam_role_policy" "p" {\n  role = aws_iam_role.r.id\n'
        f'  policy = jsonencode({{ Statement = {{ Effect = "Allow", Action = [{listed}], Resource = "*" }} }})\n'
        "}\n"
    )


USES = [
    ("both", policy("kms:Decrypt", "kms:Encrypt"), []),
    ("a data key instead", policy("kms:Decrypt", "kms:GenerateDataKey*"), []),
    ("everything", policy("kms:*"), []),
    ("decrypting only", policy("kms:Decrypt"), [(3, 3)]),
    ("encrypting only", policy("kms:Encrypt"), [(3, 3)]),
    ("nothing of keys", policy("s3:*"), [(3, 3)]),
    ("a grant of the key", policy("s3:*") + 'resource "aws_kms_grant" "g" {\n  to = aws_iam_role.r.arn\n}\n', []),
    (
        "a policy that is not known",
        'resource "aws_iam_role_policy_attachment" "p" {\n  role = aws_iam_role.r.id\n  policy_arn = var.p\n}\n',
        [],
    ),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in USES], ids=[case[0] for case in USES])
def test_a_role_that_may_not_use_the_keys_is_found(
    tmp_path: Path, hcl: str, expected: list[tuple[int, int]]
) -> None:
    assert at(checked(tmp_path, replication() + BUCKET + ROLE + KEYS + hcl, RULE).findings) == expected


def test_a_role_needs_no_keys_where_nothing_is_encrypted_with_them(tmp_path: Path) -> None:
    assert checked(tmp_path, replication("", "") + BUCKET + ROLE + policy("s3:*"), RULE).findings == ()


@pytest.mark.parametrize(
    ("keys", "severity"),
    [
        (KEYS, Severity.HIGH),
        ("", Severity.MEDIUM),
        (KEYS.replace("{\n", "{\n  policy = var.p\n"), Severity.MEDIUM),
        (KEYS + 'resource "aws_kms_key_policy" "b" {\n  key_id = aws_kms_key.b.id\n}\n', Severity.MEDIUM),
    ],
    ids=["a key without a policy", "a key elsewhere", "a key with a policy", "a policy of its own"],
)
def test_it_is_less_where_the_key_itself_may_allow_the_role(tmp_path: Path, keys: str, severity: Severity) -> None:
    found = checked(tmp_path, replication() + BUCKET + ROLE + keys + policy("s3:*"), RULE).findings
    assert [one.severity for one in found] == [severity]


ASKED_FOR = 'data "aws_kms_key" "b" {\n  key_id = "alias/b"\n}\n'
ALIAS = 'resource "aws_kms_alias" "b" {\n  target_key_id = "x"\n}\n'


@pytest.mark.parametrize(
    ("key", "more"),
    [("data.aws_kms_key.b.arn", ASKED_FOR), ("aws_kms_alias.b.target_key_arn", ALIAS)],
    ids=["asked for", "by an alias"],
)
def test_it_is_less_where_the_key_is_not_written_here(tmp_path: Path, key: str, more: str) -> None:
    hcl = replication().replace("aws_kms_key.b.arn", key) + BUCKET + ROLE + more + policy("s3:*")
    assert [one.severity for one in checked(tmp_path, hcl, RULE).findings] == [Severity.MEDIUM]


def test_a_role_that_a_variable_may_replace_is_not_certain(tmp_path: Path) -> None:
    chosen = replication().replace("role = aws", "role = var.r != null ? var.r : aws")
    hcl = chosen + BUCKET + ROLE + KEYS + policy("s3:*") + 'variable "r" {\n  default = null\n}\n'
    assert [one.certain for one in checked(tmp_path, hcl, RULE).findings] == [False]
