"""What answers look like. Tests hold real answers against these models, to the last field."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.suppression import Condition

Severity = Literal["Informational", "Low", "Medium", "High", "Critical"]
Status = Literal["Active", "InProgress", "Resolved", "Dismissed"]
Confidence = Literal["high", "medium", "low"]
Classification = Literal["TruePositive", "BenignPositive", "FalsePositive", "Undetermined"]
Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Count = Annotated[int, Field(ge=0)]
ETag = Annotated[str, Field(description="The version, with its quotes, for If-Match.")]


def _left_out() -> None:
    """In place of a field that is not there."""


class Answer(BaseModel):
    """Exactly these fields; one with the default None is left out when there is nothing to say."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Resource(Answer):
    """Something that was attacked."""

    id: str
    name: str
    type: str


class ResourceDetail(Resource):
    """A resource, its entity key, and when it was seen."""

    key: str
    firstUtc: Instant | None = None
    lastUtc: Instant | None = None
    severity: Severity | None = None


class Entity(Answer):
    """Something that an alert names; `key` ties alerts together where there is one."""

    kind: str
    value: str
    key: str | None = None
    fields: dict[str, Any] | None = None


class HistoryEntry(Answer):
    """One change: when, by whom, of what, from what to what."""

    atUtc: Instant
    by: str
    what: str
    from_: Any = Field(default=None, alias="from")
    to: Any = None
    comment: str | None = None
    decision: str | None = Field(default=None, description="Its name, where it can be undone.")


class AlertMention(Answer):
    """An alert as an incident names it."""

    alertId: str
    title: str
    atUtc: Instant
    resource: str | None = None


class Stage(Answer):
    """A stage of the kill chain that was reached; `counted` where it is part of the chain."""

    stage: str
    title: str
    tacticId: str
    phase: str
    firstUtc: Instant
    lastUtc: Instant
    severity: Severity
    detections: list[str]
    firstAlert: AlertMention
    counted: bool | None = None


class IncidentTriage(Answer):
    """What people decided."""

    classification: Classification | None = None
    classificationReason: str | None = None
    closedUtc: Instant | None = None


class AlertTriage(IncidentTriage):
    """What people decided, and the latest changes, oldest first."""

    history: list[HistoryEntry]


class Incident(Answer):
    """An incident in a list."""

    incidentId: str
    title: str
    severity: Severity
    confidence: Confidence
    score: float
    status: Status
    classification: Classification | None = None
    assignedTo: str | None = None
    labels: list[str]
    stages: list[str]
    resources: list[Resource] = Field(description="At most three, the worst hit first.")
    resourceCount: Count
    alertCount: Count = Field(description="All its alerts: evidence and context.")
    evidenceCount: Count = Field(description="Alerts that make the incident.")
    contextCount: Count = Field(description="Other alerts of its resources in its time.")
    incidentKind: Literal["attack", "wave"] = Field(
        description="A wave is one detection on many resources at once."
    )
    expected: float = Field(
        ge=0, description="How often a week chance alone would show something as striking."
    )
    firstActivityUtc: Instant
    lastActivityUtc: Instant
    createdUtc: Instant
    updatedUtc: Instant
    sources: list[str]
    etag: ETag


class Remediation(AlertMention):
    """What the source of an alert advises, step by step."""

    steps: list[str]


class IncidentDetail(Incident):
    """Everything on an incident."""

    description: str
    killChain: list[Stage]
    resources: list[ResourceDetail] = Field(  # type: ignore[assignment]  # a detail is a resource
        description="At most fifty, the worst hit first."
    )
    entities: list[Entity] = Field(description="At most fifty that tie its alerts together.")
    remediation: list[Remediation] = Field(description="By alert, those of the chain first.")
    remediationSteps: list[str] = Field(description="The same, each text once.")
    why: dict[str, Any] | None = Field(
        default=None, description="The chance, the rarity of each step, and what links its alerts."
    )
    follows: str | None = Field(default=None, description="The closed incident before it.")
    absorbed: list[str] = Field(description="Incidents that turned out to be this one.")
    triage: IncidentTriage
    history: list[HistoryEntry] = Field(description="The latest changes, oldest first.")


