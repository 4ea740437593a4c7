"""A state in S3 is written with the encryption that its backend names."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._backend import S3_PAGE, backends, config_files_with, is_partial

_CUSTOMERS = "sse_customer_key"
_KEYS = ("kms_key_id", _CUSTOMERS)
_FIX_OF_CUSTOMERS = (
    "Encrypt the state that is there with the key, by copying it onto itself, and set `encrypt = true` then: "
    "Terraform sends the key with each read as well, and S3 refuses that for what was written without it."
)


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for S3 backends that do not ask for encryption."""
    for backend in backends(module, "s3"):
        encrypt = backend.value("encrypt")
        if encrypt in (True, "true") or encrypt is UNKNOWN:
            continue
        key = next((name for name in _KEYS if backend.value(name) not in (None, "")), None)
        if encrypt is None and (is_partial(backend) or config_files_with(context, module, "encrypt")):
            continue
        if key:
            yield RULE.finding(
                at=backend.attributes[key],
                subject="backend.s3",
                message=f"`{key}` of the backend has no effect without `encrypt = true`",
                fix="Set `encrypt = true`." if key != _CUSTOMERS else _FIX_OF_CUSTOMERS,
                # With a customer's key Terraform cannot read the state that is there, written without it.
                edits=_edits(backend) if key != _CUSTOMERS else (),
                why="Terraform sends the key only with `encrypt = true`. Without it the state is encrypted as the "
                "bucket says, and as SSE-S3 if it says nothing.",
                severity=Severity.MEDIUM,
            )
        else:
            yield RULE.finding(
                at=backend.attributes.get("encrypt") or backend,
                subject="backend.s3",
                message="the backend does not ask for encryption",
                fix="Set `encrypt = true`, with `kms_key_id` where the bucket encrypts with a KMS key.",
            )


def _edits(backend: Block) -> tuple[Edit, ...]:
    written = backend.attribute("encrypt")
    if written:
        return (written.expression.replaced("true"),)
    return () if backend.in_json else (backend.inserted("encrypt = true"),)


RULE = Rule(
    id="backend-unencrypted",
    title="Backend without `encrypt = true`",
    severity=Severity.LOW,
    stage=Stage.RUN,
    why="S3 encrypts every object since January 2023, so the state is not in the clear. But a bucket whose policy "
    "denies writes without an encryption header refuses it, and elsewhere than in AWS nothing may encrypt it.",
    reference=S3_PAGE,
    check=check,
)
