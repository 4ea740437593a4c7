import pytest

from docferry.domain import errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput, 2),
        (errors.GateRefused, 3),
        (errors.StaleEpoch, 3),
        (errors.OwnershipAmbiguous, 4),
        (errors.ServiceError, 5),
    ],
)
def test_each_error_leads_to_its_documented_exit_code(error: type[errors.DocferryError], code: int) -> None:
    assert error("what happened", hint="what to do").exit_code == code


def test_a_refusal_of_the_service_keeps_what_it_said_and_what_to_do_about_it() -> None:
    error = errors.ServiceError("denied", code="AccessDenied", status=403, hint="grant it")
    assert (str(error), error.code, error.status, error.hint) == ("denied", "AccessDenied", 403, "grant it")
    bare = errors.ServiceError("denied")
    assert (bare.code, bare.status, bare.hint, errors.Retryable("slow down").hint) == ("", 0, "", "")


def test_what_every_other_key_would_meet_too_is_about_the_caller() -> None:
    assert errors.ServiceError("too old", code="ExpiredToken").about_caller
    assert not errors.ServiceError("archived", code="InvalidObjectState").about_caller
