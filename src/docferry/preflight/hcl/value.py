"""What an expression comes to: a value, a reference to something else's, or unknown."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias, Union


class Unknown(Enum):
    """Neither this nor that: it cannot be told from the text. Never truthy, so it cannot pass for a value."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

_PREFIXED = ("data", "ephemeral")


@dataclass(frozen=True, slots=True)
class Reference:
    """A traversal, such as `aws_s3_bucket.a.id`.

    `parts` holds the names. Indexes and splats (`[*]`) are left out of them; `indexed` says that there was one of
    these, `splat` that there was a splat, so that the whole is a list.
    """

    parts: tuple[str, ...]
    indexed: bool = False
    splat: bool = False

    @property
    def address(self) -> str:
        """What it names: `aws_s3_bucket.a`, `data.aws_iam_policy_document.b`, `module.c`, `var.d`, `local.e`."""
        return ".".join(self.parts[: self._length])

    @property
    def attribute(self) -> str:
        """The name after the address, such as `id`, or nothing."""
        return self.parts[self._length] if len(self.parts) > self._length else ""

    @property
    def _length(self) -> int:
        return 3 if self.parts[0] in _PREFIXED else 2

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Template:
    """A string of which a part is not known: texts, references and UNKNOWN, in order."""

    parts: tuple["str | Reference | Unknown", ...]


_Leaf: TypeAlias = bool | int | float | str | Reference | Template | Unknown | None
# As a string the whole could not be joined to another type with `|`.
Value: TypeAlias = Union[_Leaf, list["Value"], dict[str, "Value"]]  # noqa: UP007


def known(value: Value) -> bool:
    """Whether a value is known to its last leaf."""
    if isinstance(value, Reference | Template | Unknown):
        return False
    if isinstance(value, list):
        return all(known(one) for one in value)
    if isinstance(value, dict):
        return all(known(one) for one in value.values())
    return True
