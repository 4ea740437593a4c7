"""Whether the account allows as much as the migration wants."""

from docferry.account.denial import is_denied
from docferry.account.port import Account, Names
from docferry.account.rule import AccountRule
from docferry.domain.errors import ServiceError
from docferry.preflight.finding import Outcome, Severity

QUOTA = AccountRule(
    "account-quota",
    "A quota is too small",
    Severity.MEDIUM,
    "Functions that find no room are throttled, and the migration takes longer than planned.",
    "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
)
RULES = (QUOTA,)
FUNCTIONS_WANTED = 50
"""At once: the 40 of the state machine's map unless Terraform is told otherwise, and those that follow changes."""


async def check(account: Account, names: Names, *, functions: bool) -> list[Outcome]:
    """Ask how many functions may run at once, where functions do the work.

    Tables, buckets and queues are all there by now, so that their quotas are large enough.
    """
    if not functions:
        return []
    subject = f"lambda ({names.region})"
    try:
        quota = await account.concurrency()
    except ServiceError as error:
        if is_denied(error):
            return [QUOTA.undecided(subject, f"lambda:GetAccountSettings is denied: {error}")]
        raise
    free = quota.limit - quota.used
    if free >= FUNCTIONS_WANTED:
        return []
    return [
        QUOTA.finding(
            subject,
            f"{free} functions may run at once of {quota.limit}, the rest is set aside; the state machine's map "
            f"alone wants 40, unless map_concurrency says otherwise",
            fix="have the quota L-B99A9384 (concurrent executions) raised, or lower map_concurrency",
        )
    ]
