"""What parliament and cloudsplaining say of policies."""

import json
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from cloudsplaining.scan.policy_document import PolicyDocument

with warnings.catch_warnings():
    # It imports pkg_resources, which says of itself that it will be gone.
    warnings.simplefilter("ignore", UserWarning)
    from parliament import analyze_policy_string

Policies = Mapping[str, Mapping[str, Any]]
RISKS = (
    "allows_privilege_escalation",
    "allows_data_exfiltration_actions",
    "all_allowed_unrestricted_actions",
    "permissions_management_without_constraints",
    "credentials_exposure",
    "infrastructure_modification",
    "service_wildcard",
)
"""What cloudsplaining calls a risk: each is a list that is to be empty."""


def findings(policies: Policies) -> list[str]:
    """Return what parliament finds wrong: unknown actions, resources that an action does not take, and more."""
    return [
        f"{where}: {one.issue} {one.detail}"
        for where, policy in policies.items()
        for one in analyze_policy_string(json.dumps(policy), ignore_private_auditors=True).findings
    ]


def risks(policies: Policies) -> list[str]:
    """Return what cloudsplaining finds risky in the policies of identities; resource policies name a principal."""
    return [
        f"{where}: {risk} {_shown(getattr(PolicyDocument(dict(policy)), risk))}"
        for where, policy in policies.items()
        if not _of_resource(policy)
        for risk in RISKS
        if getattr(PolicyDocument(dict(policy)), risk)
    ]


def _of_resource(policy: Mapping[str, Any]) -> bool:
    return any("Principal" in statement for statement in policy["Statement"])


def _shown(found: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, found)))
