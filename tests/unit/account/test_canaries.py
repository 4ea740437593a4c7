import pytest

from docferry.account import canaries
from docferry.account.canaries import AT_WORK_S
from docferry.account.port import Tree
from docferry.domain.errors import DocferryError, Retryable, ServiceError
from docferry.domain.reserved import OWN, PREFLIGHT
from docferry.preflight.finding import Severity
from docferry.simulation.account import denied
from tests.unit.account.places import Places, the_finding, the_unknown


def rule(bucket: str, **more: object) -> Tree:
    destination = {"Bucket": [f"arn:aws:s3:::{bucket}"]}
    return {"Rule": [{"Status": ["Enabled"], "Destination": [destination], **more}]}


LASTING: dict[str, Tree] = {
    "versioning": {"Status": ["Enabled"], "MfaDelete": ["Enabled"]},
    "object-lock": {"ObjectLockEnabled": ["Enabled"], "Rule": [{"DefaultRetention": [{"Mode": ["GOVERNANCE"]}]}]},
    "replication": rule("a-backup"),
}


@pytest.mark.parametrize("setting", LASTING)
async def test_no_canary_is_put_where_it_would_last(setting: str) -> None:
    places = Places()
    places.target.account.settings[setting] = LASTING[setting]
    found = await canaries.fitness(places.target.nest, "source-documents", places.clock.now())
    assert not found.fit
    the_unknown(found.outcomes, "account-canary", "target-documents", "none was put")


@pytest.mark.parametrize("operation", ["erase", "canaries"])
async def test_no_canary_is_put_where_it_could_not_be_removed_and_the_statement_is_named(operation: str) -> None:
    places = Places()
    places.target.canaries.refusals[operation] = denied("s3:DeleteObjectVersion")
    outcomes = await places.checked()
    words = ("s3:DeleteObjectVersion", "arn:aws:s3:::target-documents/.docferry/*", "s3:ListBucketVersions")
    the_unknown([one for one in outcomes if one.rule == "account-canary"], "account-canary", *words)
    assert places.target.canaries.stacks == {}
    # The other side is proved all the same.
    assert "canaries removed from source-documents: 2 versions" in places.told


@pytest.mark.parametrize("error", [Retryable("503"), ServiceError("Teapot", code="Teapot", status=418)])
async def test_a_bucket_that_cannot_be_asked_gets_no_canary(error: DocferryError) -> None:
    places = Places()
    places.target.canaries.refusals["canaries"] = error
    first, *others = await places.checked()
    the_unknown([first], "account-canary", "target-documents", str(error))
    # What canaries prove is not proved there.
    assert [(one.rule, one.subject.split()[-1]) for one in others] == [
        ("account-encryption", "s3://target-documents"),
        ("account-conditional-writes", "s3://target-documents"),
        ("account-event", "(eu-west-1)"),
    ]
    assert places.target.canaries.stacks == {}


async def test_what_a_killed_run_left_is_removed_and_another_run_s_is_not() -> None:
    places = Places()
    nest, now = places.target.nest, places.clock.now()
    places.target.canaries.push(PREFLIGHT[2], b"killed", now - AT_WORK_S - 1)
    places.target.canaries.push(PREFLIGHT[2], None, now - AT_WORK_S - 1)
    assert (await canaries.fitness(nest, "", now)).fit
    assert places.left == []
    places.target.canaries.push(PREFLIGHT[2], b"at work", now - 1)
    the_unknown((await canaries.fitness(nest, "", now)).outcomes, "account-canary", "another run")
    assert places.left == [PREFLIGHT[2]]


async def test_a_canary_that_stays_is_a_finding_with_its_version() -> None:
    places = Places()

    async def stuck(key: str, version: str) -> None:
        if version != "null":
            raise Retryable("503")

    places.target.canaries.erase = stuck  # type: ignore[method-assign]
    found = [one for one in await places.checked() if one.rule == "account-canary"]
    assert len(found) == len(places.left) > 0
    the_finding(found[:1], "account-canary", Severity.MEDIUM, "version v", PREFLIGHT[2], "delete-object --region")


async def test_the_other_bucket_s_canaries_are_removed_where_one_does_not_answer() -> None:
    places = Places()
    calls = 0

    async def silent() -> tuple[()]:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise Retryable("503")
        return ()

    places.source.canaries.canaries = silent  # type: ignore[method-assign]
    the_finding(await places.checked(), "account-canary", Severity.MEDIUM, "source-documents", "503")
    assert not any(places.target.canaries.stacks.values())


@pytest.mark.parametrize(
    ("setting", "replicas"),
    [
        ({}, set()),
        (rule("t"), {"t"}),
        (rule("t", Status=["Disabled"]), set()),
        (rule("t", Prefix=["documents/"]), set()),
        (rule("t", Prefix=[".docferry/"]), {"t"}),
        (rule("t", Filter=[{"Prefix": [""]}]), {"t"}),
        (rule("t", Filter=[{"Prefix": ["documents/"]}]), set()),
        (rule("t", Filter=[{"And": [{"Prefix": ["documents/"]}]}]), set()),
        (rule("t", Filter=[{"Tag": [{"Key": ["a"], "Value": ["b"]}]}]), set()),
        (rule("t", Filter=[{"And": [{"Prefix": [""], "Tag": [{"Key": ["a"]}]}]}]), set()),
    ],
)
def test_a_rule_replicates_canaries_unless_its_filter_keeps_them(setting: Tree, replicas: set[str]) -> None:
    assert canaries.replicated_to(setting) == replicas


async def test_nothing_is_put_that_would_be_replicated_to_where_it_cannot_be_removed() -> None:
    places = Places()
    places.source.account.settings["replication"] = rule("target-documents")
    places.target.canaries.refusals["erase"] = denied("s3:DeleteObjectVersion")
    first, *others = await places.checked()
    the_unknown([first], "account-canary", "target-documents")
    assert places.source.canaries.stacks == {}
    assert {one.subject for one in others if one.rule == "account-encryption"} == {
        "s3://source-documents",
        "s3://target-documents",
    }


def test_canaries_are_docferry_s_own_so_that_a_sync_does_not_trip_over_them() -> None:
    places = Places()
    keys = {one.nest.key(what) for one in places.sides for what in ("written", "copied")}
    assert keys == set(PREFLIGHT) <= set(OWN)
