"""Envelopes: the shapes in which services hand over lists of alerts, and how each is opened.

An object is opened only by a key in the table whose opener recognises it, so that an alert that
happens to have such a key stays whole.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ingest_alert.broken import Broken
from ingest_alert.event_lines import event_line
from ingest_alert.stix import sightings
from shared.strict_json import load

_DEEPEST: Final = 6
_MOST_COPIED: Final = 1_024 * 1_024
_MOST_TIMES: Final = 16
"""Characters that an envelope may have in all the alerts that it is copied into, and as how many
times its own; one of the two must hold. Otherwise one of 48 KiB with thousands of tiny alerts would
be stored as hundreds of megabytes."""

Opener = Callable[[Mapping[str, Any]], object | None]


def flatten(value: object, found: list[object], depth: int = 0) -> None:
    """Add to `found` what `value` holds, in order: arrays and envelopes are opened, all else kept.

    A text that holds JSON is opened too. More than six layers are not.
    """
    if depth == _DEEPEST or isinstance(value, Broken):
        found.append(value)
    elif isinstance(value, list):
        for item in value:
            flatten(item, found, depth + 1)
    elif (inner := _open(value)) is not None:
        flatten(inner, found, depth + 1)
    else:
        found.append(value)


def _open(envelope: object) -> object | None:
    if not isinstance(envelope, dict):
        return _json_text(envelope)
    if OPENING_KEYS.isdisjoint(envelope):
        return None
    for key, opener in _OPENERS.items():
        if key in envelope:
            inner = opener(envelope)
            if inner is not None:
                return inner
    return None


def _list_at(key: str) -> Opener:
    """A list of objects; a list of plain values is some field of an alert."""

    def opener(envelope: Mapping[str, Any]) -> object | None:
        inner = envelope[key]
        if not isinstance(inner, list):
            return None
        return inner if all(isinstance(item, dict | str) for item in inner) else None

    return opener


def _json_text(value: object) -> object | None:
    """What a text that holds a JSON object or array, or a line of CEF or LEEF, holds."""
    if not isinstance(value, str):
        return None
    if value.lstrip()[:1] not in ("{", "["):
        return event_line(value)
    try:
        inner: object = load(value)
    except (ValueError, RecursionError):
        return None
    return inner


def _base64_json(value: object) -> object | None:
    if not isinstance(value, str):
        return None
    try:
        return _json_text(base64.b64decode(value, validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        return None


def _open_hits(envelope: Mapping[str, Any]) -> object | None:
    """A search's answer: Elasticsearch, OpenSearch and what is built on them."""
    hits = envelope["hits"]
    inner = hits.get("hits") if isinstance(hits, dict) else None
    return inner if isinstance(inner, list) else None


def _open_source(envelope: Mapping[str, Any]) -> object | None:
    source = envelope["_source"]
    return source if isinstance(source, dict) and "_index" in envelope else None


def _open_crowdstrike_answer(envelope: Mapping[str, Any]) -> object | None:
    """An answer of the Falcon API; other formats list an alert's resources under this key."""
    inner = envelope["resources"]
    return inner if isinstance(inner, list) and "meta" in envelope else None


def _open_pubsub(envelope: Mapping[str, Any]) -> object | None:
    message = envelope["message"]
    return _base64_json(message.get("data")) if isinstance(message, dict) else None


def _open_sns(envelope: Mapping[str, Any]) -> object | None:
    return _json_text(envelope["Message"])


def _open_sns_record(envelope: Mapping[str, Any]) -> object | None:
    notification = envelope["Sns"]
    return _json_text(notification.get("Message")) if isinstance(notification, dict) else None


def _open_body(envelope: Mapping[str, Any]) -> object | None:
    """A record of SQS; a request or answer, as API gateways and Logic Apps hand it on."""
    body = envelope["body"]
    if isinstance(body, dict | list) and not _OF_REQUESTS.isdisjoint(envelope):
        return body
    return _content(body)


_OF_REQUESTS: Final = frozenset({"headers", "statusCode", "httpMethod", "queries", "relativePath"})


def _content(value: object) -> object | None:
    """JSON in a text, in base64, or in the object that Logic Apps makes of what is no JSON."""
    if isinstance(value, dict) and "$content" in value:
        value = value["$content"]
    return _json_text(value) or _base64_json(value)


def _open_logic_app_content(envelope: Mapping[str, Any]) -> object | None:
    return _content(envelope)


def _open_trigger(envelope: Mapping[str, Any]) -> object | None:
    """What a Logic App's trigger or action gave: its body is what was handed over."""
    outputs = envelope.get("triggerOutputs") or envelope.get("outputs")
    body = outputs.get("body") if isinstance(outputs, dict) else None
    return body if isinstance(body, dict | list) else _content(body)


def _open_bus_message(envelope: Mapping[str, Any]) -> object | None:
    """A message of Service Bus or Event Hubs, as Logic Apps hand it on."""
    return _content(envelope["ContentData"])


