"""What rules on global tables share."""

from collections.abc import Iterator

from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Reference

TABLE = "aws_dynamodb_table"
REPLICA = "aws_dynamodb_table_replica"


def replicas_of(table: Block, module: Module) -> Iterator[Block]:
    """Give the replicas of a table that are sure to be there: blocks in it, and resources that name it."""
    yield from (one for one in table.blocks("replica") if not one.perhaps_absent)
    for resource in module.resources(REPLICA):
        if table_of(resource, module) is table and not resource.perhaps_absent:
            yield resource


def table_of(replica: Block, module: Module) -> Block | None:
    """Return the table of a module that a resource is a replica of."""
    value = replica.value("global_table_arn")
    block = module.resolve(value) if isinstance(value, Reference) else None
    return block if block is not None and block.type == "resource" and block.labels[0] == TABLE else None


def is_strong(table: Block) -> bool:
    """Whether a table is strongly consistent over its regions, or may be."""
    modes = [one.value("consistency_mode") for one in table.blocks("replica")]
    return any(one == "STRONG" or one is UNKNOWN for one in modes)
