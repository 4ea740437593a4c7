"""A report with something of everything in it."""

from pathlib import Path

from docferry.preflight import baseline
from docferry.preflight.finding import Finding, Outcome, Severity, Stage, Undecided
from docferry.preflight.report.report import Report
from docferry.preflight.rule import Context
from docferry.preflight.rules import all_rules
from docferry.preflight.run import run
from tests.preflight.checking import TODAY, written

MAIN = """terraform {
  backend "s3" {
    bucket = var.ä
    # docferry:ignore backend-expression given by the pipeline
    key = var.b
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "a" {
  rule {
    id = "known"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "b" {
  rule {
    id = "<b>&\x1b[31m[red]`x`"
  }
}
"""
ACCOUNT: list[Outcome] = [
    Finding(
        "account-quota",
        Severity.HIGH,
        "too few",
        None,
        "an account",
        "It stops.",
        Stage.RUN,
        "Ask for more.",
        "https://example.com/",
        certain=False,
    ),
    Undecided("account-quota", None, "another", "whether it may be read"),
]


def report(root: Path, *, fail_on: Severity = Severity.HIGH, prefix: str = "in fra/") -> Report:
    """Check MAIN and a broken file, with findings from elsewhere, one known finding and an ignored one."""
    written(root, {"main.tf": MAIN, "sub/broken.tf": "locals {", "large.tf": ""})
    (root / "large.tf").unlink()
    (root / "large.tf").symlink_to("nowhere")
    rules = all_rules()
    chosen = tuple(one for one in rules if one.id in ("backend-expression", "s3-lifecycle-filter"))
    result = run(root, Context(TODAY), chosen, ACCOUNT)
    marks = baseline.fingerprints(result.findings, result.sources)
    at = next(i for i, one in enumerate(result.findings) if one.subject.endswith("configuration.a"))
    parted = baseline.split(result.findings, result.sources, frozenset({marks[at]}))
    return Report(
        result, chosen, parted.fresh, parted.known, fail_on, prefix, "1.2.3", settings="conf/docferry.toml"
    )
