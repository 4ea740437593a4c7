"""Whether both buckets keep versions."""

from docferry.account.port import Account, Names
from docferry.account.rule import AccountRule
from docferry.account.tree import text
from docferry.preflight.finding import Outcome, Severity

VERSIONING = AccountRule(
    "account-versioning",
    "A bucket keeps no versions",
    Severity.HIGH,
    "docferry tells its own writes by version id and keeps what it overwrites as a version: without versions a "
    "document that somebody else wrote would be lost.",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
)
RULES = (VERSIONING,)


async def check(account: Account, names: Names) -> list[Outcome]:
    """Ask the bucket."""
    status = text(await account.bucket_setting("versioning"), "Status")
    if status == "Enabled":
        return []
    said = f"versioning is {status.lower()}" if status else "it never had versioning"
    command = f"aws s3api put-bucket-versioning --region {names.region} --bucket {names.bucket}"
    fix = f"{command} --versioning-configuration Status=Enabled"
    return [VERSIONING.finding(names.bucket_named, said, fix=fix)]
