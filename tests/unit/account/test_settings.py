"""What is only read: versioning, feeds, the configuration of both sides, quotas."""

from typing import Any

import pytest

from docferry.account import buckets, configuration, feeds, quotas
from docferry.account.port import Quota, Tree
from docferry.preflight.finding import Severity
from docferry.simulation.account import MemoryAccount, denied, named, settings_of, table_of
from tests.unit.account.places import the_finding, the_unknown

SOURCE, TARGET = named("source"), named("target")


@pytest.mark.parametrize(("held", "said"), [({}, "never"), ({"Status": ["Suspended"]}, "suspended")])
async def test_a_bucket_without_versions_blocks(held: Tree, said: str) -> None:
    account = MemoryAccount(TARGET, settings={"versioning": held})
    found = await buckets.check(account, TARGET)
    the_finding(found, "account-versioning", Severity.HIGH, said, TARGET.bucket, "--region eu-west-1")
    assert await buckets.check(MemoryAccount(TARGET), TARGET) == []


@pytest.mark.parametrize(
    ("stream", "native", "severity"),
    [
        ({}, False, Severity.HIGH),
        ({"StreamEnabled": False, "StreamViewType": "NEW_AND_OLD_IMAGES"}, False, Severity.HIGH),
        ({"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}, False, Severity.MEDIUM),
        ({"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}, True, Severity.HIGH),
    ],
)
async def test_a_stream_that_is_missing_or_another(
    stream: dict[str, Any], native: bool, severity: Severity
) -> None:
    account = MemoryAccount(TARGET, tables={TARGET.table: table_of() | {"StreamSpecification": stream}})
    found = await feeds.check_stream(account, TARGET, native=native)
    words = ("target-records (eu-west-1)", "NEW_AND_OLD_IMAGES", "aws dynamodb update-table --region eu-west-1")
    the_finding(found, "account-stream", severity, *words)
    assert await feeds.check_stream(MemoryAccount(TARGET), TARGET, native=native) == []


def notified(**changes: Any) -> MemoryAccount:
    (queue,) = settings_of(TARGET)["notification"]["QueueConfiguration"]
    return MemoryAccount(TARGET, settings={"notification": {"QueueConfiguration": [{**queue, **changes}]}})


@pytest.mark.parametrize("missing", feeds.NEEDED)
async def test_each_event_that_is_not_notified_is_named(missing: str) -> None:
    account = notified(Event=[f"s3:{one}:*" for one in feeds.NEEDED if one != missing])
    found = await feeds.check_notifications(account, TARGET)
    said = the_finding(found, "account-notifications", Severity.HIGH, TARGET.bucket).message
    assert [one for one in feeds.NEEDED if f"s3:{one}:*" in said] == [missing]


async def test_a_filter_or_another_queue_is_as_good_as_nothing() -> None:
    narrowed = notified(Filter=[{"S3Key": [{"FilterRule": [{"Name": ["prefix"], "Value": ["a/"]}]}]}])
    elsewhere = notified(Queue=["arn:aws:sqs:eu-west-1:000000000000:not-target-changes"])
    for account in (narrowed, elsewhere, MemoryAccount(TARGET, settings={"notification": {}})):
        the_finding(await feeds.check_notifications(account, TARGET), "account-notifications", Severity.HIGH)


async def test_what_goes_through_eventbridge_is_out_of_sight() -> None:
    account = MemoryAccount(TARGET, settings={"notification": {"EventBridgeConfiguration": [""]}})
    assert await feeds.check_notifications(account, TARGET) == []


async def test_sides_that_are_alike_differ_in_nothing() -> None:
    assert await configuration.check((MemoryAccount(SOURCE), MemoryAccount(TARGET)), (SOURCE, TARGET)) == []


KMS: Tree = {"Rule": [{"ApplyServerSideEncryptionByDefault": [{"SSEAlgorithm": ["aws:kms"]}]}]}
CLOSED: Tree = {"BlockPublicAcls": ["true"], "BlockPublicPolicy": ["true"]}


@pytest.mark.parametrize(
    ("setting", "held", "severity", "said"),
    [
        ("encryption", KMS, Severity.MEDIUM, "default encryption: AES256, at the source aws:kms"),
        ("object-lock", {"ObjectLockEnabled": ["Enabled"]}, Severity.MEDIUM, "object lock: off"),
        ("publicAccessBlock", CLOSED, Severity.MEDIUM, "public access block: none"),
        ("lifecycle", {"Rule": [{"ID": ["a"], "Status": ["Enabled"]}]}, Severity.LOW, "lifecycle: none"),
    ],
)
async def test_what_the_source_s_bucket_has_and_the_target_s_has_not(
    setting: str, held: Tree, severity: Severity, said: str
) -> None:
    accounts = (MemoryAccount(SOURCE, settings={setting: held}), MemoryAccount(TARGET))
    found = await configuration.check(accounts, (SOURCE, TARGET))
    the_finding(found, "account-configuration", severity, said, TARGET.bucket)
    both = (MemoryAccount(SOURCE, settings={setting: held}), MemoryAccount(TARGET, settings={setting: held}))
    assert await configuration.check(both, (SOURCE, TARGET)) == []


async def test_an_empty_filter_is_named_without_a_gap() -> None:
    rule = {"Expiration": [{"Days": ["1"]}], "Filter": [""], "Status": ["Enabled"]}
    source, target = MemoryAccount(SOURCE), MemoryAccount(TARGET, settings={"lifecycle": {"Rule": [rule]}})
    found = await configuration.check((source, target), (SOURCE, TARGET))
    said = "lifecycle: Expiration (Days 1), Filter, Status Enabled, at the source none"
    assert the_finding(found, "account-configuration", Severity.LOW).message == said


async def test_rules_of_a_lifecycle_are_compared_whatever_they_are_called() -> None:
    off = {"ID": ["off"], "Status": ["Disabled"]}
    source = MemoryAccount(SOURCE, settings={"lifecycle": {"Rule": [{"ID": ["a"], "Status": ["Enabled"]}, off]}})
    target = MemoryAccount(TARGET, settings={"lifecycle": {"Rule": [{"ID": ["b"], "Status": ["Enabled"]}]}})
    assert await configuration.check((source, target), (SOURCE, TARGET)) == []


async def test_of_lists_only_what_differs_is_shown() -> None:
    aborts = {"ID": ["a"], "Status": ["Enabled"], "Abort": [{"Days": ["7"]}]}
    expires = {
        "ID": ["b"],
        "Status": ["Enabled"],
        "Expiration": [{"Days": ["30"]}],
        "Filter": [{"Prefix": ["a/"]}],
    }
    source = MemoryAccount(SOURCE, settings={"lifecycle": {"Rule": [aborts, expires]}})
    target = MemoryAccount(TARGET, settings={"lifecycle": {"Rule": [aborts]}})
    found = await configuration.check((source, target), (SOURCE, TARGET))
    said = "lifecycle: none, at the source Expiration (Days 30), Filter (Prefix a/), Status Enabled"
    assert the_finding(found, "account-configuration", Severity.LOW).message == said


INDEX = {"IndexName": "by-date", "KeySchema": [], "Projection": {"ProjectionType": "ALL"}}


@pytest.mark.parametrize(
    ("source", "target", "severity", "said"),
    [
        ({}, table_of("other"), Severity.HIGH, "key: "),
        ({}, {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}]}, Severity.HIGH, "key: "),
        ({"GlobalSecondaryIndexes": [INDEX]}, {}, Severity.HIGH, "indexes: none, at the source by-date"),
        ({}, {"GlobalSecondaryIndexes": [INDEX]}, Severity.LOW, "indexes: by-date"),
        ({}, {"BillingModeSummary": {}}, Severity.LOW, "billing mode: PROVISIONED, at the source PAY_PER_REQUEST"),
        ({"SSEDescription": {"SSEType": "KMS"}}, {}, Severity.MEDIUM, "encryption: DynamoDB's own key"),
    ],
)
async def test_what_the_tables_differ_in(
    source: dict[str, Any], target: dict[str, Any], severity: Severity, said: str
) -> None:
    accounts = (
        MemoryAccount(SOURCE, tables={SOURCE.table: table_of() | source}),
        MemoryAccount(TARGET, tables={TARGET.table: table_of() | target}),
    )
    found = await configuration.check(accounts, (SOURCE, TARGET))
    the_finding(found, "account-configuration", severity, said, "target-records")


async def test_a_time_to_live_that_differs_or_may_not_be_read() -> None:
    accounts = (MemoryAccount(SOURCE, ttl="expires_at"), MemoryAccount(TARGET))
    found = await configuration.check(accounts, (SOURCE, TARGET))
    the_finding(found, "account-configuration", Severity.MEDIUM, "time to live: none, at the source expires_at")
    accounts[1].ttl = None
    the_unknown(
        await configuration.check(accounts, (SOURCE, TARGET)), "account-configuration", "DescribeTimeToLive"
    )


async def test_a_setting_that_may_not_be_read_leaves_the_others_compared() -> None:
    class Closed(MemoryAccount):
        async def bucket_setting(self, name: str) -> Tree:
            if name == "lifecycle":
                raise denied("s3:GetLifecycleConfiguration")
            return await super().bucket_setting(name)

    accounts = (MemoryAccount(SOURCE, settings={"encryption": KMS}), Closed(TARGET))
    found = await configuration.check(accounts, (SOURCE, TARGET))
    the_finding(found[:1], "account-configuration", Severity.MEDIUM, "encryption")
    the_unknown(found[1:], "account-configuration", "s3:GetLifecycleConfiguration")


async def test_functions_need_room_where_functions_do_the_work() -> None:
    fresh = MemoryAccount(TARGET, quota=Quota(10, 0))
    assert await quotas.check(fresh, TARGET, functions=False) == []
    found = await quotas.check(fresh, TARGET, functions=True)
    the_finding(found, "account-quota", Severity.MEDIUM, "10 functions may run at once of 10")
    assert await quotas.check(MemoryAccount(TARGET), TARGET, functions=True) == []
    refused = MemoryAccount(TARGET, denied={"lambda:GetAccountSettings"})
    the_unknown(await quotas.check(refused, TARGET, functions=True), "account-quota", "GetAccountSettings")
