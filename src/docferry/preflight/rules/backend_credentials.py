"""No credentials in a backend block."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import CLOUD, backends, credentials, is_aws_secret

_NAMES = {
    CLOUD: ("token",),
    "s3": ("secret_key", "token", "access_key", "sse_customer_key"),
    "azurerm": ("access_key", "sas_token", "client_secret"),
    "consul": ("access_token",),
    "gcs": ("access_token", "encryption_key"),
    "kubernetes": ("token", "password"),
    "pg": ("conn_str",),
    "http": ("password",),
    "remote": ("token",),
}
# An address may come without a password.
_LOGS_IN = re.compile(r"://[^/@]*:[^/@]+@|\bpassword\s*=")
_LOGIN = "with `terraform login`, or in the environment, such as TF_TOKEN_app_terraform_io"
_GIVEN = {
    CLOUD: _LOGIN,
    "s3": "in the environment, such as AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "azurerm": "in the environment: ARM_ACCESS_KEY, ARM_SAS_TOKEN or ARM_CLIENT_SECRET",
    "consul": "in the environment: CONSUL_HTTP_TOKEN",
    "gcs": "in the environment: GOOGLE_OAUTH_ACCESS_TOKEN or GOOGLE_ENCRYPTION_KEY",
    "kubernetes": "in the environment: KUBE_TOKEN or KUBE_PASSWORD",
    "pg": "in the environment: PG_CONN_STR, or PGUSER and PGPASSWORD",
    "http": "in the environment: TF_HTTP_PASSWORD",
    "remote": _LOGIN,
}
"""Where Terraform looks for the credentials of a backend."""


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for credentials written into backend blocks."""
    clouds = (one for terraform in module.of("terraform") for one in terraform.blocks(CLOUD))
    for backend in (*backends(module), *clouds):
        kind = backend.name or CLOUD
        found = [
            one for one in credentials(backend, _NAMES.get(kind, ())) if kind != "pg" or _LOGS_IN.search(one[1])
        ]
        if found:
            named = ", ".join(f"`{one.name}`" for one, _ in found)
            sure = any(is_aws_secret(value) for _, value in found)
            yield RULE.finding(
                at=found[0][0],
                subject=f"backend.{kind}" if backend.name else CLOUD,
                message=f"{named} of the backend written in the configuration",
                fix="Take the lines out, replace the credentials at their issuer, and give the new ones "
                f"{_GIVEN[kind]}.",
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
