"""The protocol of native replication holds in the model, and nothing can be left out of it."""

import pytest

from tests.model.native import check
from tests.model.scenarios import FULL, LIMITS, SPARE, WEAKENINGS, Scenario


def _name(scenario: Scenario) -> str:
    return scenario.name


@pytest.mark.parametrize("scenario", FULL, ids=_name)
def test_the_full_protocol_holds(scenario: Scenario) -> None:
    result = check(scenario.protocol, scenario.watched)
    assert not result.broken, "\n".join([result.broken, *result.trace])
    assert result.states > 2000
    assert result.ends["cutover done"]
    assert bool(result.ends["rollback done"]) == scenario.protocol.rollback
    may_abort = scenario.protocol.aborts or scenario.protocol.crashes
    assert bool(result.ends["cutover aborted"]) == bool(may_abort)


@pytest.mark.parametrize("scenario", [*WEAKENINGS, *LIMITS], ids=_name)
def test_each_weakening_breaks_an_invariant(scenario: Scenario) -> None:
    result = check(scenario.protocol, scenario.watched)
    assert result.broken.startswith(tuple(scenario.watched))
    assert result.trace


@pytest.mark.parametrize("scenario", SPARE, ids=_name)
def test_what_is_there_twice_can_be_left_out_once(scenario: Scenario) -> None:
    assert not check(scenario.protocol, scenario.watched).broken
