"""What the live writers are to do, as it is handed to their process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from docferry.settings import Settings


@dataclass(frozen=True, slots=True)
class Job:
    """What the writers are to do: `rate` is operations a second, all writers together."""

    settings: Settings
    log: Path
    writers: int = 4
    rate: float = 150.0
    seed: int = 0

    def dumps(self) -> bytes:
        """Return the job as one JSON line."""
        held = {"settings": self.settings.model_dump(mode="json"), "log": str(self.log)}
        return orjson.dumps({**held, "writers": self.writers, "rate": self.rate, "seed": self.seed}) + b"\n"

    @classmethod
    def loads(cls, line: bytes) -> "Job":
        """Read what `dumps` wrote."""
        held: dict[str, Any] = orjson.loads(line)
        return cls(**{**held, "settings": Settings(**held["settings"]), "log": Path(held["log"])})
