"""Made-up operation logs for the tests of the oracle, the judge and the lag."""

from docferry.demo.oplog import Begin, End, Line
from docferry.demo.state import DocumentState, State, digest_of
from docferry.domain.change import Kind
from docferry.settings import Aws, Settings, Side


def document(body: bytes = b"x", written: int = 1, tagged: int = 1) -> DocumentState:
    return DocumentState(digest_of(body), "text/plain", {"generation": str(written)}, {"generation": str(tagged)})


def record(generation: int, **more: str) -> State:
    return {"owner": {"S": "o"}, "generation": {"N": str(generation)}, **{n: {"S": v} for n, v in more.items()}}


def operation(
    op: int,
    state: State,
    *,
    key: str = "k",
    store: Kind = Kind.DOCUMENT,
    by: str = "writer-0",
    kind: str = "overwrite",
    acknowledged: bool | None = True,
    start: float | None = None,
    took: float = 0.5,
) -> list[Line]:
    """One operation's lines; operation n begins at n seconds. `acknowledged=None` leaves it without an answer."""
    at = float(op) if start is None else start
    begin = Begin(op, by, kind, store, key, state, at)
    if acknowledged is None:
        return [begin]
    return [begin, End(op, acknowledged, at + took, 0.0, error="" if acknowledged else "it failed")]


def settings_at(url: str, *, target: str = "target", **aws: str) -> Settings:
    """Settings for a source and a target at one endpoint."""

    def side(name: str) -> Side:
        rest = {"queue": "q", "control_table": "c", "conflicts_table": "k", "journal_table": "j"}
        return Side(region="eu-west-1", bucket=f"bucket-{name}", table=f"table-{name}", **rest)

    return Settings(aws=Aws(endpoint_url=url, **aws), source=side("source"), target=side(target))
