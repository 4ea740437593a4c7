"""Seeds that found something when scenarios were drawn otherwise, each with its faults, None for those of its own.

They are other runs by now, and no proof that what they found is mended.
"""

SEEDS: tuple[tuple[int, tuple[str, ...] | None], ...] = (
    (15, ("corruption", "late-requests")),
    (71, None),
    (439, None),
    # A repair that had died kept its lease, and every switch waited for it with writers held, longer than it may.
    (2101, None),
    (2430, None),
)
