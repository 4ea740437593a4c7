import random
from collections import Counter

import pytest

from docferry.domain.switch import Turn
from docferry.drill.aim import AIMED, PLACES, Aim, aims
from docferry.drill.scenario import Scenario, play
from docferry.drill.trouble import Trouble
from docferry.simulation.faults import Faults
from docferry.simulation.reach import Met, Point

WRITE = Point("runner", "follow", "target documents: copy", write=True)
OTHER = WRITE._replace(effect="target records: put")


def test_an_aim_counts_effects_and_not_how_often_each_is_sent() -> None:
    aim = Aim("runner", "follow", 2, Met.LATE)
    reads = WRITE._replace(effect="target documents: look", write=False)
    others = [WRITE._replace(role="worker", effect="a"), WRITE._replace(moment="armed", effect="b"), reads]
    assert [aim.meets(one) for one in (WRITE, WRITE, *others, OTHER, OTHER)] == [False] * 5 + [True, False]


def test_only_what_the_faults_name_is_aimed() -> None:
    drawn: Counter[Met] = Counter()
    for seed in range(200):
        drawn.update(one.harm for one in aims(3, ("timeout-after", "zombie"), set(), random.Random(seed)))
    assert set(drawn) == {Met.LOST_AFTER}


def test_every_harm_is_aimed_at_every_place() -> None:
    drawn = {
        (one.role, one.moment, one.harm)
        for seed in range(2000)
        for one in aims(3, AIMED, set(), random.Random(seed))
    }
    harms = {harm for found in AIMED.values() for harm in found}
    assert drawn == {(role, moment, harm) for role, moment in PLACES for harm in harms}


def test_nothing_is_aimed_at_what_a_run_has_not_got() -> None:
    never = {"worker", "complete", "fenced"}
    drawn = [one for seed in range(300) for one in aims(3, AIMED, never, random.Random(seed))]
    assert len(drawn) == 900
    assert not [one for one in drawn if {one.role, one.moment} & never]


@pytest.mark.parametrize("harm", [harm for found in AIMED.values() for harm in found])
def test_what_is_aimed_at_meets_it_and_nothing_is_lost(harm: Met, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(name for name, found in AIMED.items() if harm in found)
    aim = Aim("switch", "both closed", 1, harm)
    monkeypatch.setattr("docferry.drill.scenario.aims", lambda _number, _names, _never, _draw: [aim])
    # Nothing but what is aimed goes wrong.
    monkeypatch.setattr(Trouble, "doom", lambda _self, _job: None)
    faults = Faults((name,), share=0.0, often=0)
    outcome = play(Scenario(3, faults, (Turn.CUTOVER,), statics=2, keys=2, applications=1))
    assert outcome.violations == ()
    met = {(point.role, point.moment) for (point, found) in outcome.reach if found is harm}
    assert ("switch", "both closed") in met
    assert outcome.happened[name] >= 1
