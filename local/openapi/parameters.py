"""The parameters, from the tables that they are validated by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from http_api.exporting import FORMATS
from http_api.feed import SHOWS
from http_api.filters import ANY_CONFIDENCE, CONFIDENCES, LONGEST_SEARCH, NO_INCIDENT
from http_api.paging import DEFAULT_LIMIT
from http_api.parameters import LONGEST, MOST_VALUES
from http_api.periods import BUCKETS
from http_api.rejected import MOST_AT_ONCE
from http_api.rejected import STATUSES as STATUSES_OF_REJECTIONS
from http_api.suppressions import MOST_DAYS
from http_api.views import ALERT_DETAIL, ALERT_ROW, FEED_ROW, INCIDENT_DETAIL, INCIDENT_ROW
from shared.alert import STATUSES
from shared.entities import KINDS
from shared.killchain import Tactic
from shared.settings import Settings
from shared.severity import Severity
from shared.store import alert_reads, incident_reads

MOST: Final = Settings().page_limit
_TAG: Final = {"type": "string", "pattern": r'[^\s",]'}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query, path or header parameter with its JSON schema."""

    name: str
    description: str
    schema: Mapping[str, Any]
    place: str = "query"
    required: bool = False

    def document(self) -> dict[str, Any]:
        """As OpenAPI has it; a list is separated by commas."""
        document: dict[str, Any] = {
            "name": self.name,
            "in": self.place,
            "description": self.description,
            "required": self.required,
            "schema": dict(self.schema),
        }
        if self.schema.get("type") == "array":
            document |= {"style": "form", "explode": False}
        return document


def _any_of(
    name: str, description: str, values: Iterable[str] = (), *, pattern: str = "^[^,]+$"
) -> Parameter:
    items = {"type": "string", "maxLength": LONGEST, "pattern": pattern}
    if chosen := list(values):
        items = {"type": "string", "enum": chosen}
    schema = {"type": "array", "items": items, "maxItems": MOST_VALUES}
    return Parameter(name, description, schema)


def _select(fields: Iterable[str]) -> Parameter:
    return _any_of("select", "Only these fields of each item; all of them without it.", fields)


def _order(orders: Iterable[str]) -> Parameter:
    names = list(orders)
    values = [text for name in names for text in (name, f"{name} asc", f"{name} desc")]
    schema = {"type": "string", "enum": values, "default": names[0]}
    return Parameter("orderBy", "The order, greatest or latest first unless `asc`.", schema)


def _path(name: str, description: str) -> Parameter:
    return Parameter(name, description, {"type": "string"}, place="path", required=True)


def _instant(name: str, description: str, example: str) -> Parameter:
    forms = [{"format": "date-time"}, {"maxLength": 0}]
    schema = {"type": "string", "anyOf": forms, "examples": [example]}
    about = f"{description} A date alone does too, and without a zone it is UTC."
    return Parameter(name, about, schema)