def _open_captured(envelope: Mapping[str, Any]) -> object | None:
    """An event of Event Hubs, as capture stores it."""
    body = envelope["Body"]
    if isinstance(body, dict) and "EnqueuedTimeUtc" in envelope:
        body = body.get("bytes") or body.get("string")
    return _content(body)


def _open_bundle(envelope: Mapping[str, Any]) -> object | None:
    """A STIX bundle: its sightings, if it has any."""
    objects = envelope["objects"]
    is_bundle = envelope.get("type") == "bundle" and isinstance(objects, list)
    return (sightings(objects) or None) if is_bundle else None


def _open_kinesis_record(envelope: Mapping[str, Any]) -> object | None:
    record = envelope["kinesis"]
    return _base64_json(record.get("data")) if isinstance(record, dict) else None


def _open_security_hub_event(envelope: Mapping[str, Any]) -> object | None:
    """EventBridge gives Security Hub findings as a list; a GuardDuty event is itself the alert."""
    detail = envelope["detail"]
    inner = detail.get("findings") if isinstance(detail, dict) else None
    return inner if isinstance(inner, list) else None


def _open_sentinel_incident(envelope: Mapping[str, Any]) -> object | None:
    """An incident of Microsoft Sentinel: its alerts, each with the rest of the incident."""
    incident = envelope["object"]
    properties = incident.get("properties") if isinstance(incident, dict) else None
    alerts = properties.get("alerts") if isinstance(properties, dict) else None
    if not isinstance(properties, dict) or not isinstance(alerts, list) or not alerts:
        return None
    rest = {name: value for name, value in properties.items() if name != "alerts"}
    shared = {**incident, "properties": rest}
    broken = _too_much(envelope, len(alerts), len(json.dumps(shared))) if len(alerts) > 1 else None
    return broken or [{"sentinelIncident": shared, "alert": alert} for alert in alerts]


def _too_much(envelope: Mapping[str, Any], alerts: int, shared: int) -> Broken | None:
    """The envelope as one that cannot be read, if opening it would copy too much of it."""
    copied = alerts * shared
    if copied <= _MOST_COPIED:
        return None
    text = json.dumps(envelope, ensure_ascii=False)
    if copied <= _MOST_TIMES * len(text):
        return None
    reason = (
        f"the envelope would be copied into each of its {alerts:,} alerts, {copied:,} characters"
        f" in all, {copied // len(text)} times its own: send fewer alerts at once"
    )
    return Broken(text, reason)


def _open_connector_action(envelope: Mapping[str, Any]) -> object | None:
    """What an action of Kibana sends: its alerts are within the context."""
    context = envelope["context"]
    inner = context.get("alerts") if isinstance(context, dict) else None
    return inner if isinstance(inner, list) else None


def _open_event(envelope: Mapping[str, Any]) -> object | None:
    """CloudEvents and Event Grid events carry the alert in `data`."""
    if "specversion" in envelope or ("eventType" in envelope and "topic" in envelope):
        inner = envelope["data"]
        return inner if isinstance(inner, dict | list) else _content(inner)
    return None


def _open_query_tables(envelope: Mapping[str, Any]) -> object | None:
    """A Log Analytics query's answer: columns and rows, made into one object a row."""
    tables = envelope["tables"]
    if not isinstance(tables, list):
        return None
    found: list[object] = []
    for table in tables:
        if not isinstance(table, dict):
            return None
        columns, rows = table.get("columns"), table.get("rows")
        if not isinstance(columns, list) or not isinstance(rows, list):
            return None
        listed = (each.get("name") if isinstance(each, dict) else each for each in columns)
        names = list(map(str, listed))
        if broken := _too_much(envelope, len(rows), sum(map(len, names))):
            return broken
        found += [dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list)]
    return found


_OPENERS: Final[Mapping[str, Opener]] = {
    "value": _list_at("value"),
    "Records": _list_at("Records"),
    "records": _list_at("records"),
    "alerts": _list_at("alerts"),
    "Findings": _list_at("Findings"),
    "findings": _list_at("findings"),
    "listFindingsResults": _list_at("listFindingsResults"),
    "resources": _open_crowdstrike_answer,
    "hits": _open_hits,
    "_source": _open_source,
    "detail": _open_security_hub_event,
    "message": _open_pubsub,
    "Message": _open_sns,
    "Sns": _open_sns_record,
    "body": _open_body,
    "Body": _open_captured,
    "$content": _open_logic_app_content,
    "ContentData": _open_bus_message,
    "triggerOutputs": _open_trigger,
    "outputs": _open_trigger,
    "objects": _open_bundle,
    "kinesis": _open_kinesis_record,
    "data": _open_event,
    "object": _open_sentinel_incident,
    "context": _open_connector_action,
    "tables": _open_query_tables,
}
OPENING_KEYS: Final = frozenset(_OPENERS)
"""The keys that may open an object."""
