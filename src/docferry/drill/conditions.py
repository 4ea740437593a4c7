"""What surrounds a run in which nothing is wrong: how long requests and events take, and how the engine is set."""

from dataclasses import dataclass

from docferry.migration import Tuning
from docferry.simulation.weather import BETWEEN_US
from docferry.switch.terms import Terms

TERMS = Terms(max_pause_s=2.5, deadline_s=4.5)
FENCED = Terms(max_pause_s=5.0, deadline_s=7.0)
TUNING = Tuning(
    window=8, scan_segments=2, settle_s=0.6, spread_s=1.5, beat_s=4.0, idle_s=0.4, idle_armed_s=0.15, retry_s=10.0
)
EVENT_US = (5_000, 150_000)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Ranges in microseconds: of a request, there and back each, and of an event. By default everything is brisk.

    `terms` None takes the drill's own. A page of a listing or a scan has `page_rows`, what a queue gives at once
    `messages`. Applications rest for up to `rest_s` between two operations. Once nothing fails any more, it takes
    `within_s` seconds at most: a refused key is tried each minute.
    """

    terms: Terms | None = None
    tuning: Tuning = TUNING
    request_us: tuple[int, int] = BETWEEN_US
    event_us: tuple[int, int] = EVENT_US
    page_rows: int = 7
    messages: int = 10
    within_s: float = 400.0
    runner_lease_s: float = 6.0
    token_s: float = 5.0
    rest_s: float = 0.2


BRISK = Conditions()
