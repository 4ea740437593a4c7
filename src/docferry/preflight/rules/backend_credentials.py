"""No credentials in a backend block."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import backends, credentials, is_aws_secret

_NAMES = {
    "s3": ("secret_key", "token", "access_key"),
    "azurerm": ("access_key", "sas_token", "client_secret"),
    "consul": ("access_token",),
    "http": ("password",),
    "remote": ("token",),
}
_GIVEN = {
    "s3": "in the environment, such as AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "azurerm": "in the environment: ARM_ACCESS_KEY, ARM_SAS_TOKEN or ARM_CLIENT_SECRET",
    "consul": "in the environment: CONSUL_HTTP_TOKEN",
    "http": "in the environment: TF_HTTP_PASSWORD",
    "remote": "with `terraform login`, or in the environment, such as TF_TOKEN_app_terraform_io",
}
"""Where Terraform looks for the credentials of a backend."""


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for credentials written into backend blocks."""
    for backend in backends(module):
        found = credentials(backend, _NAMES.get(backend.name, ()))
        if found:
            named = ", ".join(f"`{one.name}`" for one, _ in found)
            sure = any(is_aws_secret(value) for _, value in found)
            yield RULE.finding(
                at=found[0][0],
                subject=f"backend.{backend.name}",
                message=f"{named} of the backend written in the configuration",
                fix="Take the lines out, replace the credentials at their issuer, and give the new ones "
                f"{_GIVEN[backend.name]}.",
                severity=Severity.CRITICAL if sure else Severity.HIGH,
            )


RULE = Rule(
    id="backend-credentials",
    title="Credentials in a backend block",
    severity=Severity.CRITICAL,
    stage=Stage.NEVER,
    why="Whoever reads the repository can read and write the state, with every secret in it. `terraform init` "
    "also writes them into .terraform, and `terraform plan` into saved plan files.",
    reference="https://developer.hashicorp.com/terraform/language/backend#credentials-and-sensitive-data",
    check=check,
)
