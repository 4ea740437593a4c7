"""Whether the services answer, whether the credentials are valid, and whether this machine's clock is right."""

import asyncio

from docferry.account.denial import is_about_credentials, is_skewed
from docferry.account.port import Account, Heard, Names
from docferry.account.rule import AccountRule
from docferry.domain.errors import Retryable, ServiceError
from docferry.preflight.finding import Outcome, Severity

SERVICES = ("sts", "s3", "dynamodb", "streams.dynamodb", "sqs")
WITHIN_S = 15.0
WARN_S = 60.0
BLOCK_S = 300.0

UNREACHABLE = AccountRule(
    "account-unreachable",
    "A service does not answer",
    Severity.CRITICAL,
    "No request reaches the service, so nothing can be carried or fenced there.",
    "https://docs.aws.amazon.com/general/latest/gr/rande.html",
)
CREDENTIALS = AccountRule(
    "account-credentials",
    "The credentials are not valid",
    Severity.CRITICAL,
    "AWS refuses every request that is signed with them.",
    "https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html",
)
CLOCK = AccountRule(
    "account-clock",
    "This machine's clock is wrong",
    Severity.MEDIUM,
    "Requests that are signed minutes off are refused, the times of a hard fence come from this clock, and so do "
    "those that people compare with the logs.",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html",
)
RULES = (UNREACHABLE, CREDENTIALS, CLOCK)


async def check(account: Account, names: Names) -> list[Outcome]:
    """Ask each service for the cheapest thing it has, all at once."""
    found = await asyncio.gather(*(_service(account, names, one) for one in SERVICES))
    return [one for one in found if one]


async def _service(account: Account, names: Names, service: str) -> Outcome | None:
    subject = f"{service} ({names.region})"
    try:
        async with asyncio.timeout(WITHIN_S):
            return _clock(await account.heard(service), subject)
    except (Retryable, TimeoutError) as error:
        said = str(error) or f"nothing within {WITHIN_S:.0f} s"
        return UNREACHABLE.finding(
            subject,
            f"no answer: {said}",
            fix="check the region, the network, proxies and endpoint policies, and aws.endpoint_url",
        )
    except ServiceError as error:
        return _refusal(error, subject, names)


def _refusal(error: ServiceError, subject: str, names: Names) -> Outcome:
    if is_skewed(error):
        return CLOCK.finding(
            subject,
            f"requests are refused as signed at another time: {error}",
            fix="set this machine's clock, best by NTP",
            severity=Severity.HIGH,
        )
    if is_about_credentials(error):
        return CREDENTIALS.finding(
            subject, f"refused: {error}", fix=f"renew the credentials, or name others: {names.side}.profile"
        )
    return UNREACHABLE.undecided(subject, f"it answers, but not as expected: {error}")


def _clock(heard: Heard, subject: str) -> Outcome | None:
    if heard.ahead_s is None or abs(heard.ahead_s) <= WARN_S:
        return None
    way = "ahead of" if heard.ahead_s > 0 else "behind"
    return CLOCK.finding(
        subject,
        f"this machine's clock is {abs(heard.ahead_s):.0f} s {way} the service's",
        fix="set this machine's clock, best by NTP",
        severity=Severity.HIGH if abs(heard.ahead_s) > BLOCK_S else None,
    )
