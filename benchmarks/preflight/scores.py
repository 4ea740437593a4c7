"""How much of what is wrong each checker finds, and how often it is wrong itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.preflight.checkers import Said
from benchmarks.preflight.corpus import Case, Expected, Report


@dataclass(frozen=True, slots=True)
class Score:
    """Of some cases: what is wrong and could be judged, what of it was found, and what was said besides."""

    expected: int
    found: int
    false: int

    @property
    def recall(self) -> float | None:
        """The part that was found, or None where there is nothing to find."""
        return self.found / self.expected if self.expected else None

    @property
    def precision(self) -> float | None:
        """The part of what was said that is so, or None where nothing was said."""
        return self.found / (self.found + self.false) if self.found + self.false else None


def score(said: Said, cases: Iterable[Case]) -> Score:
    """Return the score of a checker over those cases that it could judge."""
    judged = [one for one in cases if one.name not in said.unjudged]
    expected = sum(len(one.expected) for one in judged)
    found = sum(len(found_in(said, one)) for one in judged)
    return Score(expected, found, sum(len(false_in(said, one)) for one in judged))


def found_in(said: Said, case: Case) -> set[Expected]:
    """Return what was expected and said."""
    reports = said.reports.get(case.name, ())
    return {one for one in case.expected if any(report.is_about(one) for report in reports)}


def false_in(said: Said, case: Case) -> list[Report]:
    """Return what was said and not expected: once for each place, whatever number of checks say it."""
    wrong = [
        report
        for report in said.reports.get(case.name, ())
        if not report.lenient and not any(report.is_about(one) for one in case.expected)
    ]
    return list({(one.file, one.lines): one for one in wrong}.values())


def missed(ours: Said, others: Sequence[Said], cases: Iterable[Case]) -> list[str]:
    """Return what is wrong, is found by another and not by us."""
    return [
        f"{case.name}: {one.rule} at {one.file}:{one.line}, found by {other.checker}"
        for case in cases
        for other in others
        for one in sorted(found_in(other, case) - found_in(ours, case))
    ]
