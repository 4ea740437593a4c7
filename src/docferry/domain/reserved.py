"""The keys that docferry keeps for itself in both buckets: no listing shows them, and nothing there is carried."""

RESERVED = ".docferry/"
"""Everything under this prefix."""
HEARTBEAT = f"{RESERVED}heartbeat"
"""Goes from source to target, to measure the lag."""
CANARY = f"{RESERVED}canary"
"""Goes from target to source, to prove the way back."""
PREFLIGHT = tuple(
    f"{RESERVED}preflight-{side}-{what}" for side in ("source", "target") for what in ("written", "copied")
)
"""Put for moments by a check of the account, at the side that the name says, and removed again."""
OWN = (HEARTBEAT, CANARY, *PREFLIGHT)
"""All that docferry puts there; whatever else is there is somebody else's."""


def is_reserved(key: str) -> bool:
    """Tell whether a document's key is under the reserved prefix."""
    return key.startswith(RESERVED)
