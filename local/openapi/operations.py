"""Every operation of the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

from http_api.batches import BatchChange
from http_api.changes import IncidentChange, StateChange
from http_api.decisions import Merge, Split, Undo
from http_api.exporting import FORMATS
from http_api.formats import FormatBody, FormatTrialBody
from http_api.suppressions import RuleBody, TrialBody
from local.openapi import parameters as p
from local.openapi import schemas
from local.openapi.parameters import Parameter


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path: what it takes, what it answers, and which problems it may have.

    `files` are the media types of a success that is a file; `selected` is what a success looks like
    where the parameter `select` was given.
    """

    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | str | None = None
    answers: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    needs_key: bool = True
    files: tuple[str, ...] = ()
    selected: type[BaseModel] | None = None

    @property
    def name(self) -> str:
        """The operation's id: `get_incidents_id_alerts`."""
        words = self.path.removeprefix("/api/").replace("{", "").replace("}", "")
        return f"{self.method.lower()}_{words.replace('/', '_').replace('.', '_')}"


ANY_ALERTS: Final = "alerts"
"""A body of alerts: whatever a source sends."""
_READ: Final = (400, 401, 403, 500, 503)
_CHANGE: Final = (400, 401, 403, 404, 412, 413, 415, 428, 500, 503)
_PREVIEW: Final = (400, 401, 403, 404, 409, 413, 415, 500, 503)
_BATCH: Final = (400, 401, 403, 413, 415, 500, 503)
_CACHED: Final = (p.IF_NONE_MATCH,)


def _get(
    path: str,
    summary: str,
    answer: type[BaseModel],
    *more: Parameter,
    missing: bool = False,
    selected: type[BaseModel] | None = None,
) -> Operation:
    problems = (*_READ, 404) if missing else _READ
    answers = {200: answer, 304: None}
    parameters = (*more, *_CACHED)
    return Operation("GET", path, summary, parameters, None, answers, problems, selected=selected)


def _put(
    path: str, what: str, name: Parameter, body: type[BaseModel], shown: type[BaseModel]
) -> Operation:
    """What people name themselves: created under its name, or replaced at its version."""
    return Operation(
        "PUT",
        path,
        f"Create or replace {what}",
        (name, p.IF_MATCH_OPTIONAL),
        body,
        {200: shown, 201: shown},
        (400, 401, 403, 409, 412, 413, 415, 428, 500, 503),
    )


