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
