"""Evidence as a JSON object and back, small: what occurs twice is written once.

Texts and alerts are in tables of their own, in order, and named by their places. The object depends
on the evidence's content alone.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, Final

from correlate.evidence import Activity, DetectionKey, Evidence, Named, Sighting
from shared.killchain import Tactic
from shared.severity import Severity


def evidence_document(evidence: Evidence) -> dict[str, Any]:
    """The evidence as a JSON object."""
    alerts = sorted(set(_sightings(evidence)))
    texts = sorted({text for alert in alerts for text in alert[2:]})
    place = {alert: index for index, alert in enumerate(alerts)}
    text_at = {text: index for index, text in enumerate(texts)}
    return {
        "first": evidence.first,
        "last": evidence.last,
        "severity": int(evidence.severity),
        "texts": texts,
        "alerts": [
            [at, alert_id, text_at[resource], text_at[title]]
            for at, alert_id, resource, title in alerts
        ],
        "detections": [
            _activity_row(key, activity, place)
            for key, activity in sorted(evidence.detections.items())
        ],
        "resources": [_named_row(item, place) for item in sorted(evidence.resources.items())],
        "entities": [_named_row(item, place) for item in sorted(evidence.entities.items())],
        "products": sorted(evidence.products),
        "steps": [[step, int(rank[0]), rank[1]] for step, rank in sorted(evidence.steps.items())],
    }


def _sightings(evidence: Evidence) -> Iterable[Sighting]:
    for activity in evidence.detections.values():
        yield from activity.alerts
    for named in (*evidence.resources.values(), *evidence.entities.values()):
        yield from named.alerts.values()


def _activity_row(
    key: DetectionKey, activity: Activity, place: Mapping[Sighting, int]
) -> list[Any]:
    name, stages = key
    return [
        name,
        [int(stage) for stage in stages],
        int(activity.severity),
        activity.last,
        _pack(activity.instants),
        [place[alert] for alert in activity.alerts],
    ]


def _named_row(item: tuple[str, Named], place: Mapping[Sighting, int]) -> list[Any]:
    key, named = item
    identifier, name, kind = named.identity
    return [
        key,
        identifier,
        "" if name == identifier else name,
        kind,
        named.first,
        named.last,
        int(named.severity),
        [[on, place[alert]] for on, alert in sorted(named.alerts.items())],
    ]


def evidence_from(document: Mapping[str, Any]) -> Evidence:
    """The evidence in a JSON object that `evidence_document` made."""
    texts = document["texts"]
    alerts: list[Sighting] = [
        (at, alert_id, texts[resource], texts[title])
        for at, alert_id, resource, title in document["alerts"]
    ]
    return Evidence(
        document["first"],
        document["last"],
        Severity(document["severity"]),
        {
            (name, tuple(Tactic(stage) for stage in stages)): Activity(
                Severity(severity), last, _unpack(instants), tuple(alerts[index] for index in seen)
            )
            for name, stages, severity, last, instants, seen in document["detections"]
        },
        _named_from(document["resources"], alerts),
        _named_from(document["entities"], alerts),
        set(document["products"]),
        {step: (Severity(severity), start) for step, severity, start in document["steps"]},
    )


def _named_from(rows: Iterable[list[Any]], alerts: list[Sighting]) -> dict[str, Named]:
    return {
        key: Named(
            (identifier, name or identifier, kind),
            first,
            last,
            Severity(severity),
            {on: alerts[index] for on, index in seen},
        )
        for key, identifier, name, kind, first, last, severity, seen in rows
    }


_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def _pack(instants: Iterable[int]) -> str:
    """Ascending instants as differences in base 36: a third of the size of plain numbers."""
    packed, last = [], 0
    for instant in instants:
        packed.append(_base36(instant - last))
        last = instant
    return ",".join(packed)


def _base36(number: int) -> str:
    sign, rest, digits = ("-" if number < 0 else ""), abs(number), ""
    while rest or not digits:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    return sign + digits


def _unpack(text: str) -> tuple[int, ...]:
    """The instants of a packed text, ascending."""
    return tuple(accumulate(int(difference, 36) for difference in text.split(",")))