FROM: Final = _instant("from", "Only what happened at or after this time.", "2026-11-24T08:00:00Z")
TO: Final = _instant(
    "to", "Only what happened before this time, which is after `from`.", "2026-11-25T08:00:00Z"
)
FILTERS: Final = (
    _any_of("severity", "Any of these severities.", [each.name for each in Severity]),
    _any_of("status", "Any of these states.", STATUSES),
    _any_of(
        "stage",
        "Any of these stages of the kill chain; ATT&CK ids and names in words do too.",
        [each.name for each in Tactic],
    ),
    _any_of("resource", "Any of these resources, by ARM id, name or key."),
    _any_of(
        "entity",
        "Any of these entities, as `kind:value` or by the key in a detail."
        f" Kinds: {', '.join(KINDS)}.",
        pattern=rf"^({'|'.join(KINDS)}):.*\S",
    ),
    _any_of("source", "From any of these sources."),
    _any_of("assignedTo", "Owned by any of these; `none` for nobody."),
    _any_of("label", "With any of these labels."),
    FROM,
    TO,
    _instant(
        "updatedFrom", "Only what was last changed at or after this time.", "2026-11-24T08:00:00Z"
    ),
    Parameter(
        "q",
        "All of these words, at most eight, in titles, descriptions, resources or entities.",
        {"type": "string", "maxLength": LONGEST_SEARCH},
    ),
)
INCIDENT: Final = Parameter(
    "incident",
    "Only alerts that are in no incident.",
    {"type": "string", "enum": [NO_INCIDENT]},
)
CONFIDENCE: Final = _any_of(
    "confidence",
    "Any of these confidences. Without it, `high` and `medium`; `all` for every one.",
    [*CONFIDENCES, ANY_CONFIDENCE],
)
INCIDENT_ORDER: Final = _order(incident_reads.ORDERS)
ALERT_ORDER: Final = _order(alert_reads.ORDERS)
PAGING: Final = (
    Parameter(
        "limit",
        "Rows in a page.",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    ),
    Parameter("cursor", "Where to go on, from `nextLink`.", {"type": "string"}),
)
SELECT_INCIDENTS: Final = _select(INCIDENT_ROW)
SELECT_INCIDENT: Final = _select(INCIDENT_DETAIL)
SELECT_ALERTS: Final = _select(ALERT_ROW)
SELECT_ALERT: Final = _select(ALERT_DETAIL)
SELECT_FEED: Final = _any_of(
    "select",
    "Only `kind` and these fields of each item, of those that it has; all of them without it.",
    FEED_ROW,
)
SHOW: Final = Parameter(
    "show", "What the feed shows.", {"type": "string", "enum": list(SHOWS), "default": "both"}
)
BUCKET: Final = Parameter(
    "bucket",
    "How long a point of the series is; as fits the period when left out.",
    {"type": "string", "enum": list(BUCKETS)},
)
FORMAT: Final = Parameter(
    "format", "The format.", {"type": "string", "enum": list(FORMATS), "default": "markdown"}
)
REASON: Final = _any_of("reason", "Refused for any of these reasons.")
SOURCE: Final = _any_of("source", "From any of these sources.")
REJECTED_STATUS: Final = _any_of("status", "In any of these states.", STATUSES_OF_REJECTIONS)
REDRIVE_LIMIT: Final = Parameter(
    "limit",
    "Rejections to redrive at once.",
    {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": MOST_AT_ONCE},
)
REJECTED_ID: Final = _path("id", "The rejection's id.")
RULE_ID: Final = Parameter(
    "id",
    "The rule's id, which whoever creates it chooses.",
    {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
    "path",
    required=True,
)
FORMAT_NAME: Final = Parameter(
    "name",
    "The format's name.",
    {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,39}$"},
    "path",
    required=True,
)
DAYS: Final = Parameter(
    "days",
    "How many days back alerts are examined.",
    {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": 7},
)
IF_MATCH_OPTIONAL: Final = Parameter(
    "If-Match",
    "The `etag` of the version to replace; nothing to create.",
    _TAG,
    place="header",
)
KIND: Final = Parameter(
    "kind", "The entity's kind.", {"type": "string", "enum": list(KINDS)}, "path", required=True
)
VALUE: Final = _path("value", "Its value, or what follows the kind in its key; escaped.")
INCIDENT_ID: Final = _path("id", "The incident's id.")
DECISION: Final = _path("name", "The decision's name.")
ALERT_ID: Final = _path("id", "The alert's id.")
IF_MATCH: Final = Parameter(
    "If-Match",
    "The `etag` of the version that the change is based on; `*` for any.",
    _TAG,
    place="header",
    required=True,
)
IF_NONE_MATCH: Final = Parameter(
    "If-None-Match",
    "The ETag of the answer at hand: 304 without a body when it is still the same.",
    {"type": "string"},
    place="header",
)
