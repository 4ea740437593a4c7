"""No credentials in a provider block."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import credentials, is_aws_secret

_NAMES = ("secret_key", "token", "access_key")
_EMULATED = ("endpoints", "skip_credentials_validation", "s3_use_path_style")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for credentials written into provider blocks of AWS."""
    for provider in module.of("provider"):
        if provider.name != "aws":
            continue
        found = credentials(provider, _NAMES)
        sure = any(is_aws_secret(value) for _, value in found)
        if not found or (not sure and _for_an_emulator(provider)):
            continue
        named = ", ".join(f"`{one.name}`" for one, _ in found)
        yield RULE.finding(
            at=found[0][0],
            message=f"{named} of the provider written in the configuration",
            fix="Take the lines out, replace the credentials in IAM, and give the new ones in the environment: "
            "a profile, a role that the pipeline assumes, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            severity=Severity.CRITICAL if sure else Severity.HIGH,
            certain=not any(one.expression.assumed for one, _ in found),
        )


def _for_an_emulator(provider: Block) -> bool:
    return any(name in provider.attributes or provider.blocks(name) for name in _EMULATED)


RULE = Rule(
    id="provider-credentials",
    title="Credentials in a provider block",
    severity=Severity.CRITICAL,
    stage=Stage.NEVER,
    why="Whoever reads the repository, or a saved plan, may do in the account what the pipeline may. A key that "
    "was committed once stays in the history and has to be replaced.",
    reference="https://docs.aws.amazon.com/prescriptive-guidance/latest/terraform-aws-provider-best-practices/"
    "security.html",
    check=check,
)
