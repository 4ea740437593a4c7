"""How much memory a process takes over time, and by how much that grows."""

from dataclasses import dataclass, field
from pathlib import Path


def rss_mib(pid: int) -> float:
    """Return the resident memory of a process on Linux, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    (line,) = [one for one in lines if one.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@dataclass
class Samples:
    """Samples of one process: when, in seconds on any clock, and MiB."""

    taken: list[tuple[float, float]] = field(default_factory=list)

    def add(self, at_s: float, mib: float) -> None:
        self.taken.append((at_s, mib))

    @property
    def last(self) -> float:
        """The last sample, 0 before there is any."""
        return self.taken[-1][1] if self.taken else 0.0

    @property
    def growth_mib(self) -> float:
        """By how much the line of least squares through the second half rises from its begin to its end.

        The first half does not count: imports, connections and caches come once. 0 for fewer than four samples.
        """
        half = self.taken[len(self.taken) // 2 :]
        if len(half) < 4:
            return 0.0
        middle_s = sum(at for at, _ in half) / len(half)
        middle = sum(mib for _, mib in half) / len(half)
        spread = sum((at - middle_s) ** 2 for at, _ in half)
        slope = sum((at - middle_s) * (mib - middle) for at, mib in half) / spread
        return slope * (half[-1][0] - half[0][0])