class Cascaded(Answer):
    """What a change of an incident did to its alerts."""

    changed: Count
    complete: bool = Field(description="Whether none is left; else ask again.")


class ChangedIncident(IncidentDetail):
    """An incident after a change, and what its alerts did where they were to follow."""

    alertsChanged: Cascaded | None = None


class IncidentMention(Answer):
    """An incident as an alert of it names it."""

    incidentId: str
    title: str
    severity: Severity
    status: Status
    confidence: Confidence


class Alert(Answer):
    """An alert in a list. `systemAlertId` is the source's own id."""

    alertId: str
    systemAlertId: str
    title: str
    severity: Severity
    status: Status
    classification: Classification | None = None
    assignedTo: str | None = None
    labels: list[str]
    tactics: list[str]
    techniques: list[str]
    alertType: str
    resource: Resource
    startTimeUtc: Instant
    endTimeUtc: Instant
    receivedTimeUtc: Instant
    updatedUtc: Instant
    source: str
    vendor: str
    product: str
    suppressedBy: str | None = None
    incident: IncidentMention | None = Field(
        default_factory=_left_out, description="The incident that it is in; null for none."
    )
    part: Literal["evidence", "context"] | None = Field(
        default=None, description="What it is of its incident."
    )
    etag: ETag


class AlertDetail(Alert):
    """Everything on an alert."""

    description: str
    detection: str
    generatedTimeUtc: Instant
    resource: ResourceDetail
    entities: list[Entity]
    tenant: str
    sourceStatus: str
    remediationSteps: list[str]
    link: str
    notes: list[str] = Field(description="What of the source could not be used.")
    original: Any = Field(default=None, description="As the source sent it.")
    triage: AlertTriage
    incidentReason: str | None = Field(default=None, description="Why it is in no incident.")


class FeedIncident(Incident):
    """An incident in the feed."""

    kind: Literal["incident"]


class FeedAlert(Alert):
    """An alert in the feed."""

    kind: Literal["alert"]


NextLink = Annotated[
    str | None, Field(default=None, description="Where the next page is; absent on the last.")
]


class IncidentPage(Answer):
    """A page of incidents."""

    value: list[Incident]
    nextLink: NextLink = None


class AlertPage(Answer):
    """A page of alerts."""

    value: list[Alert]
    nextLink: NextLink = None


class FeedPage(Answer):
    """A page of the feed."""

    value: list[Annotated[FeedIncident | FeedAlert, Field(discriminator="kind")]]
    nextLink: NextLink = None


def selected(model: type[Answer], *always: str) -> type[Answer]:
    """What `select` leaves of an item: the same fields, each of which but `always` may be out."""
    fields: dict[str, Any] = {
        name: (field.annotation, Field(default_factory=_left_out, description=field.description))
        if field.is_required() and name not in always
        else (field.annotation, field)
        for name, field in model.model_fields.items()
    }
    about = f"{model.__name__} with only the fields that were selected."
    return create_model(f"Selected{model.__name__}", __base__=Answer, __doc__=about, **fields)


SelectedIncidentDetail = selected(IncidentDetail)
SelectedAlertDetail = selected(AlertDetail)


class SelectedIncidentPage(Answer):
    """A page of incidents with only the fields that were selected."""

    value: list[selected(Incident)]  # type: ignore[valid-type]  # made from the whole one
    nextLink: NextLink = None


class SelectedFeedPage(Answer):
    """A page of the feed with only the fields that were selected, and the kind of each item."""

    value: list[
        Annotated[
            selected(FeedIncident, "kind") | selected(FeedAlert, "kind"),  # type: ignore[valid-type]  # made from the whole ones
            Field(discriminator="kind"),
        ]
    ]
    nextLink: NextLink = None


class SelectedAlertPage(Answer):
    """A page of alerts with only the fields that were selected."""

    value: list[selected(Alert)]  # type: ignore[valid-type]  # made from the whole one
    nextLink: NextLink = None


