"""A lock file has checksums for every platform that Terraform is run on."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import known
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._lock import Locked, locked


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for providers of which one package's checksum is there, and so one platform's."""
    for one in locked(module, context.tree):
        packages, archives = _counts(one)
        if packages != 1:
            continue
        hashes = one.block.attributes["hashes"]
        yield RULE.finding(
            at=hashes,
            subject=one.source,
            message=f"`{one.source}` is locked for one platform",
            fix="Run `terraform providers lock -platform=linux_amd64 -platform=darwin_arm64`, with the platforms "
            "that are in use.",
            why=_IN_PART if archives else None,
            severity=Severity.LOW if archives else None,
        )


def _counts(one: Locked) -> tuple[int, int]:
    """Return how many checksums of packages and of archives there are."""
    hashes = one.hashes if isinstance(one.hashes, list) and known(one.hashes) else []
    texts = [each for each in hashes if isinstance(each, str)]
    return sum(each.startswith("h1:") for each in texts), sum(each.startswith("zh:") for each in texts)


_IN_PART = (
    "On another platform `terraform init` changes the file, and where packages come unpacked, from a mirror or a "
    "cache, it fails: of those it knows no checksum."
)
RULE = Rule(
    id="lock-file-platforms",
    title="Lock file for one platform",
    severity=Severity.MEDIUM,
    stage=Stage.INIT,
    why="On any other platform, such as the pipeline's, `terraform init` fails: the package there matches none of "
    "the checksums.",
    reference="https://developer.hashicorp.com/terraform/cli/commands/providers/lock",
    check=check,
)
