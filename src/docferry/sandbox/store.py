"""A store: one thing that a sandbox has, that can be asked for and made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError


@dataclass(frozen=True, slots=True)
class Store:
    """`name` says what it is and what it is called; `create` is called only where it does not exist."""

    name: str
    exists: Callable[[], bool]
    create: Callable[[], object]


def asked(call: Callable[..., dict[str, Any]], *absent: str, **fields: Any) -> dict[str, Any]:
    """Return what AWS answers; nothing if it answers with one of the codes for what is absent."""
    try:
        return call(**fields)
    except ClientError as error:
        if error.response["Error"]["Code"] in absent:
            return {}
        raise
