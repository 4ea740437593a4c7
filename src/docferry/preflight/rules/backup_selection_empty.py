"""A selection of AWS Backup selects something."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import Unknown
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._tags import Tags, tags_of

SELECTION = "aws_backup_selection"
# What AWS Backup takes copies of.
SUPPORTED = (
    "aws_cloudformation_stack",
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_dsql_cluster",
    "aws_dynamodb_table",
    "aws_dynamodb_table_replica",
    "aws_ebs_volume",
    "aws_efs_file_system",
    "aws_eks_cluster",
    "aws_fsx_lustre_file_system",
    "aws_fsx_ontap_volume",
    "aws_fsx_openzfs_file_system",
    "aws_fsx_windows_file_system",
    "aws_instance",
    "aws_neptune_cluster",
    "aws_rds_cluster",
    "aws_redshift_cluster",
    "aws_redshiftserverless_namespace",
    "aws_s3_bucket",
    "aws_storagegateway_cached_iscsi_volume",
    "aws_storagegateway_stored_iscsi_volume",
    "aws_timestreamwrite_table",
)
# These tag what is not written here as a resource with tags: instances and their volumes among it.
TAGGED_APART = ("aws_autoscaling_group", "aws_dynamodb_tag", "aws_ec2_tag", "aws_launch_template")
# An instance's volumes may have tags of their own.
_VOLUMES = ("root_block_device", "ebs_block_device")
_KEY = "aws:ResourceTag/"


def check(module: Module, context: Context) -> Iterator[Outcome]:
    """Look for selections by tags that nothing in the configuration has."""
    for selection in module.resources(SELECTION):
        wanted = _wanted(selection)
        if wanted == []:
            continue
        candidates = module.resources(*SUPPORTED)
        elsewhere = module.callers or module.of("module") or module.resources(*TAGGED_APART) or not module.complete
        if wanted is None or elsewhere or not candidates:
            yield RULE.undecided(
                at=selection, what_is_unknown="which resources have its tags: not all can be seen"
            )
            continue
        held = [tags_of(one, module, context.tree) for one in candidates]
        matches = [_matches(one, each.tags, wanted) for one, each in zip(candidates, held, strict=True)]
        if None in matches and True not in matches:
            yield RULE.undecided(at=selection, what_is_unknown="the tags of all resources")
        elif True not in matches:
            said = " and ".join(" or ".join(f"`{key}` = `{value}`" for key, value in any_of) for any_of in wanted)
            yield RULE.finding(
                at=selection,
                message=f"nothing here that AWS Backup can copy has the tag {said}",
                fix=f"Give it to what is to be backed up: {', '.join(one.address for one in candidates[:3])}.",
                certain=not (_is_assumed(selection) or any(one.assumed for one in held)),
            )


def _is_assumed(selection: Block) -> bool:
    """Whether it hangs on a variable which tags are asked for."""
    written = (one.attribute(name) for one in selection.walk() for name in ("key", "value"))
    return any(one.expression.assumed for one in written if one)


Condition = tuple[str, str]


def _wanted(selection: Block) -> list[list[Condition]] | None:
    """Return tags of which a resource needs one of each list, an empty list if no tag is asked for, or None."""
    any_of = _conditions(selection.blocks("selection_tag"))
    conditions = selection.blocks("condition")
    each_of = [_conditions(one.blocks(kind)) for one in conditions for kind in ("string_equals", "string_like")]
    if any_of is None or None in each_of or any(one.dynamic for one in conditions):
        return None
    if any_of:
        # Resources that are named are taken besides.
        return None if conditions else [any_of] if selection.value("resources") in (None, []) else []
    return [[pair] for pairs in each_of if pairs for pair in pairs]


def _conditions(blocks: tuple[Block, ...]) -> list[Condition] | None:
    found = []
    for one in blocks:
        key, value = one.value("key"), one.value("value")
        if one.dynamic or not isinstance(key, str) or not isinstance(value, str):
            return None
        found.append((key.removeprefix(_KEY), value))
    return found


def _matches(resource: Block, tags: Tags, wanted: list[list[Condition]]) -> bool | None:
    """Return whether a resource has the tags, None if it cannot be told."""
    if isinstance(tags, Unknown) or "volume_tags" in resource.attributes:
        return None
    if any(one.attribute("tags") for kind in _VOLUMES for one in resource.blocks(kind)):
        return None
    found: list[bool | None] = []
    for any_of in wanted:
        held = [(tags[key], value) for key, value in any_of if key in tags]
        if any(isinstance(one, str) and fnmatchcase(one, value) for one, value in held):
            found.append(True)
        else:
            found.append(None if any(not isinstance(one, str) for one, _ in held) else False)
    return False if False in found else None if None in found else True


RULE = Rule(
    id="backup-selection-empty",
    title="Selection of AWS Backup that selects nothing",
    severity=Severity.MEDIUM,
    stage=Stage.RUN,
    why="The plan is there and copies nothing: no job fails, and nobody sees it before a copy is needed.",
    reference="https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html",
    check=check,
)
