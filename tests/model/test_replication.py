"""The protocol of native replication holds in spin's model of it too, and nothing can be left out of it."""

import re
from pathlib import Path

import pytest

from tests.model.replication import LIMITS, LONG, MODEL, WEAKENINGS, WORLDS
from tests.model.spin import Weakening, World, need_spin, search

TEXT = MODEL.read_text(encoding="utf-8")
DOCUMENT = MODEL.parents[1] / "docs" / "native-protocol.md"


def test_the_model_takes_the_very_steps_of_the_document_in_their_order() -> None:
    told = re.findall(r"^\| \d+ ([a-z ]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    steps = [re.sub(r"_(the_)?.*", "", one) for one in re.findall(r"^at_(\w+):$", TEXT, re.MULTILINE)]
    assert len(steps) > 10
    assert steps == [one.split()[0] for one in told]


def test_each_weakening_is_in_the_model_and_each_of_the_model_is_tried() -> None:
    bounds = set(re.findall(r"^#define (\w+) ", TEXT, re.MULTILINE))
    named = set(re.findall(r"^#ifn?def (\w+)$", TEXT, re.MULTILINE)) - bounds
    assert {name for one in (*WEAKENINGS, *LONG) for name in one.names} == named


@pytest.mark.parametrize("world", WORLDS, ids=lambda one: one.name)
def test_the_protocol_holds(world: World, tmp_path: Path) -> None:
    need_spin()
    found = search(world, tmp_path)
    assert not found.broken
    assert found.states > 5_000
    steps = {number for number, line in enumerate(TEXT.splitlines(), 1) if "done++" in line}
    assert steps
    assert not steps & found.unreached, "no switch of this world comes to its end"


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: one.world.name)
def test_it_does_not_hold_where_requests_outlive_the_wait(limit: Weakening, tmp_path: Path) -> None:
    need_spin()
    assert search(limit.world, tmp_path, limit).broken == limit.broken


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=str)
def test_what_is_left_out_breaks_an_invariant(weakening: Weakening, tmp_path: Path) -> None:
    need_spin()
    assert search(weakening.world, tmp_path, weakening).broken == weakening.broken
