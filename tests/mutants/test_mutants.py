"""Faults that could lose data are found by the tests that are named for them."""

from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import PACKAGE, ROOT, SOURCES, Fault, Mutant, Stale, all_killers
from tests.mutants.page import PAGE, page
from tests.mutants.trial import PASSED, copied, ran, tried

QUICK = [one for one in MUTANTS if one.quick]
HARMLESS = Fault("domain/gate.py", '"""The gate of a region: who', '"""A gate of a region: who')
KILLER = "tests/unit/domain/test_document.py::test_an_etag_under_kms_is_no_digest"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_each_fault_fits_the_code_as_it_is(mutant: Mutant) -> None:
    for fault in mutant.faults:
        changed = fault.applied((SOURCES / PACKAGE / fault.file).read_text(encoding="utf-8"))
        compile(changed, fault.file, "exec")


def test_there_are_enough_of_them_and_each_is_one() -> None:
    names = [one.name for one in MUTANTS]
    assert len(names) == len(set(names))
    assert len([one for one in MUTANTS if not one.pair]) >= 20
    assert len([one for one in MUTANTS if one.pair]) >= 4
    assert all((ROOT / killer.partition("::")[0]).exists() for killer in all_killers(MUTANTS))


@pytest.mark.parametrize("mutant", QUICK, ids=lambda one: one.name)
def test_it_is_killed(mutant: Mutant) -> None:
    verdict = tried(mutant)
    assert not verdict.problem
    assert verdict.killed, f"{mutant.loses}: no test of {mutant.killers} has found it"


def test_what_does_no_harm_survives() -> None:
    verdict = tried(Mutant("a word of a comment", "nothing", (HARMLESS,), (KILLER,)))
    assert (verdict.killed, verdict.by, verdict.problem) == (False, (), "")


@pytest.mark.parametrize(
    ("fault", "killer", "problem"),
    [
        (Fault("domain/gate.py", "there is no such text", ""), KILLER, "does not fit"),
        (Fault("domain/gate.py", "self", "this"), KILLER, "does not fit"),
        (Fault("domain/document.py", "import re\n", "import no_such_module\n"), KILLER, "pytest ended with"),
        (HARMLESS, "tests/unit/domain/test_document.py::test_that_is_not_there", "pytest ended with"),
    ],
)
def test_what_cannot_be_tried_is_no_kill(fault: Fault, killer: str, problem: str) -> None:
    verdict = tried(Mutant("broken", "nothing", (fault,), (killer,)))
    assert not verdict.killed
    assert verdict.problem.startswith(problem)


def test_other_sources_than_the_copy_are_noticed(tmp_path: Path) -> None:
    # There is nothing to import in there, so that what is installed would be tested.
    with pytest.raises(RuntimeError, match="the sources that are tested are others"):
        ran(tmp_path, (KILLER,))


def test_the_copy_without_a_fault_passes() -> None:
    with copied() as sources:
        assert ran(sources, (KILLER,)).code == PASSED


def test_a_fault_has_to_change_something() -> None:
    with pytest.raises(Stale):
        Fault("x", "a", "a").applied("a")


def test_the_page_says_what_there_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.mutants.page > docs/mutants.md"
