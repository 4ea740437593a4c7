"""Everything that there is in an embedded AWS, asked of each service itself."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.integration.sandbox.reached import client

REGIONS = ("us-east-1", "eu-west-1")
Tags = dict[str, str]


def everything(url: str) -> dict[str, Tags]:
    """Return what there is in both regions with its tags, each as `<region> <kind> <name>`."""
    found = {f"global {what}": tags for what, tags in _global(url)}
    for region in REGIONS:
        found |= {f"{region} {what}": tags for what, tags in _regional(partial(client, url, region=region))}
    return found


def untagged(found: dict[str, Tags]) -> dict[str, Tags]:
    """Return those that AWS can tag but that nobody tagged."""
    return {what: tags for what, tags in found.items() if what.split()[1] not in UNTAGGABLE and not tags}


UNTAGGABLE = ("dashboard", "mapping", "archive", "selection")
"""Kinds without tags: those of event source mappings are in AWS, and the embedded one keeps none."""


def _global(url: str) -> Iterator[tuple[str, Tags]]:
    s3, iam = client(url, "s3"), client(url, "iam")
    for one in s3.list_buckets()["Buckets"]:
        yield f"bucket {one['Name']}", _of_bucket(s3, one["Name"])
    for one in _pages(iam, "list_roles", "Roles"):
        yield f"role {one['RoleName']}", _pairs(iam.list_role_tags(RoleName=one["RoleName"])["Tags"])
    for one in _pages(iam, "list_policies", "Policies", Scope="Local"):
        yield f"policy {one['PolicyName']}", _pairs(iam.list_policy_tags(PolicyArn=one["Arn"])["Tags"])


def _of_bucket(s3: Any, name: str) -> Tags:
    try:
        return _pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except s3.exceptions.ClientError:
        return {}


def _regional(of: Callable[[str], Any]) -> Iterator[tuple[str, Tags]]:
    yield from _stores(of)
    yield from _functions(of)
    yield from _watching(of)
    yield from _moving(of)
    yield from _backups(of("backup"))


def _stores(of: Callable[[str], Any]) -> Iterator[tuple[str, Tags]]:
    dynamodb, sqs, sns = of("dynamodb"), of("sqs"), of("sns")
    for name in _pages(dynamodb, "list_tables", "TableNames"):
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        yield f"table {name}", _pairs(dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"])
    for url in _pages(sqs, "list_queues", "QueueUrls"):
        yield f"queue {url.rpartition('/')[2]}", sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    for one in _pages(sns, "list_topics", "Topics"):
        tags = sns.list_tags_for_resource(ResourceArn=one["TopicArn"])["Tags"]
        yield f"topic {one['TopicArn'].rpartition(':')[2]}", _pairs(tags)


def _functions(of: Callable[[str], Any]) -> Iterator[tuple[str, Tags]]:
    functions = of("lambda")
    for one in _pages(functions, "list_functions", "Functions"):
        yield f"function {one['FunctionName']}", functions.list_tags(Resource=one["FunctionArn"])["Tags"]
    for one in _pages(functions, "list_event_source_mappings", "EventSourceMappings"):
        yield f"mapping {one['UUID']}", {}


def _watching(of: Callable[[str], Any]) -> Iterator[tuple[str, Tags]]:
    logs, cloudwatch = of("logs"), of("cloudwatch")
    for one in _pages(logs, "describe_log_groups", "logGroups"):
        tags = logs.list_tags_for_resource(resourceArn=one["arn"].removesuffix(":*"))["tags"]
        yield f"log-group {one['logGroupName']}", tags
    for kind in ("MetricAlarms", "CompositeAlarms"):
        for one in _pages(cloudwatch, "describe_alarms", kind, AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
            tags = cloudwatch.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"]
            yield f"alarm {one['AlarmName']}", _pairs(tags)
    for one in _pages(cloudwatch, "list_dashboards", "DashboardEntries"):
        yield f"dashboard {one['DashboardName']}", {}


def _moving(of: Callable[[str], Any]) -> Iterator[tuple[str, Tags]]:
    machines, events = of("stepfunctions"), of("events")
    for one in _pages(machines, "list_state_machines", "stateMachines"):
        tags = machines.list_tags_for_resource(resourceArn=one["stateMachineArn"])["tags"]
        yield f"machine {one['name']}", {tag["key"]: tag["value"] for tag in tags}
    for bus in events.list_event_buses()["EventBuses"]:
        if bus["Name"] != "default":
            yield f"bus {bus['Name']}", _pairs(events.list_tags_for_resource(ResourceARN=bus["Arn"])["Tags"])
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]:
            yield f"rule {rule['Name']}", _pairs(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"])
    for one in events.list_archives()["Archives"]:
        yield f"archive {one['ArchiveName']}", {}


def _backups(backup: Any) -> Iterator[tuple[str, Tags]]:
    for one in backup.list_backup_vaults()["BackupVaultList"]:
        yield f"vault {one['BackupVaultName']}", backup.list_tags(ResourceArn=one["BackupVaultArn"])["Tags"]
    for one in backup.list_backup_plans()["BackupPlansList"]:
        yield f"plan {one['BackupPlanName']}", backup.list_tags(ResourceArn=one["BackupPlanArn"])["Tags"]
        for selection in backup.list_backup_selections(BackupPlanId=one["BackupPlanId"])["BackupSelectionsList"]:
            yield f"selection {selection['SelectionName']}", {}


def _pages(service: Any, operation: str, kind: str, **fields: Any) -> Iterator[Any]:
    for page in service.get_paginator(operation).paginate(**fields):
        yield from page.get(kind, ())


def _pairs(tags: list[dict[str, str]]) -> Tags:
    return {one["Key"]: one["Value"] for one in tags}
