"""`python -m local.calibrate ALERTS… [--seeds 10]`: how many incidents pure noise makes at each E.

Prints, for each E, how many episodes a week are at or below it: with the alerts as they are, and on
average once their detections are dealt anew among the resources.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from correlate.model.episode import Episode
from correlate.policy import default_policy
from local.calibrate.judging import episodes_of
from local.calibrate.permute import permuted
from local.calibrate.reading import read_world
from shared.times import DAY

AT: Final = (1.0, 0.1, 0.01)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m local.calibrate", description=__doc__)
    parser.add_argument("alerts", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    policy = default_policy()
    cells = read_world(given.alerts, policy).cells.values()
    starts = [cell.first.start for cell in cells]
    weeks = max((max(starts) - min(starts)) / (7 * DAY), 1 / 7)
    print("E           " + "".join(f"{at:>9g}" for at in AT))
    _row("as it is", [episodes_of(list(cells), policy)], weeks)
    dealt = [episodes_of(permuted(cells, seed), policy) for seed in range(given.seeds)]
    _row("dealt anew", dealt, weeks)


def _row(name: str, runs: Iterable[Iterable[Episode]], weeks: float) -> None:
    found = [[each.verdict.expected for each in run if each.verdict] for run in runs]
    counts = (sum(each <= at for run in found for each in run) / len(found) for at in AT)
    print(f"{name:<12}" + "".join(f"{count / weeks:>9.2f}" for count in counts))


if __name__ == "__main__":
    main()
