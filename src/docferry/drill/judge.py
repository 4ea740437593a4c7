"""What must hold when nothing is under way, and at the end of a run."""

from dataclasses import dataclass

from docferry.domain.gate import Writer
from docferry.drill.operator import Operator
from docferry.drill.region import SIDES, differing
from docferry.drill.site import Site

MORE_S = 1.5
"""Where nothing fails no operation takes longer than the bound of the pause and this: to undo a switch."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Looks at both sides and at what applications met, and tells the watch what is wrong."""

    site: Site
    operator: Operator

    def differing(self) -> set[str]:
        """Name every key whose sides differ."""
        return differing(self.site.sides["source"], self.site.sides["target"])

    def at_rest(self) -> None:
        """Judge the side that applications write in."""
        for side in self.site.sides.values():
            if side.gate.now and side.gate.now.writer is Writer.APPLICATION:
                for said in self.site.oracle.wrong(side.found):
                    self.site.watch.broken(f"at rest {said}, in {side.name}", lost=True)

    def after_completion(self) -> None:
        """Judge the side that is left, what was kept, and whether anything failed in vain."""
        self.at_rest()
        if [one.writer for one in self.site.gates() if one] != [Writer.NOBODY, Writer.APPLICATION]:
            self.site.watch.broken("after the completion another side is open than the target")
        # Nothing is carried any more: what somebody writes to the closed side stays there.
        self._of_all(strays_at=1)

    def at_the_end(self) -> None:
        """Judge both sides, what was kept, and whether anything failed in vain."""
        site = self.site
        for left in sorted(self.differing()):
            site.watch.broken(f"{left} differs between both sides at the end")
        for name in SIDES:
            for said in site.oracle.wrong(site.sides[name].found):
                site.watch.broken(f"at the end {said}, in {name}", lost=True)
        self._of_all(strays_at=2)

    def _of_all(self, *, strays_at: int) -> None:
        site = self.site
        for said in site.oracle.told_wrongly():
            site.watch.broken(said)
        self._strays(strays_at)
        if not site.faults.names:
            self._calm()

    def _strays(self, sides: int) -> None:
        site = self.site
        kept = {(one.mark.key, one.mark.state) for one in site.provenance.conflicts}
        for key, version in sorted(self.operator.trouble.strays.items()):
            there = sum(1 for side in site.sides.values() if side.documents.now(key))
            if there < sides and (key, version) not in kept:
                said = f"{key} was written to a closed region, and is neither there nor kept"
                site.watch.broken(said, lost=True)

    def _calm(self) -> None:
        score, watch, terms = self.operator.score, self.site.watch, self.site.terms
        if score.failed or score.held or score.unanswered:
            watch.broken(f"{score.failed + score.held + score.unanswered} operations failed though nothing did")
        if score.longest_s > terms.max_pause_s + MORE_S:
            watch.broken(f"an operation took {score.longest_s:.2f} s though nothing failed")
        for one in self.operator.switches:
            if one.pause_s > terms.max_pause_s:
                watch.broken(f"writers were held for {one.pause_s:.2f} s")
