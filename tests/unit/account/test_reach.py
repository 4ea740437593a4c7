import asyncio

import pytest

from docferry.account import reach
from docferry.account.port import Heard
from docferry.domain.errors import DocferryError, Retryable, ServiceError
from docferry.preflight.finding import Finding, Severity
from docferry.simulation.account import MemoryAccount, named
from tests.unit.account.places import the_finding, the_unknown

NAMES = named("source")


async def test_services_that_answer_are_fine() -> None:
    assert await reach.check(MemoryAccount(NAMES, ahead_s=59.0), NAMES) == []


@pytest.mark.parametrize("service", reach.SERVICES)
async def test_the_service_that_does_not_answer_is_named(service: str) -> None:
    account = MemoryAccount(NAMES, failing={service: Retryable("connection refused")})
    found = await reach.check(account, NAMES)
    assert the_finding(found, "account-unreachable", Severity.CRITICAL).subject == f"{service} (us-east-1)"


async def test_a_silent_service_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(MemoryAccount):
        async def heard(self, service: str) -> Heard:
            return await super().heard(service) if service != "sqs" else await asyncio.Future()

    monkeypatch.setattr(reach, "WITHIN_S", 0.01)
    the_finding(await reach.check(Silent(NAMES), NAMES), "account-unreachable", Severity.CRITICAL, "sqs")


@pytest.mark.parametrize(
    ("code", "rule", "severity"),
    [
        ("InvalidClientTokenId", "account-credentials", Severity.CRITICAL),
        ("ExpiredToken", "account-credentials", Severity.CRITICAL),
        ("SignatureDoesNotMatch", "account-credentials", Severity.CRITICAL),
        ("RequestTimeTooSkewed", "account-clock", Severity.HIGH),
    ],
)
async def test_a_refusal_of_who_asks_says_what_to_mend(code: str, rule: str, severity: Severity) -> None:
    error: DocferryError = ServiceError(f"POST /: {code}", code=code, status=403)
    the_finding(await reach.check(MemoryAccount(NAMES, failing={"sts": error}), NAMES), rule, severity, "sts")


async def test_a_signature_that_is_expired_is_the_clock_s_fault_and_not_the_key_s() -> None:
    error = ServiceError("Signature expired: x is now earlier than y", code="InvalidSignatureException")
    account = MemoryAccount(NAMES, failing={"dynamodb": error})
    the_finding(await reach.check(account, NAMES), "account-clock", Severity.HIGH)


async def test_an_answer_nobody_expects_is_no_finding() -> None:
    account = MemoryAccount(NAMES, failing={"sqs": ServiceError("Teapot", code="Teapot", status=418)})
    the_unknown(await reach.check(account, NAMES), "account-unreachable", "Teapot")


@pytest.mark.parametrize(
    ("ahead_s", "severity", "way"),
    [
        (61.0, Severity.MEDIUM, "61 s ahead of"),
        (-61.0, Severity.MEDIUM, "61 s behind"),
        (300.0, Severity.MEDIUM, "300 s ahead"),
        (301.0, Severity.HIGH, "301 s ahead of"),
        (-301.0, Severity.HIGH, "301 s behind"),
    ],
)
async def test_a_clock_that_is_wrong_warns_after_a_minute_and_blocks_after_five(
    ahead_s: float, severity: Severity, way: str
) -> None:
    found = await reach.check(MemoryAccount(NAMES, ahead_s=ahead_s), NAMES)
    assert len(found) == len(reach.SERVICES)
    for one in found:
        assert isinstance(one, Finding)
        assert (one.rule, one.severity) == ("account-clock", severity)
        assert way in one.message
