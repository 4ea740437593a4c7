"""The replicas of a table are backed up and tagged as it is."""

from collections.abc import Iterator

from docferry.preflight.finding import Edit, Finding, Outcome, Severity, Stage
from docferry.preflight.hcl.block import Attribute, Block
from docferry.preflight.hcl.module import Module
from docferry.preflight.hcl.value import UNKNOWN, Value
from docferry.preflight.rule import Context, Rule
from docferry.preflight.rules._global_tables import REPLICA, TABLE, replicas_of

_ON = (True, "true")
_OFF = (None, False, "false")


def check(module: Module, _: Context) -> Iterator[Outcome]:
    """Look for replicas with other backups or tags than their table."""
    for table in module.resources(TABLE):
        backed_up = _is_backed_up(table)
        for replica in replicas_of(table, module):
            yield from _backups(table, replica, backed_up)
            yield from _tags(table, replica)


def _is_backed_up(table: Block) -> Value:
    found = table.block("point_in_time_recovery")
    if found is None:
        return None
    return UNKNOWN if found.dynamic else found.value("enabled")


def _backups(table: Block, replica: Block, backed_up: Value) -> Iterator[Finding]:
    own = replica.value("point_in_time_recovery")
    at = replica.attribute("point_in_time_recovery")
    there = table.block("point_in_time_recovery")
    sure = _is_sure(at, there.attribute("enabled") if there else None)
    if backed_up in _ON and own in _OFF:
        yield RULE.finding(
            at=at or replica,
            message=f"`{table.address}` has point-in-time recovery, its replica has none",
            fix="Set `point_in_time_recovery = true` in the replica.",
            edits=_set(replica, "point_in_time_recovery"),
            certain=sure,
        )
    elif own in _ON and backed_up in _OFF:
        yield RULE.finding(
            at=at or replica,
            message=f"a replica of `{table.address}` has point-in-time recovery, the table has none",
            fix="Add `point_in_time_recovery { enabled = true }` to the table.",
            certain=sure,
        )


def _tags(table: Block, replica: Block) -> Iterator[Finding]:
    tags = table.value("tags")
    # A replica that is a resource has its provider's default tags, and none are asked of it here.
    if not (isinstance(tags, dict) and tags) or replica.labels[:1] == (REPLICA,):
        return
    if replica.value("propagate_tags") in _OFF:
        at = replica.attribute("propagate_tags")
        yield RULE.finding(
            at=at or replica,
            message=f"the tags of `{table.address}` are not on its replica",
            fix="Set `propagate_tags = true` in the replica.",
            edits=_set(replica, "propagate_tags"),
            why="Tags do not follow to a replica by themselves. Costs are not attributed, and who is allowed by "
            "tags is refused in its region.",
            severity=Severity.LOW,
            certain=_is_sure(at, table.attribute("tags")),
        )


def _is_sure(*written: Attribute | None) -> bool:
    """Whether nothing of what is compared hangs on a variable."""
    return not any(one.expression.assumed for one in written if one)


def _set(replica: Block, name: str) -> tuple[Edit, ...]:
    at = replica.attribute(name)
    if at or replica.in_json or replica.dynamic:
        return ()
    return (replica.inserted(f"{name} = true"),)


RULE = Rule(
    id="global-table-uneven",
    title="Replica with other backups or tags than its table",
    severity=Severity.MEDIUM,
    stage=Stage.RUN,
    why="Point-in-time recovery is set for each replica by itself. After a switch to the other region nothing "
    "can be restored that was written wrong there.",
    reference="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html",
    check=check,
)
