"""A policy is one that IAM takes."""

import re
from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.json_text import fault
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference, Template, Value
from docferry.preflight.policies import policies, written_in
from docferry.preflight.policy import Policy, Statement, told
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._policy_kinds import Kind, kinds

_VERSIONS = ("2012-10-17", "2008-10-17")
_TYPES = ("*", "AWS", "CanonicalUser", "Federated", "Service")
_SID = re.compile("[0-9A-Za-z]*")
# Not `*`, nor one of IAM's own variables, nor what an empty variable leaves of an ARN.
_NAME = re.compile("[0-9A-Za-z]")
_NO_ARN = {
    "aws_cloudwatch_log_group": ("id", "name"),
    "aws_dynamodb_table": ("id", "name"),
    "aws_iam_role": ("id", "name"),
    "aws_kms_key": ("id", "key_id"),
    "aws_lambda_function": ("id", "function_name"),
    "aws_s3_bucket": ("id", "bucket"),
    "aws_sns_topic": ("name",),
    "aws_sqs_queue": ("id", "name", "url"),
}
"""Attributes that are names, of resources that have an `arn` besides."""

Fault = tuple[str, str]
"""What is wrong, and how to mend it."""


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for policies that are no JSON, and for statements that IAM refuses."""
    yield from _no_json(module)
    for policy, block, argument in policies(module):
        of = kinds(block, argument, module)
        if not of or "override_policy_documents" in block.attributes:
            continue
        if isinstance(policy.version, str) and policy.version not in _VERSIONS:
            yield RULE.finding(
                at=policy,
                message=f"there is no version `{policy.version}` of IAM's language",
                fix=f'Write "{_VERSIONS[0]}".',
            )
        for statement in policy.statements:
            for message, fix in _faults(statement, of):
                yield RULE.finding(
                    at=statement, message=message, fix=fix, certain=not statement.hangs_on_a_variable
                )
        yield from _same_sids(policy, of)


def _no_json(module: Module) -> Iterator[Outcome]:
    for block in module.resources():
        for _, held in written_in(block):
            text = held.value
            if not block.labels[0].startswith("aws_") or not isinstance(text, str | Template):
                continue
            start = text if isinstance(text, str) else text.parts[0]
            where = fault(text) if isinstance(start, str) and start.lstrip().startswith("{") else ""
            if where:
                yield RULE.finding(
                    at=held,
                    message=f"the policy is no JSON ({where})",
                    fix="Write it with `jsonencode()` or as a data source `aws_iam_policy_document`.",
                    why="The provider reads the policy before it makes anything, and refuses it.",
                    stage=Stage.VALIDATE if isinstance(text, str) else Stage.PLAN,
                )


def _faults(statement: Statement, of: frozenset[Kind]) -> Iterator[Fault]:
    written = statement.written
    if "effect" not in written:
        yield "the statement has no `Effect`", 'Add `Effect`, "Allow" or "Deny".'
    elif isinstance(statement.effect, str) and statement.effect not in ("Allow", "Deny"):
        yield f"`{statement.effect}` is no effect", 'Write "Allow" or "Deny", in these letters.'
    if not written & {"action", "notaction"}:
        yield "the statement has no `Action`", "Add the actions that it is about."
    for one in (*told(statement.actions), *told(statement.not_actions)):
        if isinstance(one, str) and one != "*" and ":" not in one:
            yield f"the action `{one}` names no service", f"Write the service before it, such as `s3:{one}`."
    yield from _out_of_place(statement, of)
    yield from _principals(statement)
    if Kind.RESOURCE not in of and isinstance(statement.sid, str) and not _SID.fullmatch(statement.sid):
        yield f"the statement's name `{statement.sid}` has more than letters and digits", "Leave these out."


def _out_of_place(statement: Statement, of: frozenset[Kind]) -> Iterator[Fault]:
    """Tell what a statement must not have where it is, and what it must."""
    no_principal = not statement.written & {"principal", "notprincipal"}
    if Kind.IDENTITY in of:
        # What may be null, or made by a `dynamic` block, may be there or not.
        if told(statement.principals) or told(statement.not_principals):
            yield (
                "the statement names a principal, and is for whoever has the policy",
                "Leave the principal out, or make it the policy of the resource that is meant.",
            )
        if not statement.written & {"resource", "notresource"}:
            yield "the statement has no `Resource`", 'Add the ARNs that it is about, or "*".'
        for one in (*told(statement.resources), *told(statement.not_resources)):
            if name := _no_arn(one):
                yield f"the resource `{name}` is no ARN", "Write the ARN, such as the resource's attribute `arn`."
    elif no_principal:
        yield "the statement has no `Principal`", "Add who it is for."
    if Kind.TRUST in of and (told(statement.resources) or told(statement.not_resources)):
        yield "the statement has a `Resource`, and is about the role it is in", "Leave the resource out."


def _principals(statement: Statement) -> Iterator[Fault]:
    for kind, value in (*told(statement.principals), *told(statement.not_principals)):
        if not kind:
            yield "the principal has no type", 'Write it with one, such as `{ "AWS": "arn:..." }`.'
            return
        if kind not in _TYPES:
            yield f"there are no principals of the type `{kind}`", f"Write one of {', '.join(_TYPES[1:])}."
        if kind == "AWS" and isinstance(value, str) and value != "*" and ("*" in value or "?" in value):
            yield (
                f"the principal `{value}` is a pattern",
                'Name each, or write "*" with a condition on `aws:PrincipalArn`.',
            )


def _no_arn(value: Value) -> str:
    """Return the name that stands where an ARN should, or nothing."""
    first = value.parts[0] if isinstance(value, Template) else value
    if isinstance(first, Reference):
        return str(first) if first.attribute in _NO_ARN.get(first.parts[0], ()) else ""
    if not isinstance(first, str) or first.startswith("arn:") or not _NAME.match(first):
        return ""
    return first if isinstance(value, str) else f"{first}..."


def _same_sids(policy: Policy, of: frozenset[Kind]) -> Iterator[Outcome]:
    seen: set[str] = set()
    for one in policy.statements if Kind.RESOURCE not in of else ():
        # Of two that may be there often only one is: the other stands for when it is not.
        perhaps = isinstance(one.origin, Block) and one.origin.dynamic
        if isinstance(one.sid, str) and one.sid and not perhaps:
            if one.sid in seen:
                yield RULE.finding(
                    at=one,
                    message=f"another statement of the policy is called `{one.sid}`",
                    fix="Call it something else, or leave the name out.",
                )
            seen.add(one.sid)


RULE = Rule(
    id="iam-policy-malformed",
    title="Policy that IAM does not take",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="Terraform passes the policy on as it is, and the service refuses it: `MalformedPolicyDocument`. What was "
    "made before stays.",
    reference="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
    check=check,
)
