import uuid

import pytest

from docferry.aws.dynamodb import API, DynamoRecords
from docferry.aws.http import AwsClient
from docferry.domain.record import KeySchema
from docferry.ports import RecordStore
from docferry.simulation.records import MemoryRecords


async def dynamo_table(client: AwsClient) -> DynamoRecords:
    name = f"t-{uuid.uuid4().hex}"
    await client.json(
        "dynamodb",
        API + "CreateTable",
        {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "owner", "AttributeType": "S"},
                {"AttributeName": "name", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "owner", "KeyType": "HASH"},
                {"AttributeName": "name", "KeyType": "RANGE"},
            ],
        },
    )
    return DynamoRecords(client, name)


@pytest.fixture(params=["memory", "embedded"])
async def records(request: pytest.FixtureRequest, client: AwsClient) -> RecordStore:
    if request.param == "memory":
        return MemoryRecords(KeySchema("owner", "name"))
    return await dynamo_table(client)
