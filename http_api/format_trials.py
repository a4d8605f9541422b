"""Formats as ingestion reads them: checked, and tried on alerts.

The one place where the API uses the reading kit of ingestion, so that what a dry run says is what
will be. The kit is imported when it is first needed: it would slow every cold start.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from http_api.problems import FieldError, invalid

if TYPE_CHECKING:
    from ingest_alert.mapping.model import MappingError


def check_mapping(mapping: Any) -> None:
    """Raise Problem (400), naming each field at fault, unless ingestion can use a mapping."""
    from ingest_alert.mapping.model import MappingError, read_mapping  # noqa: PLC0415

    try:
        read_mapping(mapping)
    except MappingError as fault:
        raise invalid(_errors(fault, "")) from None


def shipped_names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the formats that the app's modules read, and of those of its mapping files."""
    from ingest_alert.mapping.folder import shipped_formats  # noqa: PLC0415
    from ingest_alert.registry import SOURCES  # noqa: PLC0415

    return tuple(each.name for each in SOURCES), tuple(each.name for each in shipped_formats())


def payloads_of(body: bytes, field: str, at: int) -> list[object]:
    """The alerts in a message, as ingestion takes it apart at an instant.

    Raises Problem (400) naming the field when it is no JSON or holds nothing.
    """
    from ingest_alert.errors import MessageError  # noqa: PLC0415
    from ingest_alert.event_lines import dated  # noqa: PLC0415
    from ingest_alert.reading import read_message  # noqa: PLC0415

    try:
        return [dated(payload, at) for payload in read_message(body)]
    except MessageError as fault:
        raise invalid([FieldError(field, str(fault))]) from None


def try_mapping(
    mapping: Mapping[str, Any],
    payloads: Sequence[object],
    own_networks: Sequence[str],
    proxies: Sequence[str],
) -> list[dict[str, Any]]:
    """What a mapping makes of each payload, as it is shown.

    Raises Problem (400) naming each field of the mapping that is at fault.
    """
    from ingest_alert.estate import read_estate  # noqa: PLC0415
    from ingest_alert.mapping.model import MappingError  # noqa: PLC0415
    from ingest_alert.mapping.trial import dry_run, shown  # noqa: PLC0415

    try:
        trials = dry_run(mapping, payloads, read_estate(own_networks, proxies))
    except MappingError as fault:
        raise invalid(_errors(fault, "format.")) from None
    found = []
    for trial in trials:
        view: dict[str, Any] = {"recognised": trial.recognised}
        if trial.taken_by:
            view["takenBy"] = trial.taken_by
        if trial.document is not None:
            view["alert"] = shown(trial)
        errors = [{"field": each.field, "reason": each.reason} for each in trial.errors]
        found.append(view | ({"errors": errors} if errors else {}))
    return found


def _errors(fault: "MappingError", place: str) -> list[FieldError]:
    return [FieldError(place + each.field, each.reason) for each in fault.errors]
