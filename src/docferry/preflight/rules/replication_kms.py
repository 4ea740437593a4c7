"""Objects that are encrypted with KMS keys are replicated only where that is asked for, and allowed."""

from collections.abc import Iterator

from docferry.preflight.finding import Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Reference
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._order import is_after
from docferry.preflight.rules._replication import CONFIGURATION, sse_kms
from docferry.preflight.rules._replication_role import grants, may, role_of
from docferry.preflight.rules._s3_buckets import about, bucket_of

_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_INLINE = "server_side_encryption_configuration"
_ALGORITHMS = ("aws:kms", "aws:kms:dsse")
_DECRYPT = ("kms:Decrypt",)
_ENCRYPT = ("kms:Encrypt", "kms:GenerateDataKey")
_KEYS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_key_policy", "aws_kms_grant")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for replications that S3 refuses or that leave encrypted objects behind."""
    for configuration in module.resources(CONFIGURATION):
        source = bucket_of(configuration.value("bucket"), module)
        encrypted = _encrypted(source, module) if source else None
        asked = False
        for rule in configuration.blocks("rule"):
            selected, key = sse_kms(rule), _replica_key(rule)
            asked = asked or bool(selected and selected.value("status") == "Enabled")
            yield from _half(rule, selected, key)
            applies = not rule.dynamic and rule.value("status") != "Disabled"
            if source and encrypted and applies and selected is None and key is None:
                yield RULE.finding(
                    at=rule,
                    message=f"`{source.address}` is encrypted with a KMS key, so its objects are not replicated",
                    fix=_FIX,
                    why="S3 leaves objects that are encrypted with KMS keys out of a replication unless the rule "
                    "asks for them. Nothing says so: they have no replication status.",
                    stage=Stage.RUN,
                    certain=not encrypted.expression.assumed,
                )
        if asked:
            yield from _not_allowed(configuration, module)


def _half(rule: Block, selected: Block | None, key: Attribute | None) -> Iterator[Finding]:
    if selected and not selected.dynamic and selected.value("status") == "Enabled" and not _has_key(rule):
        yield RULE.finding(
            at=selected,
            message="objects encrypted with KMS keys are to be replicated, but there is no key for the replicas",
            fix="Add `encryption_configuration { replica_kms_key_id = ... }` to the destination, with a key of "
            "its region.",
            why='S3 refuses it: "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present".',
        )
    if key and selected is None and key.value not in (None, ""):
        yield RULE.finding(
            at=key,
            message="there is a key for replicas, but objects encrypted with KMS keys are not selected",
            fix=_FIX,
            why='S3 refuses it: "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present".',
        )


def _has_key(rule: Block) -> bool:
    return bool(rule.blocks("destination", "encryption_configuration"))


def _replica_key(rule: Block) -> Attribute | None:
    """Return what names the key for replicas, if it is sure to be there."""
    sure = [one for one in rule.blocks("destination", "encryption_configuration") if not one.dynamic]
    return sure[0].attribute("replica_kms_key_id") if sure else None


def _encrypted(bucket: Block, module: Module) -> Attribute | None:
    """Return what says that a bucket encrypts with a KMS key."""
    for one in (*about(bucket, _ENCRYPTION, module).blocks, *bucket.blocks(_INLINE)):
        for rule in one.blocks("rule"):
            for default in rule.blocks("apply_server_side_encryption_by_default"):
                algorithm = default.attribute("sse_algorithm")
                perhaps = one.perhaps_absent or rule.perhaps_absent or default.perhaps_absent
                if algorithm and algorithm.value in _ALGORITHMS and not perhaps:
                    return algorithm
    return None


def _not_allowed(configuration: Block, module: Module) -> Iterator[Finding]:
    role = role_of(configuration, module)
    if role is None or any(is_after(one, role, module) for one in module.resources(*_KEYS)):
        # A key's own policy may allow the role what its policies do not.
        return
    held = grants(role, module)
    missing = [
        names[0] for names in (_DECRYPT, _ENCRYPT) if not any(may(held, one, module=module) for one in names)
    ]
    if missing and held.complete:
        yield RULE.finding(
            at=configuration.attributes["role"],
            message=f"`{role.address}` does not allow {' and '.join(missing)}",
            fix="Allow `kms:Decrypt` on the source's key and `kms:Encrypt` on the key for replicas.",
            why="Every object that is encrypted with a KMS key fails to replicate, unless the keys' own policies "
            "let the role use them.",
            severity=Severity.HIGH if _is_ruled_by_iam(configuration, module) else Severity.MEDIUM,
            stage=Stage.RUN,
            certain=not configuration.attributes["role"].expression.assumed,
        )


def _is_ruled_by_iam(configuration: Block, module: Module) -> bool:
    """Whether the key for replicas is of this module and has no policy of its own, which might name the role."""
    keys = [_replica_key(rule) for rule in configuration.blocks("rule")]
    found = [module.resolve(one.value) for one in keys if one and isinstance(one.value, Reference)]
    own = any("policy" in one.attributes for one in found if one) or module.resources("aws_kms_key_policy")
    # A key that is asked for, or named by an alias, has a policy that is not seen.
    here = all(one is not None and one.type == "resource" and one.labels[0] in _KEYS[:2] for one in found)
    return here and bool(found) and not own


_FIX = (
    'Add `source_selection_criteria { sse_kms_encrypted_objects { status = "Enabled" } }`, a `replica_kms_key_id` '
    "of the target's region, and let the role decrypt and encrypt."
)

RULE = Rule(
    id="replication-kms",
    title="Replication without objects encrypted with KMS keys",
    severity=Severity.HIGH,
    stage=Stage.APPLY,
    why="S3 replicates objects that are encrypted with KMS keys only where a rule selects them, names a key for "
    "the replicas, and the role may use both keys.",
    reference="https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
    check=check,
)
