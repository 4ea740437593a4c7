"""What rules on the replication of buckets share."""

from collections.abc import Iterator
from dataclasses import dataclass

from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.rules._s3_buckets import bucket_of

CONFIGURATION = "aws_s3_bucket_replication_configuration"
VERSIONING = "aws_s3_bucket_versioning"


@dataclass(frozen=True, slots=True)
class End:
    """A bucket that is replicated, or replicated to: what names it, and which of the module's it is, if any."""

    at: Attribute
    bucket: Block | None
    is_source: bool

    @property
    def name(self) -> str:
        """What to call it in a message."""
        which = "source" if self.is_source else "target"
        return f"the {which} bucket `{self.bucket.address}`" if self.bucket else f"the {which} bucket"


def ends(configuration: Block, module: Module) -> Iterator[End]:
    """Give the source and every target of a replication configuration, each bucket once."""
    source = configuration.attribute("bucket")
    given = [(source, True)]
    given += [(one.attribute("bucket"), False) for one in configuration.blocks("rule", "destination")]
    seen: list[Block] = []
    for at, is_source in given:
        bucket = bucket_of(at.value, module) if at else None
        if at is not None and bucket not in seen:
            yield End(at, bucket, is_source)
            seen += [bucket] if bucket else []


def sse_kms(rule: Block) -> Block | None:
    """Return the block of a replication rule that is about objects encrypted with KMS keys, or None."""
    return next(iter(rule.blocks("source_selection_criteria", "sse_kms_encrypted_objects")), None)
