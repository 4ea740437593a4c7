"""Tells how to see a run again."""


def replay(seed: int, faults: str | None) -> str:
    """Return the command that runs a seed again, with the faults that were asked for, and shows it."""
    asked = "" if faults is None else f' --faults "{faults}"'
    return f"docferry simulate --first {seed} --seeds 1{asked} --timeline"
