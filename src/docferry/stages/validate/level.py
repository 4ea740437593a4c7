"""How closely two documents are compared."""

from enum import Enum


class Level(Enum):
    """`quick` compares listings, `full` looks at every document, `bytes` reads every document on both sides.

    A listing shows neither metadata, headers nor tags, so `quick` cannot see a difference in those. Records are
    compared whole at every level.
    """

    QUICK = "quick"
    FULL = "full"
    BYTES = "bytes"
