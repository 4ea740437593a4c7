"""Locks of a state in S3 are kept in S3 itself."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import S3_PAGE, backends

_FIRST_WITH_LOCK_FILE = (1, 10, 0)
_CLAUSE = re.compile(r"(~>|<=|>=|!=|=|<|>)?\s*v?(\d+(?:\.\d+)*)\S*")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for tables of locks where Terraform may be of a version that needs none."""
    constraints = [one.value("required_version") for one in module.of("terraform")]
    if not all(_permits_lock_files(one) for one in constraints if isinstance(one, str)):
        return
    for backend in backends(module, "s3"):
        table = backend.attribute("dynamodb_table")
        # Both together are the way from one to the other: for a while both locks are taken.
        if table is None or table.value in (None, "") or backend.value("use_lockfile") in (True, "true"):
            continue
        yield RULE.finding(
            at=table,
            subject="backend.s3",
            message="the state is locked with `dynamodb_table`, which is deprecated",
            fix="Set `use_lockfile = true` beside it, require Terraform 1.10 or later, and take `dynamodb_table` "
            "out once nobody locks with it any more.",
        )


def _permits_lock_files(constraint: str) -> bool:
    return all(_permits(*found) for found in _CLAUSE.findall(constraint))


def _permits(sign: str, text: str) -> bool:
    """Whether a clause such as `~> 1.9.0` leaves room for a version with lock files."""
    version = [int(one) for one in text.split(".")]
    if sign == "~>":
        *head, last = version[:-1] or version
        sign, version = "<", [*head, last + 1]
    whole = (*version, 0, 0)[:3]
    if sign == "<":
        return whole > _FIRST_WITH_LOCK_FILE
    return sign in (">", ">=", "!=") or whole >= _FIRST_WITH_LOCK_FILE


RULE = Rule(
    id="backend-dynamodb-lock",
    title="State locked with a DynamoDB table",
    severity=Severity.LOW,
    stage=Stage.INIT,
    why="Terraform 1.10 can lock in the bucket itself. Since 1.11 it warns that `dynamodb_table` is deprecated, "
    "and a later minor version will not know it.",
    reference=S3_PAGE,
    check=check,
)