OPERATIONS: Final = (
    _get(
        "/api/incidents",
        "List incidents",
        schemas.IncidentPage,
        *p.FILTERS,
        p.CONFIDENCE,
        p.INCIDENT_ORDER,
        *p.PAGING,
        p.SELECT_INCIDENTS,
        selected=schemas.SelectedIncidentPage,
    ),
    Operation(
        "PATCH",
        "/api/incidents",
        "Change the state of many incidents",
        body=BatchChange,
        answers={200: schemas.Outcomes},
        problems=_BATCH,
    ),
    _get(
        "/api/incidents/facets",
        "Count what a filter of incidents lets through",
        schemas.Facets,
        *p.FILTERS,
        p.CONFIDENCE,
    ),
    Operation(
        "GET",
        "/api/incidents/{id}",
        "Show an incident",
        (p.INCIDENT_ID, p.SELECT_INCIDENT, *_CACHED),
        answers={200: schemas.IncidentDetail, 304: None, 308: schemas.Moved},
        problems=(*_READ, 404),
        selected=schemas.SelectedIncidentDetail,
    ),
    Operation(
        "PATCH",
        "/api/incidents/{id}",
        "Change an incident's state",
        (p.INCIDENT_ID, p.IF_MATCH),
        IncidentChange,
        {200: schemas.ChangedIncident, 308: schemas.Moved},
        _CHANGE,
    ),
    Operation(
        "GET",
        "/api/incidents/{id}/alerts",
        "List an incident's alerts, oldest first",
        (p.INCIDENT_ID, *p.PAGING, p.SELECT_ALERTS, *_CACHED),
        answers={200: schemas.AlertPage, 304: None, 308: schemas.Moved},
        problems=(*_READ, 404),
        selected=schemas.SelectedAlertPage,
    ),
    _get(
        "/api/alerts",
        "List alerts",
        schemas.AlertPage,
        *p.FILTERS,
        p.INCIDENT,
        p.ALERT_ORDER,
        *p.PAGING,
        p.SELECT_ALERTS,
        selected=schemas.SelectedAlertPage,
    ),
    Operation(
        "GET",
        "/api/incidents/{id}/export",
        "Export an incident",
        (p.INCIDENT_ID, p.FORMAT, *_CACHED),
        answers={200: None, 304: None, 308: schemas.Moved},
        problems=(*_READ, 404),
        files=tuple(each.media_type for each in FORMATS.values()),
    ),
    Operation(
        "POST",
        "/api/incidents/{id}/merge",
        "Join an incident with others",
        (p.INCIDENT_ID, p.IF_MATCH),
        Merge,
        {200: schemas.Decision, 202: schemas.Decision, 308: schemas.Moved},
        (*_CHANGE, 409),
    ),
    Operation(
        "POST",
        "/api/incidents/{id}/merge/preview",
        "Show what joining an incident with others would make",
        (p.INCIDENT_ID,),
        Merge,
        {200: schemas.Preview, 308: schemas.Moved},
        _PREVIEW,
    ),
    Operation(
        "POST",
        "/api/incidents/{id}/split",
        "Split resources or alerts off an incident",
        (p.INCIDENT_ID, p.IF_MATCH),
        Split,
        {200: schemas.Decision, 202: schemas.Decision, 308: schemas.Moved},
        (*_CHANGE, 409),
    ),
    Operation(
        "POST",
        "/api/incidents/{id}/split/preview",
        "Show what splitting an incident would make",
        (p.INCIDENT_ID,),
        Split,
        {200: schemas.Preview, 308: schemas.Moved},
        _PREVIEW,
    ),
    Operation(
        "POST",
        "/api/incidents/{id}/undo",
        "Undo a merge or a split",
        (p.INCIDENT_ID, p.IF_MATCH),
        Undo,
        {200: schemas.Decision, 202: schemas.Decision, 308: schemas.Moved},
        (*_CHANGE, 409),
    ),
    Operation(
        "PATCH",
        "/api/alerts",
        "Change the state of many alerts",
        body=BatchChange,
        answers={200: schemas.Outcomes},
        problems=_BATCH,
    ),
    Operation(
        "POST",
        "/api/alerts",
        "Push alerts of any format",
        body=ANY_ALERTS,
        answers={202: schemas.Queued, 200: schemas.Handshake},
        problems=(400, 401, 403, 413, 415, 500),
    ),
    _get(
        "/api/alerts/facets",
        "Count what a filter of alerts lets through",
        schemas.AlertFacets,
        *p.FILTERS,
        p.INCIDENT,
    ),
    _get(
        "/api/alerts/{id}",
        "Show an alert",
        schemas.AlertDetail,
        p.ALERT_ID,
        p.SELECT_ALERT,
        missing=True,
        selected=schemas.SelectedAlertDetail,
    ),
    Operation(
        "PATCH",
        "/api/alerts/{id}",
        "Change an alert's state",
        (p.ALERT_ID, p.IF_MATCH),
        StateChange,
        {200: schemas.AlertDetail},
        _CHANGE,
    ),
    _get(
        "/api/decisions/{name}",
        "Show what came of a decision",
        schemas.Decision,
        p.DECISION,
        missing=True,
    ),
    _get("/api/changes", "Tell whether anything has changed", schemas.Version),
    _get("/api/me", "Tell who asks and what they may do", schemas.Caller),
    _get(
        "/api/feed",
        "List incidents and alerts, newest activity first",
        schemas.FeedPage,
        p.SHOW,
        *p.FILTERS,
        p.INCIDENT,
        p.CONFIDENCE,
        *p.PAGING,
        p.SELECT_FEED,
        selected=schemas.SelectedFeedPage,
    ),
    _get(
        "/api/summary",
        "Count incidents and alerts, also over time",
        schemas.Summary,
        p.FROM,
        p.TO,
        p.BUCKET,
        p.CONFIDENCE,
    ),
    _get(
        "/api/entities/{kind}/{value}",
        "Show what is known on an entity",
        schemas.EntityView,
        p.KIND,
        p.VALUE,
        missing=True,
    ),
    _get(
        "/api/rejected",
        "List what could not be read, newest first",
        schemas.RejectedPage,
        p.REASON,
        p.SOURCE,
        p.REJECTED_STATUS,
        p.FROM,
        p.TO,
        *p.PAGING,
    ),
    _get(
        "/api/rejected/{id}",
        "Show a rejection",
        schemas.RejectedDetail,
        p.REJECTED_ID,
        missing=True,
    ),
    Operation(
        "POST",
        "/api/rejected/{id}/redrive",
        "Put a rejection back on the queue",
        (p.REJECTED_ID,),
        answers={202: schemas.Redriven},
        problems=(*_READ, 404, 409),
    ),
    Operation(
        "POST",
        "/api/rejected/redrive",
        "Put the rejections that match back on the queue",
        (p.REASON, p.SOURCE, p.FROM, p.TO, p.REDRIVE_LIMIT, p.PAGING[1]),
        answers={202: schemas.Redriven},
        problems=_READ,
    ),
    _get("/api/suppressions", "List the suppression rules", schemas.SuppressionRules),
    Operation(
        "POST",
        "/api/suppressions/dry-run",
        "Try conditions on the alerts of the last days",
        (p.DAYS,),
        TrialBody,
        {200: schemas.Trial},
        _BATCH,
    ),
    _get(
        "/api/suppressions/{id}",
        "Show a suppression rule",
        schemas.SuppressionRule,
        p.RULE_ID,
        missing=True,
    ),
    _put(
        "/api/suppressions/{id}", "a suppression rule", p.RULE_ID, RuleBody, schemas.SuppressionRule
    ),
    Operation(
        "DELETE",
        "/api/suppressions/{id}",
        "Delete a suppression rule",
        (p.RULE_ID, p.IF_MATCH),
        answers={204: None},
        problems=(*_READ, 404, 409, 412, 428),
    ),
    _get("/api/formats", "List the formats that people added", schemas.StoredFormats),
    Operation(
        "POST",
        "/api/formats/dry-run",
        "Try a format on alerts",
        body=FormatTrialBody,
        answers={200: schemas.FormatTrials},
        problems=(*_BATCH, 404, 409),
    ),
    _get("/api/formats/{name}", "Show a format", schemas.StoredFormat, p.FORMAT_NAME, missing=True),
    _put("/api/formats/{name}", "a format", p.FORMAT_NAME, FormatBody, schemas.StoredFormat),
    Operation(
        "DELETE",
        "/api/formats/{name}",
        "Delete a format",
        (p.FORMAT_NAME, p.IF_MATCH),
        answers={204: None},
        problems=(*_READ, 404, 412, 428),
    ),
    Operation(
        "GET",
        "/api/health",
        "Tell that the process answers",
        answers={200: schemas.Health},
        problems=(500,),
        needs_key=False,
    ),
)
