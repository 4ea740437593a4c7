"""The cutover protocol holds in spin's model of it, and what is left out of it is found out."""

import re
from pathlib import Path

import pytest

from docferry.domain.switch import ORDER
from tests.model.cutover import LONG, MODEL, WEAKENINGS, WORLDS
from tests.model.spin import Weakening, World, need_spin, search

TEXT = MODEL.read_text(encoding="utf-8")
STEP = re.compile(r"^at_(\w+):$", re.MULTILINE)


def test_the_model_takes_the_very_steps_of_the_code_in_their_order() -> None:
    assert STEP.findall(TEXT) == [step.value for step in ORDER]


def test_each_weakening_is_in_the_model_and_each_of_the_model_is_tried_or_explained() -> None:
    bounds = set(re.findall(r"^#define (\w+) ", TEXT, re.MULTILINE))
    named = set(re.findall(r"^#ifn?def (\w+)$", TEXT, re.MULTILINE)) - bounds
    tried = {name for one in WEAKENINGS for name in one.names}
    tried |= {name for one in LONG for name in one.names}
    assert tried <= named
    described = (MODEL.parents[1] / "docs" / "cutover-protocol.md").read_text(encoding="utf-8")
    assert {one for one in named - tried if f"`{one}`" not in described} == set()


def test_what_is_left_out_is_left_out_of_worlds_that_hold_with_everything_in_place() -> None:
    # In a world that is broken anyway every weakening would seem to break something.
    assert {one.world for one in WEAKENINGS} <= set(WORLDS)
    assert len(set(WORLDS)) == len(WORLDS)


@pytest.mark.parametrize("world", WORLDS, ids=lambda one: one.name)
def test_the_protocol_holds(world: World, tmp_path: Path) -> None:
    need_spin()
    found = search(world, tmp_path)
    assert not found.broken
    assert found.states > 10_000
    assert not _lines("done++") & found.unreached, "no switch of this world comes to its end"
    if dict(world.bounds).get("DEATHS"):
        assert not _lines("compared = armed - 1") & found.unreached, "no death has all pages compared"


def _lines(said: str) -> set[int]:
    lines = {number for number, line in enumerate(TEXT.splitlines(), 1) if said in line}
    assert lines
    return lines


@pytest.mark.parametrize("weakening", WEAKENINGS, ids=str)
def test_what_is_left_out_breaks_an_invariant(weakening: Weakening, tmp_path: Path) -> None:
    need_spin()
    assert search(weakening.world, tmp_path, weakening).broken == weakening.broken
