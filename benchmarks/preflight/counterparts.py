"""Which rules of docferry preflight the others' messages and checks are about.

Everything else that they say is outside the classes that are compared, and counts neither for nor against them.
"""

import re

CHECKOV: dict[str, tuple[str, ...]] = {
    # Full permissions, in a data source and in a resource.
    **dict.fromkeys(
        ("CKV_AWS_1", "CKV_AWS_49", "CKV_AWS_62", "CKV_AWS_63", "CKV2_AWS_40"), ("iam-wildcard-action",)
    ),
    # What a policy lets one do: these look at actions, resources and passed roles together.
    **dict.fromkeys(
        (
            *(f"CKV_AWS_{number}" for number in (107, 108, 109, 110, 111, 355, 356)),
            *(f"CKV_AWS_{number}" for number in range(286, 291)),
        ),
        ("iam-wildcard-action", "iam-wildcard-resource", "iam-pass-role"),
    ),
    # Policies of roles and resources that are for everyone.
    **dict.fromkeys(
        (*(f"CKV_AWS_{number}" for number in (32, 33, 60, 70, 72, 168, 169, 283, 301, 387)),),
        ("iam-wildcard-action", "iam-open-to-everyone", "s3-public-policy-blocked", "iam-confused-deputy"),
    ),
    "CKV_AWS_358": ("iam-shared-provider",),
    **dict.fromkeys(("CKV_AWS_274", "CKV_AWS_275", "CKV2_AWS_56"), ("iam-administrator-access",)),
    "CKV_AWS_364": ("iam-confused-deputy",),
    # A version, or a tag with one. CKV_TF_1 wants a commit, which a registry's module cannot have: outside.
    "CKV_TF_2": ("unpinned-module",),
    "CKV_TF_3": ("backend-no-lock", "backend-dynamodb-lock"),
    "CKV_AWS_41": ("provider-credentials",),
    "CKV_AWS_116": ("lambda-failure-destination",),
    "CKV_AWS_319": ("alarm-without-action",),
    "CKV_AWS_363": ("lambda-runtime",),
}
"""By the check's id. Not here: what asks for a feature everywhere, such as encryption with a key of one's own,
versioning, replication or logging of every bucket."""
LENIENT = ("CKV_AWS_116", "CKV_AWS_363")
"""These count where they are right, and are not held against checkov where they are not: the first wants a queue
for failures of every function, whoever calls it, and the second goes by today, not by the corpus's day."""

_TERRAFORM: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"Variables not allowed|Function calls not allowed", ("backend-expression",)),
    (r"dynamodb_table", ("backend-dynamodb-lock",)),
    (r"Quoted references|Invalid quoted type|Invalid ignore_changes wildcard", ("quoted-reference",)),
    (r"Reference to undeclared", ("undeclared",)),
    (r"(?i)deprecated", ("deprecated",)),
    (r"Duplicate |Both a backend and cloud", ("declared-twice",)),
    (r"Invalid [\w ]*name", ("invalid-name",)),
    (r"Invalid version constraint|Invalid required_version constraint", ("version-constraint",)),
    (r"invalid JSON", ("iam-policy-malformed",)),
    (r"Invalid Attribute Combination.*filter.*prefix", ("s3-lifecycle-filter", "s3-lifecycle-filter-and-prefix")),
)
_ELSEWHERE = re.compile(
    "Failed to (?:query|install|download|read module)|Could not (?:download|retrieve)|remote module registry|"
    "[Nn]o valid credential|Unable to access|error configuring S3 Backend|Inconsistent dependency lock|"
    "required by the backend|Unsupported Terraform Core version"
)


def of_terraform(said: str) -> tuple[str, ...] | None:
    """Return the rules that a message of Terraform is about, or None if it is none of the known ones."""
    return next((rules for pattern, rules in _TERRAFORM if re.search(pattern, said, re.DOTALL)), None)


def is_of_the_machine(said: str) -> bool:
    """Whether Terraform misses something here, such as a provider, a network or an account."""
    return _ELSEWHERE.search(said) is not None
