"""Rows that only together are an alert: Defender XDR's streaming API tells of one in two tables.

`AlertInfo` says what the alert is, each row of `AlertEvidence` names one thing. The rows of one
alert in one message become one object, with `evidence` beside the properties of the former.
"""

from collections.abc import Mapping
from typing import Any, Final

_INFO: Final = "AdvancedHunting-AlertInfo"
_EVIDENCE: Final = "AdvancedHunting-AlertEvidence"


def joined(payloads: list[object]) -> list[object]:
    """The payloads, with the rows of each alert joined; evidence without its alert stays alone."""
    if not any(isinstance(each, dict) and each.get("category") == _INFO for each in payloads):
        return payloads
    infos = [each for each in payloads if _category(each) == _INFO]
    evidence: dict[str, list[Any]] = {}
    for each in payloads:
        if isinstance(each, dict) and _category(each) == _EVIDENCE:
            evidence.setdefault(_alert_id(each), []).append(each["properties"])
    known = {_alert_id(each) for each in infos if isinstance(each, dict)}
    return [_with_evidence(each, evidence) for each in payloads if not _is_taken(each, known)]


def _category(payload: object) -> str:
    is_row = isinstance(payload, dict) and isinstance(payload.get("properties"), dict)
    return str(payload.get("category")) if is_row and isinstance(payload, dict) else ""


def _alert_id(row: Mapping[str, Any]) -> str:
    return str(row["properties"].get("AlertId"))


def _is_taken(payload: object, known: set[str]) -> bool:
    return (
        isinstance(payload, dict)
        and _category(payload) == _EVIDENCE
        and _alert_id(payload) in known
    )


def _with_evidence(payload: object, evidence: Mapping[str, list[Any]]) -> object:
    if not isinstance(payload, dict) or _category(payload) != _INFO:
        return payload
    rows = evidence.get(_alert_id(payload))
    return {**payload, "evidence": rows} if rows else payload
