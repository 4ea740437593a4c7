"""A range of keys: what one worker takes of a bucket."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyRange:
    """All keys that come after `after` and not after `through`; an empty `through` is no bound.

    Ranges that follow one another cover every key there is or ever will be, whatever is written meanwhile.
    """

    after: str = ""
    through: str = ""


EVERYTHING = KeyRange()
