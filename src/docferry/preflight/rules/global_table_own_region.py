"""A replica is in another region than its table."""

from collections.abc import Iterator

from docferry.preflight.finding import Outcome, Severity, Stage
from docferry.preflight.hcl.block import Block
from docferry.preflight.hcl.expression import Expression
from docferry.preflight.hcl.module import Module
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._global_tables import REPLICA, TABLE, table_of


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for replicas in the region that the table is in."""
    for table in module.resources(TABLE):
        home = _region(table, module)
        for replica in table.blocks("replica"):
            named = replica.attribute("region_name")
            if home and named and isinstance(named.value, str) and named.value == home.value:
                yield RULE.finding(
                    at=named,
                    message=f"a replica in {named.value}, where the table itself is",
                    fix="Leave it out: `replica` blocks are for the other regions only.",
                    certain=not (named.expression.assumed or home.assumed),
                )
    for replica in module.resources(REPLICA):
        one = table_of(replica, module)
        if one and _same_region(replica, one, module):
            yield RULE.finding(
                at=replica,
                message=f"a replica of `{one.address}` where the table itself is",
                fix="Give it the `provider` of another region.",
            )


def _same_region(replica: Block, table: Block, module: Module) -> bool:
    if "region" in replica.attributes or "region" in table.attributes:
        return False
    own, other = _region(replica, module), _region(table, module)
    if own and other and isinstance(own.value, str):
        return own.value == other.value and not (own.assumed or other.assumed)
    return _alias(replica) == _alias(table)


def _alias(block: Block) -> str:
    """Return the alias of a resource's provider: nothing for the default one."""
    given = block.attribute("provider")
    if given is None:
        return ""
    # As JSON it is a text.
    name = given.value if isinstance(given.value, str) else ".".join(map(str, given.references[:1]))
    return name.partition(".")[2]


def _region(block: Block, module: Module) -> Expression | None:
    """Return what says the region of a resource, if that is written here."""
    if "region" in block.attributes:
        return block.attributes["region"].expression
    for provider in module.of("provider"):
        if provider.name == "aws" and (provider.value("alias") or "") == _alias(block):
            region = provider.attribute("region")
            return region.expression if region else None
    return None


RULE = Rule(
    id="global-table-own-region",
    title="Replica in the table's own region",
    severity=Severity.CRITICAL,
    stage=Stage.APPLY,
    why='DynamoDB makes the table and then refuses the replica: "Cannot add, delete, or update the local region '
    'through ReplicaUpdates". The table is there, tainted, and the next apply replaces it.',
    reference="https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html",
    check=check,
)
