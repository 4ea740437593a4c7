"""The keys that docferry keeps for itself in both buckets: no listing shows them, and nothing there is carried."""

RESERVED = ".docferry/"
"""Everything under this prefix."""
HEARTBEAT = f"{RESERVED}heartbeat"
"""Goes from source to target, to measure the lag."""
CANARY = f"{RESERVED}canary"
"""Goes from target to source, to prove the way back."""
OWN = (HEARTBEAT, CANARY)
"""All that docferry puts there; whatever else is there is somebody else's."""


def is_reserved(key: str) -> bool:
    """Tell whether a document's key is under the reserved prefix."""
    return key.startswith(RESERVED)
