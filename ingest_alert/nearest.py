"""Why an alert is of no known format: which format comes nearest, and what is missing of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingest_alert.mapping.values import holds, text_of, values_at
from ingest_alert.source import Source

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "defender": (
        *("properties.systemAlertId", "properties.alertDisplayName", "properties.startTimeUtc"),
        *("properties.alertType", "properties.severity"),
    ),
    "defender-export": ("AlertDisplayName", "SystemAlertId", "StartTimeUtc", "AlertType"),
    "security-alert-table": ("SystemAlertId", "DisplayName", "StartTime", "TenantId", "AlertType"),
    "sentinel-incident": ("properties.title", "properties.createdTimeUtc", "type", "name"),
    "graph-alert": ("id", "title", "createdDateTime", "evidence", "serviceSource"),
    "azure-monitor": ("schemaId", "data.essentials.alertId", "data.essentials.firedDateTime"),
    "aws-guardduty": ("schemaVersion", "id", "type", "service", "resource", "createdAt"),
    "aws-security-hub": ("ProductArn", "AwsAccountId", "Id", "Title", "CreatedAt"),
    "ocsf": ("class_uid", "finding_info.uid", "finding_info.title", "time", "metadata.product"),
    "crowdstrike": ("composite_id", "display_name", "created_timestamp", "cid"),
    "elastic": ("kibana.alert.uuid", "kibana.alert.rule.name", "@timestamp"),
    "wazuh": ("rule.level", "rule.description", "id", "timestamp", "agent"),
    "suricata": ("alert.signature", "flow_id", "timestamp", "event_type", "src_ip"),
    "falco": ("rule", "priority", "output", "time"),
    "google-scc": ("finding.name", "finding.category", "finding.eventTime", "resource.name"),
    "alertmanager": ("labels.alertname", "startsAt", "annotations"),
}
"""The fields by which each module's format is known, with those of id, title and time."""
_NAMED: Final = 8
_LEAST: Final = 0.6
"""The share of a format's fields that must be there for it to be called near."""


def unknown(payload: Mapping[str, Any], sources: Iterable[Source]) -> str:
    """Why no format recognises a payload, for people."""
    names = ", ".join(map(repr, list(payload)[:_NAMED])) or "none"
    told = f"no known format has these fields: {names}"[:500]
    best = 0.0
    nearest: Source | None = None
    for source in sources:
        absent = tuple(path for path in source.needed if not values_at(payload, path))
        share = 1 - len(absent) / len(source.needed) if source.needed else 0
        if share > best:
            best, nearest = share, source
    if nearest is None or best < _LEAST:
        return told
    return f"{told}; {nearest.name} comes nearest: {'; '.join(_lacking(payload, nearest))}"


def _lacking(payload: Mapping[str, Any], source: Source) -> list[str]:
    """What a payload lacks to be of a format."""
    absent = [path for path in source.needed if not values_at(payload, path)]
    lacking = [f"it has no {', no '.join(absent)}"] if absent else []
    for path, texts in source.wanted:
        if not holds(payload, path, texts) and path not in absent:
            stated = next(map(text_of, values_at(payload, path)), "")
            lacking.append(f"its {path} is {stated[:60]!r}, which this format does not read")
    return lacking or ["a field by which it is known is absent"]
