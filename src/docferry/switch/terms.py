"""What a switch is held to."""

from dataclasses import dataclass, replace

from docferry.domain.journal import ARMED_SHARE
from docferry.domain.switch import Switch

DRIFT = 1.05
"""Two clocks of two machines may run apart by this; what is waited for elsewhere is waited for a little longer."""
FENCE_MARGIN_S = 1.5
"""By so much a hard fence may deny earlier than it was meant to: an answer of AWS tells the time to a second."""
DWELL = 1.5
"""Of a request's deadline: a request that its client gave up is dead by then, the service's own delay included."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Bounds in seconds. `lease_s` and `deadline_s` are what the applications were configured with.

    `without_client` says that applications are known to write without docferry.client: then the feeds have to be
    silent for the settling time while writers are held.
    """

    max_pause_s: float = 5.0
    max_lag_s: float = 2.0
    lease_s: float = 1.0
    deadline_s: float = 60.0
    validation_age_s: float = 24 * 3600.0
    without_client: bool = False

    @property
    def full_lease_s(self) -> float:
        """After so long no application believes a gate that was turned while the journal was off."""
        return self.lease_s * DRIFT

    @property
    def armed_lease_s(self) -> float:
        """After so long no application believes a gate that was turned while the journal was on."""
        return self.lease_s * ARMED_SHARE * DRIFT

    @property
    def fence_lead_s(self) -> float:
        """So long before a hard fence denies, the gate has to be closed."""
        return FENCE_MARGIN_S + self.armed_lease_s

    @property
    def dwell_s(self) -> float:
        """How long after a switch no other may begin."""
        return self.deadline_s * DWELL

    def at_least(self, switch: Switch) -> "Terms":
        """Return terms no weaker than those that a switch was begun with."""
        return replace(
            self,
            without_client=self.without_client or switch.without_client,
            lease_s=max(self.lease_s, switch.lease_s),
        )
