"""The facts about one side: bucket settings, versions, looks at single documents, the table's description."""

from collections.abc import Mapping

from docferry.aws import s3_xml
from docferry.aws.dynamodb import API
from docferry.aws.http import AwsClient
from docferry.aws.s3 import path_of
from docferry.aws.s3_versions import version_page, versions_query
from docferry.domain.errors import ServiceError
from docferry.survey_port import BucketFacts, Head, TableFacts, VersionMark, VersionPage

_NOT_SET = {
    "ObjectLockConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
    "NotImplemented",
}
"""What S3 answers where nothing was set, and what stores answer that know no such setting."""
_ENCRYPTION = "x-amz-server-side-encryption"
_LOCKS = ("x-amz-object-lock-mode", "x-amz-object-lock-legal-hold")


class AwsSurvey:
    """The `Survey` port over one bucket and one table."""

    def __init__(self, client: AwsClient, bucket: str, table: str) -> None:
        self._client = client
        self._bucket = bucket
        self._table = table

    async def bucket(self) -> BucketFacts:
        """Return how the bucket is set up."""
        location = await self._setting("location")
        lock = await self._setting("object-lock")
        encryption = await self._setting("encryption")
        payer = (await self._setting("requestPayment")).get("Payer")
        return BucketFacts(
            name=self._bucket,
            region=_region(location.get("LocationConstraint", "")),
            versioning=(await self._setting("versioning")).get("Status", ""),
            object_lock=lock.get("ObjectLockEnabled") == "Enabled",
            requester_pays=payer == "Requester" if payer else None,
            encryption=encryption.get("SSEAlgorithm", ""),
            kms_key=encryption.get("KMSMasterKeyID", ""),
        )

    async def table(self) -> TableFacts:
        """Return how the table is set up."""
        answer = await self._client.json("dynamodb", API + "DescribeTable", {"TableName": self._table})
        held = answer["Table"]
        stream = held.get("StreamSpecification") or {}
        return TableFacts(
            name=self._table,
            items=held.get("ItemCount", 0),
            bytes=held.get("TableSizeBytes", 0),
            # AWS leaves the summary out for tables that were always provisioned.
            billing=(held.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
            stream=stream.get("StreamViewType", "") if stream.get("StreamEnabled") else "",
        )

    async def versions(self, position: VersionMark | None, prefix: str = "") -> VersionPage:
        """Return what one page of versions adds up to."""
        query = versions_query(position, prefix)
        return version_page((await self._client.send("s3", "GET", path_of(self._bucket), query=query)).body)

    async def head(self, key: str) -> Head | None:
        """Return what a look shows.

        A document under a customer's key answers 400 to a look without it, and HEAD has no body that could say
        more (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html).
        """
        try:
            held = (await self._client.send("s3", "HEAD", path_of(self._bucket, key))).headers
        except ServiceError as error:
            if error.status == 404:
                return None
            if error.status == 400:
                return Head("customer")
            raise
        return _head(held)

    async def _setting(self, name: str) -> Mapping[str, str]:
        try:
            answer = await self._client.send("s3", "GET", path_of(self._bucket), query={name: ""})
        except ServiceError as error:
            if error.code in _NOT_SET:
                return {}
            raise
        elements = s3_xml.parse(answer.body).iter()
        return {one.tag.rpartition("}")[2]: (one.text or "").strip() for one in elements}


def _region(location: str) -> str:
    # The two names that S3 has kept from before regions had their own
    # (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html).
    return {"": "us-east-1", "EU": "eu-west-1"}.get(location, location)


def _head(held: Mapping[str, str]) -> Head:
    return Head(
        encryption="customer" if f"{_ENCRYPTION}-customer-algorithm" in held else held.get(_ENCRYPTION, ""),
        kms_key=held.get(f"{_ENCRYPTION}-aws-kms-key-id", ""),
        locked=bool(held.get(_LOCKS[0])) or held.get(_LOCKS[1], "").upper() == "ON",
        archived="x-amz-archive-status" in held,
    )
