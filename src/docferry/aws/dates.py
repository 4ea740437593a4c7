"""Moments as policies are given them."""

from datetime import UTC, datetime


def moment(at: float) -> str:
    """Return a moment in seconds since 1970 as a policy's date condition wants it, whole seconds of UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
