"""A snapshot: what the 28 days before an hour say of how rare an alert is, and what chance makes.

It never changes. What is asked of it often is worked out when it is made, the rest when asked.
"""

from functools import cached_property

from correlate.baseline.chances import Chances
from correlate.baseline.commonness import Commonness
from correlate.baseline.content import Content
from correlate.baseline.counts import Counts
from correlate.baseline.loudness import Loudness
from correlate.baseline.outbreaks import Outbreaks
from correlate.baseline.rates import Rates
from correlate.model.cell import Cell
from correlate.policy import Policy


class Snapshot:
    """`hours` is T, the hours of history; `resources` is N."""

    def __init__(self, content: Content, policy: Policy) -> None:
        self.policy = policy
        self._counts = Counts(content)
        self.commonness = Commonness(content, self._counts, policy)
        self.loudness = Loudness(self._counts)
        self.outbreaks = Outbreaks(self._counts, policy.wave)
        self._rates = Rates(self._counts, self.commonness, policy)

    @property
    def hours(self) -> int:
        """T: the hours of history."""
        return self._counts.hours

    @property
    def resources(self) -> int:
        """N: the resources with any alert."""
        return self._counts.resources

    @cached_property
    def chances(self) -> Chances:
        """How often staged events as rare come, and come together."""
        return Chances(self._counts, self._rates, self.loudness, self.policy.priors.weight_hours)

    def rarity(self, cell: Cell) -> float:
        """s of a cell: minus the logarithm of the chance to see its detection there in 12 hours."""
        return self._rates.rarity(cell)

    def links(self, cell: Cell) -> bool:
        """Whether a cell is rare enough to link, or is named by a pattern of its own."""
        return self.rarity(cell) >= self.policy.chance.threshold or any(
            pattern.names(cell.signal.detection, cell.title) for pattern in self.policy.by_itself
        )

    def seen_on(self, detection: str) -> int:
        """On how many resources a detection fired."""
        return len(self._counts.entities(detection))
