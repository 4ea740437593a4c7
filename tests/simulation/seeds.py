"""Seeds that once found something, each with the faults it ran with, None for those of its own."""

SEEDS: tuple[tuple[int, tuple[str, ...] | None], ...] = (
    (15, ("corruption", "late-requests")),
    (71, None),
    (439, None),
    # A repair that had died kept its lease, and every switch waited for it with writers held, longer than it may.
    (2101, None),
    (2430, None),
)
