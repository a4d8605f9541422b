"""A dry run: what a mapping would make of given alerts, without anything being stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ingest_alert.errors import AlertError, FieldError
from ingest_alert.estate import UNSTATED, Estate
from ingest_alert.mapping.reading import source_by
from ingest_alert.registry import source_of
from shared.alert import Alert, alert_document


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one alert: the document that would be stored, or the fields at fault.

    `recognised` is whether the mapping knows the alert; `taken_by` names a format of the app that
    knows it too and comes first, "" where there is none.
    """

    recognised: bool
    taken_by: str
    document: Mapping[str, Any] | None
    errors: tuple[FieldError, ...]


SHOWN: Final = (
    *("sourceAlertId", "title", "detection", "severity", "sourceStatus", "finding"),
    *("startTimeUtc", "endTimeUtc", "tactics", "techniques", "resource", "keys", "notes"),
)
"""What is worth a look of the document that would be stored."""


def shown(trial: Trial) -> dict[str, Any]:
    """What is worth a look of what became of an alert, where it says anything."""
    document = trial.document or {}
    return {name: document[name] for name in SHOWN if document.get(name)}


def dry_run(mapping: Any, payloads: Iterable[object], estate: Estate = UNSTATED) -> list[Trial]:
    """What a mapping, as JSON, makes of each payload; they are read even if not recognised.

    Raises MappingError naming each field of the mapping that is at fault.
    """
    source = source_by(mapping)
    found = []
    for payload in payloads:
        if not isinstance(payload, dict):
            found.append(Trial(False, "", None, (FieldError("", "an alert is a JSON object"),)))
            continue
        first = source_of(payload)
        taken = "" if first is None or first.name == source.name else first.name
        recognised = source.recognise(payload)
        try:
            alert: Alert = source.parse(payload, estate)
        except AlertError as fault:
            found.append(Trial(recognised, taken, None, fault.errors))
        else:
            found.append(Trial(recognised, taken, alert_document(alert, received=alert.start), ()))
    return found