class BySeverity(Answer):
    """Numbers by severity."""

    Critical: Count
    High: Count
    Medium: Count
    Low: Count
    Informational: Count


class ByStatus(Answer):
    """Numbers by state."""

    Active: Count
    InProgress: Count
    Resolved: Count
    Dismissed: Count


class ByConfidence(Answer):
    """Numbers by confidence."""

    high: Count
    medium: Count
    low: Count


class ByStage(Answer):
    """Numbers by stage of the kill chain."""

    Reconnaissance: Count
    ResourceDevelopment: Count
    InitialAccess: Count
    Execution: Count
    Persistence: Count
    PrivilegeEscalation: Count
    DefenseEvasion: Count
    CredentialAccess: Count
    Discovery: Count
    LateralMovement: Count
    Collection: Count
    CommandAndControl: Count
    Exfiltration: Count
    Impact: Count


class IncidentNumbers(Answer):
    """How many incidents there are."""

    total: Count
    bySeverity: BySeverity
    byStatus: ByStatus
    byConfidence: ByConfidence


class AlertNumbers(Answer):
    """How many alerts there are."""

    total: Count
    bySeverity: BySeverity
    byStatus: ByStatus


class Point(Answer):
    """What begins in one bucket, by severity; severities that do not occur are left out."""

    startUtc: Instant
    incidents: dict[Severity, Count]
    alerts: dict[Severity, Count]


class Summary(Answer):
    """The period's numbers and its series."""

    from_: Instant = Field(alias="from")
    to: Instant
    bucket: str
    incidents: IncidentNumbers
    alerts: AlertNumbers
    stages: ByStage
    alertsUntilUtc: Instant | None = Field(
        default=None,
        description="Alerts stored from then on are not counted yet; absent when all are.",
    )
    reduction: float = Field(ge=0, le=1, description="1 less incidents by alerts.")
    series: list[Point]


class Facets(Answer):
    """The number that the filter lets through; each facet as if nothing were chosen in it."""

    total: Count
    bySeverity: BySeverity
    byStatus: ByStatus
    byStage: ByStage
    byConfidence: ByConfidence


class AlertFacets(Answer):
    """The number that the filter lets through; either facet as if nothing were chosen in it."""

    total: Count
    bySeverity: BySeverity
    byStatus: ByStatus
    complete: bool = Field(description="Whether all were counted; else there are more.")


class EntityView(Answer):
    """What is known on one entity: its latest incidents and alerts, and links to all of them."""

    kind: str
    value: str
    key: str
    firstUtc: Instant | None = None
    lastUtc: Instant | None = None
    incidents: list[Incident]
    alerts: list[Alert]
    incidentsLink: str
    alertsLink: str


class Rejected(Answer):
    """Something that could not be read, and why."""

    id: str
    atUtc: Instant
    reason: str
    message: str
    errors: list[dict[str, Any]]
    source: str
    messageId: str
    status: Literal["rejected", "redriven", "accepted"]
    bodyBytes: Count


class RejectedEntry(Answer):
    """What was done about a rejection."""

    atUtc: Instant
    what: str
    reason: str | None = None
    message: str | None = None


class RejectedDetail(Rejected):
    """A rejection whole. `bodyBase64` in place of `body` where it is no UTF-8."""

    body: str | None = None
    bodyBase64: str | None = None
    bodyCut: bool | None = Field(default=None, description="Only its beginning was kept.")
    history: list[RejectedEntry]


class RejectedPage(Answer):
    """A page of rejections."""

    value: list[Rejected]
    nextLink: NextLink = None


class Redriven(Answer):
    """How many were put back on the queue, and how many cannot be."""

    queued: Count
    skipped: Count
    nextLink: NextLink = None


class SuppressionRule(Answer):
    """A rule: what people wrote, whether it holds now, and how many alerts it dismissed."""

    id: str
    reason: str
    author: str
    conditions: list[Annotated[Condition, Field(strict=False)]]
    expiresUtc: Instant | None = None
    createdUtc: Instant
    updatedUtc: Instant
    active: bool
    matched: Count
    etag: ETag


