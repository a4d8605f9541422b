"""What a change of policy does: which incidents it merges, splits, adds and drops."""

from collections import defaultdict
from collections.abc import Sequence

from local.backtest.results import Incident


def compare(before: Sequence[Incident], after: Sequence[Incident]) -> list[str]:
    """One sentence for each incident that is not as it was, by the alerts that they share."""
    old_of = {alert: index for index, each in enumerate(before) for alert in each.alert_ids}
    sources: dict[int, set[int]] = {
        index: {old_of[alert] for alert in each.alert_ids if alert in old_of}
        for index, each in enumerate(after)
    }
    targets: dict[int, set[int]] = defaultdict(set)
    for new, olds in sources.items():
        for old in olds:
            targets[old].add(new)
    said = [f"added: {name(each)}" for index, each in enumerate(after) if not sources[index]]
    said += [f"dropped: {name(each)}" for index, each in enumerate(before) if not targets[index]]
    said += [
        f"merged: {' + '.join(name(before[old]) for old in sorted(olds))} → {name(after[new])}"
        for new, olds in sources.items()
        if len(olds) > 1
    ]
    said += [
        f"split: {name(before[old])} → {' + '.join(name(after[new]) for new in sorted(news))}"
        for old, news in sorted(targets.items())
        if len(news) > 1
    ]
    said += [
        f"changed: {name(before[old])} → {name(after[new])}"
        for new, olds in sources.items()
        if len(olds) == 1
        for old in olds
        if len(targets[old]) == 1 and _differs(before[old], after[new])
    ]
    return said


def _differs(old: Incident, new: Incident) -> bool:
    return (
        sorted(old.alert_ids) != sorted(new.alert_ids)
        or old.confidence != new.confidence
        or old.line["title"] != new.line["title"]
    )


def name(incident: Incident) -> str:
    """An incident in a few words."""
    return f"“{incident.line['title']}” ({incident.confidence}, {len(incident.alert_ids)} alerts)"
