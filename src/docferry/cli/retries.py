"""What is being tried again, for the progress line: nobody wants a log line for each retry."""

import time

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

SHOWN_S = 5.0


class Retries:
    """The last retry; `said` is empty once that was a while ago."""

    def __init__(self) -> None:
        self._why = ""
        self._until = 0.0

    def note(self, details: RetryDetails) -> None:
        """Note a retry and when it will be made."""
        self._why = " ".join(str(details.caused_by).split())
        self._until = time.monotonic() + details.wait_for + SHOWN_S

    @property
    def said(self) -> str:
        """What is tried again, for people."""
        return f"trying again: {self._why}" if time.monotonic() < self._until else ""


RETRIES = Retries()


def show_retries() -> None:
    """Note retries from now on, in place of logging each."""
    if stamina.is_active():
        set_on_retry_hooks([RETRIES.note])
