"""A replication asks for nothing that S3 knows no longer."""

from pathlib import Path

import pytest

from tests.preflight.checking import at, checked, fixed, rule

RULE = rule("replication-existing-objects")
HEAD = 'resource "aws_s3_bucket_replication_configuration" "r" {\n  rule {\n'
END = "  }\n}\n"
EXISTING = '    existing_object_replication {\n      status = "Enabled"\n    }\n'
MAYBE = '    dynamic "existing_object_replication" {{\n      for_each = {}\n      content {{}}\n    }}\n'

CASES = [
    ("not asked for", HEAD + "    filter {}\n" + END, []),
    ("asked for", HEAD + EXISTING + END, [(3, 5)]),
    ("asked not to", HEAD + EXISTING.replace("Enabled", "Disabled") + END, [(3, 5)]),
    ("perhaps asked for", HEAD + MAYBE.format("var.e") + END, []),
    ("asked for by dynamic", HEAD + MAYBE.format("[1]") + END, [(3, 5)]),
    ("of another resource", HEAD.replace("aws_s3_bucket", "x") + EXISTING + END, []),
]


@pytest.mark.parametrize(("hcl", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_rule_for_existing_objects_is_found(tmp_path: Path, hcl: str, expected: list[tuple[int, int]]) -> None:
    assert at(checked(tmp_path, hcl, RULE).findings) == expected


def test_the_edit_takes_the_block_away(tmp_path: Path) -> None:
    result = checked(tmp_path, HEAD + "    filter {}\n" + EXISTING + END, RULE)
    assert fixed(tmp_path, result) == HEAD + "    filter {}\n" + END


def test_what_dynamic_makes_is_left_to_people(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, HEAD + MAYBE.format("[1]") + END, RULE).findings
    assert not found.edits
