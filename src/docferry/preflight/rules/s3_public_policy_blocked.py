"""A bucket with a policy for everyone is one that takes such a policy."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Unknown
from docferry.preflight.policies import policy_of
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._grants import may_deny_most
from docferry.preflight.rules._order import is_after, waits_for
from docferry.preflight.rules._s3_buckets import BUCKET, about, bucket_of, is_imported, same_one

_BLOCK = "aws_s3_bucket_public_access_block"
_ARGUMENT = "block_public_policy"


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for policies for everyone of buckets that block public policies, as all new ones do."""
    yield from _inside(module)
    for policy in module.resources("aws_s3_bucket_policy"):
        bucket = bucket_of(policy.value("bucket"), module)
        if bucket is None or policy.absent or not _is_public(policy, module):
            continue
        blocks = about(bucket, _BLOCK, module)
        for one in blocks.blocks:
            if same_one(one, policy, bucket):
                yield from _under(one, policy, module)
        if not blocks.blocks and blocks.all_of_them and not is_imported(bucket, module):
            yield RULE.finding(
                at=policy,
                message=f"it is for everyone, and `{bucket.address}` blocks such policies, as buckets made since "
                "April 2023 do",
                fix=_FIX,
                certain=not policy.repeated,
            )


def _inside(module: Module) -> Iterator[Outcome]:
    """Look into buckets with a policy of their own: nothing can be made between the two."""
    for bucket in module.resources(BUCKET):
        written = bucket.attribute("policy")
        if written and not bucket.absent and _is_public(bucket, module) and not is_imported(bucket, module):
            yield RULE.finding(
                at=written,
                message="it is for everyone, and buckets made since April 2023 block such policies",
                fix=_FIX,
                certain=not bucket.repeated,
            )


def _is_public(policy: Block, module: Module) -> bool:
    """Whether it lets everyone in. One with a condition, or that denies, may count as public or not."""
    held = policy.attribute("policy")
    found = policy_of(held.expression, module) if held else UNKNOWN
    if isinstance(found, Unknown) or may_deny_most(found):
        return False
    return any(one.allows and one.conditions == () and one.for_everyone for one in found.statements)


def _under(block: Block, policy: Block, module: Module) -> Iterator[Outcome]:
    """Say what the bucket's own block of public access means for a policy for everyone."""
    argument = block.attribute(_ARGUMENT)
    blocked = None if argument is None else argument.value
    if block.perhaps_absent or blocked not in (None, False, "false", True, "true"):
        yield RULE.undecided(at=policy, what_is_unknown=f"whether `{block.address}` blocks policies for everyone")
    elif blocked in (True, "true"):
        yield RULE.finding(
            at=policy,
            message=f"it is for everyone, and `{block.address}` blocks such policies",
            fix=_FIX,
            certain=argument is not None and not argument.expression.assumed and not policy.repeated,
        )
    elif not is_after(policy, block, module):
        yield RULE.finding(
            at=policy,
            message=f"it is for everyone and does not wait for `{block.address}`, which lets it through",
            fix=f"Add `depends_on = [{block.address}]`.",
            edits=waits_for(policy, [block.address]),
            severity=Severity.MEDIUM,
        )


_FIX = (
    "Name who is meant as the principal. If it is for everyone indeed, say so with "
    f"`{_BLOCK}` (`{_ARGUMENT} = false`, `restrict_public_buckets = false`) and wait for that with `depends_on`."
)

RULE = Rule(
    id="s3-public-policy-blocked",
    title="Policy for everyone of a bucket that blocks such policies",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="Buckets that were made since April 2023 block public access unless told otherwise. S3 refuses the policy "
    "with `AccessDenied`, whatever permissions one has.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    check=check,
)
