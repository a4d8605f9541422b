"""The episodes of cells under one baseline, as of the last of them."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from correlate.baseline.baseline import Baseline
from correlate.baseline.snapshot import Snapshot
from correlate.episodes.find import find_episodes
from correlate.model.activity import Subject
from correlate.model.cell import Cell
from correlate.model.episode import Episode
from correlate.policy import Policy
from local.calibrate.reading import baseline_of
from shared.times import DAY

SETTLED: Final = 7 * DAY
"""So long after its end an episode is judged at the latest."""


def snapshots_of(baseline: Baseline, now: int, policy: Policy) -> Callable[[int], Snapshot]:
    """The snapshot by which what ends at an instant is judged, if it is `now`."""
    return lambda end: baseline.snapshot(min(now, end + SETTLED), policy)


def episodes_of(
    cells: Collection[Cell],
    policy: Policy,
    subjects: Mapping[str, Subject] | None = None,
    *,
    baseline: Baseline | None = None,
) -> tuple[Episode, ...]:
    """All episodes, judged with everything that is known in the end."""
    known = baseline_of(cells) if baseline is None else baseline
    now = max(cell.last.start for cell in cells)
    return find_episodes(cells, snapshots_of(known, now, policy), policy, subjects=subjects)
