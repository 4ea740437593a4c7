"""A bucket's policy is judged for the very role or user of another account that asks.

AWS judges a condition on `aws:PrincipalArn` by who asks
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn);
ministack judges the policies of another account's buckets as if the asking account's root user did.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import s3

from docferry.sandbox.patches import seam

_ASKED = ("owner_account", "bucket_name", "key", "method", "query_params", "caller", "headers")
_asking: ContextVar[str] = ContextVar("access key of who asks another account's bucket", default="")


def apply() -> None:
    """Put who asks in the root user's place, while a bucket of another account is asked."""
    copies = seam.function(s3, "_copy_source_denied", "headers", "caller", "anonymous", "internal")
    allows = seam.function(s3, "_foreign_bucket_allows", *_ASKED)
    judge = seam.function(
        iam_evaluator, "evaluate_resource_policy", "doc", "ctx", "service", "named_only", "direct_only"
    )
    seam.function(iam_evaluator, "resolve_principal", "access_key_id", "account_id", "credential")
    seam.values(s3, "extract_access_key_id")

    def copies_for(headers: Mapping[str, str], *rest: Any) -> Any:
        # It asks for what may be read without telling who does.
        with _told(headers, {}):
            return copies(headers, *rest)

    def allows_for(*asked: Any) -> bool:
        headers, query = asked[6] if len(asked) > 6 else None, asked[4]
        if headers is None:
            return bool(allows(*asked))
        with _told(headers, query):
            return bool(allows(*asked))

    s3._copy_source_denied = copies_for
    s3._foreign_bucket_allows = allows_for
    iam_evaluator.evaluate_resource_policy = lambda doc, ctx, *rest, **named: judge(
        doc, _in_place(ctx), *rest, **named
    )


@contextmanager
def _told(headers: Mapping[str, str], query: Mapping[str, Any]) -> Iterator[None]:
    reset = _asking.set(s3.extract_access_key_id(headers, query) or "")
    try:
        yield
    finally:
        _asking.reset(reset)


def _in_place(context: Any) -> Any:
    key = _asking.get()
    found = iam_evaluator.resolve_principal(key, context.principal_account) if key else None
    if found is None or isinstance(found, iam_evaluator.AuthError):
        return context
    return replace(context, principal_arn=found.arn, principal_type=found.type, principal_keys=found.keys)