class SuppressionRules(Answer):
    """All rules, by id."""

    value: list[SuppressionRule]


class StoredFormat(Answer):
    """A format that people added: its mapping, and who wrote it when."""

    name: str
    mapping: dict[str, Any]
    author: str
    createdUtc: Instant
    updatedUtc: Instant
    etag: ETag


class StoredFormats(Answer):
    """All of them by name, and the names of the formats that come with the app."""

    value: list[StoredFormat]
    modules: list[str]
    files: list[str]


class FormatFault(Answer):
    """A field of an alert, and what is wrong with it."""

    field: str
    reason: str


class FormatTrial(Answer):
    """What a mapping makes of one alert: what would be stored, or the fields at fault.

    `takenBy` is a format of the app's own that comes first; `rejected` the rejection it is from.
    """

    recognised: bool
    takenBy: str | None = None
    alert: dict[str, Any] | None = None
    errors: list[FormatFault] | None = None
    rejected: str | None = None


class FormatTrials(Answer):
    """What a mapping makes of each alert; `complete` where all of them were tried."""

    value: list[FormatTrial]
    complete: bool


class Trial(Answer):
    """What conditions would have matched; `complete` where every alert of the days was examined."""

    examined: Count
    matched: Count
    complete: bool
    examples: list[Alert] = Field(description="The latest twenty at most.")


class Outcome(Answer):
    """What became of one item of a batch: its new version, or what was wrong."""

    id: str
    status: int
    etag: ETag | None = None
    problem: "Problem | None" = None


class Outcomes(Answer):
    """The outcome of each item, in their order."""

    value: list[Outcome]


class Queued(Answer):
    """What was put on the queue."""

    items: Count
    messages: Count


class Handshake(Answer):
    """The answer to a push service that asks before it delivers."""

    validationResponse: str | None = None
    confirmed: bool | None = None


class Moved(Answer):
    """Where an absorbed incident lives on."""

    incidentId: str


class Decision(Answer):
    """A merge, a split or an undoing by hand, and what came of it."""

    decision: str = Field(description="Its name.")
    state: Literal["asked", "done", "refused"]
    kind: Literal["merge", "split", "undo"]
    incidentId: str = Field(description="The incident that stands.")
    splitOff: list[str] = Field(description="The incidents that left it.")
    about: str | None = Field(default=None, description="What it names, in words.")
    by: str
    atUtc: Instant
    comment: str | None = None
    refusal: str | None = Field(default=None, description="Why it was refused.")
    undoes: str | None = Field(default=None, description="The decision that it undoes.")
    undone: bool | None = Field(default=None, description="It holds no longer.")


class PreviewPart(Answer):
    """An incident as it is, or would be; without an id where it would be a new one."""

    incidentId: str | None = None
    title: str | None = None
    alertCount: Count
    evidenceCount: Count
    contextCount: Count
    resourceCount: Count
    resources: list[Resource] = Field(description="At most fifty, by name.")
    firstActivityUtc: Instant | None = None
    lastActivityUtc: Instant | None = None


class Preview(Answer):
    """What there is, and what a decision would make of it."""

    before: list[PreviewPart]
    after: list[PreviewPart] = Field(description="Of a split, what stays comes first.")


class Caller(Answer):
    """Who asks."""

    name: str = Field(description="As histories name them.")
    roles: list[str] = Field(description="All that they may do.")
    organisations: list[str] = Field(description="Whose incidents and alerts they see.")


class Version(Answer):
    """A version of all there is."""

    version: str


class Health(Answer):
    """That the process answers."""

    status: Literal["ok"]


class FieldFault(Answer):
    """What is wrong with one parameter or field."""

    field: str
    reason: str
    allowed: list[str] | None = None
    index: Count | None = None


class Problem(Answer):
    """What is wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    errors: list[FieldFault] | None = None
    reference: str | None = Field(default=None, description="Finds a fault in the log.")
