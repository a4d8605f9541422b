"""Counts requests by kind and status, and adds up the estimated request units.

One total runs from the start; named spans count alongside it from when they are begun until
they are ended.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from .errors import not_found


@dataclass(slots=True)
class Tally:
    """Requests, refusals and request units of one span."""

    requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    units: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, kind: str, status: int, charge: float) -> None:
        """Count one answered request."""
        self.requests[kind] += 1
        self.statuses[status] += 1
        self.units[kind] += charge

    def describe(self) -> dict[str, Any]:
        """The counts as the admin endpoint shows them."""
        return {
            "requests": {"total": sum(self.requests.values()), **sorted_items(self.requests)},
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "requestUnits": {
                "total": round(sum(self.units.values()), 2),
                **{kind: round(units, 2) for kind, units in sorted_items(self.units).items()},
            },
        }


class Meter:
    """The total and the open spans."""

    def __init__(self) -> None:
        self.total = Tally()
        self.spans: dict[str, Tally] = {}

    def add(self, kind: str, status: int, charge: float) -> None:
        """Count one answered request in the total and in every open span."""
        self.total.add(kind, status, charge)
        for span in self.spans.values():
            span.add(kind, status, charge)

    def begin(self, name: str) -> None:
        """Start a span, or start it anew."""
        self.spans[name] = Tally()

    def span(self, name: str) -> Tally:
        """An open span.

        Raises:
            CosmosError: 404 when no span of this name is open.
        """
        if name not in self.spans:
            raise not_found(f"meter span {name}")
        return self.spans[name]

    def end(self, name: str) -> Tally:
        """Close a span and return what it counted.

        Raises:
            CosmosError: 404 when no span of this name is open.
        """
        tally = self.span(name)
        del self.spans[name]
        return tally


def sorted_items(counts: dict[str, Any]) -> dict[str, Any]:
    """The same dictionary in the order of its keys."""
    return dict(sorted(counts.items()))
