"""How well incidents match the truth: pairwise precision, recall and F1.

A pair of alerts is right when both are in one incident and both belong to one true incident. Noise
belongs to none, so every pair that has it in an incident is wrong (the usual pair counting for
clusterings, where a cluster of noise has no true pairs).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import comb

import orjson

from local.backtest.results import Incident


@dataclass(frozen=True, slots=True)
class Score:
    """Pairwise scores, each from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read_truth(lines: Iterable[bytes]) -> dict[str, str | None]:
    """The true incident of each alert, None for noise.

    Raises ValueError naming the line that is not `{"alertId", "incident"}`.
    """
    truth: dict[str, str | None] = {}
    for number, line in enumerate(lines, start=1):
        try:
            row = orjson.loads(line)
            truth[row["alertId"]] = row["incident"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as fault:
            raise ValueError(f"truth line {number}: {fault}") from None
    return truth


def score(incidents: Iterable[Incident], truth: Mapping[str, str | None]) -> Score:
    """The pairwise scores of incidents against the truth."""
    right = said = 0
    for incident in incidents:
        ids = set(incident.alert_ids)
        said += comb(len(ids), 2)
        right += sum(comb(count, 2) for count in Counter(_true(ids, truth)).values())
    true = sum(comb(count, 2) for count in Counter(_true(truth, truth)).values())
    return Score(right / said if said else 0.0, right / true if true else 0.0)


def _true(ids: Iterable[str], truth: Mapping[str, str | None]) -> list[str]:
    return [name for each in ids if (name := truth.get(each)) is not None]


def makeup(alert_ids: Iterable[str], truth: Mapping[str, str | None]) -> str:
    """What alerts are, in words: `10913 intrusion, 101 noise`."""
    counts = Counter(truth.get(each) or "noise" for each in alert_ids)
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
