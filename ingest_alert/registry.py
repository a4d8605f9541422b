"""The sources that are known, and which of them a payload is of.

To add a format: a mapping file in `formats/`, see `docs/formats.md`. Where that does not do, one
module in `sources/` with `NAME`, `recognise` and `parse`, and one line here and in `nearest.py`.
This module and all that it imports know nothing of Azure's libraries, so that files can be read
offline by the same code.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingest_alert.broken import Broken
from ingest_alert.errors import AlertError, FieldError
from ingest_alert.estate import UNSTATED, Estate
from ingest_alert.mapping.folder import shipped_formats
from ingest_alert.nearest import NEEDED, unknown
from ingest_alert.source import Source
from ingest_alert.sources import (
    alertmanager,
    aws_guardduty,
    aws_security_hub,
    azure_monitor,
    crowdstrike,
    defender_arm,
    defender_export,
    elastic,
    falco,
    google_scc,
    graph_alert,
    ocsf,
    security_alert_table,
    sentinel_incident,
    suricata,
    wazuh,
)
from shared.alert import Alert

_MODULES: Final = (
    defender_arm,
    defender_export,
    security_alert_table,
    sentinel_incident,
    graph_alert,
    azure_monitor,
    aws_guardduty,
    aws_security_hub,
    ocsf,
    crowdstrike,
    elastic,
    wazuh,
    suricata,
    falco,
    google_scc,
    alertmanager,
)

SOURCES: Final = tuple(
    Source(module.NAME, module.recognise, module.parse, NEEDED[module.NAME]) for module in _MODULES
)
"""In the order in which they are asked; the native format first."""


def source_of(payload: Mapping[str, Any], added: Sequence[Source] = ()) -> Source | None:
    """The format of a payload, by its content; `added` are those that people added."""
    for source in SOURCES:
        if source.recognise(payload):
            return source
    for source in (*added, *shipped_formats()):
        if source.recognise(payload):
            return source
    return None


def parse_alert(payload: object, estate: Estate = UNSTATED, added: Sequence[Source] = ()) -> Alert:
    """The alert that a payload is, whatever its format; `estate` is whose networks it tells of.

    Raises AlertError: with the fields at fault, or saying that no format is recognised.
    """
    if isinstance(payload, Broken):
        broken = AlertError("", (FieldError("", payload.reason),))
        broken.reason = "unreadable"
        raise broken
    if not isinstance(payload, dict):
        raise AlertError("", (FieldError("", "an alert is a JSON object"),))
    source = source_of(payload, added)
    if source is None:
        reason = unknown(payload, (*SOURCES, *added, *shipped_formats()))
        raise AlertError("", (FieldError("", reason),))
    return source.parse(payload, estate)
