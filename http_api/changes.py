"""The body of a change of state: validated strictly, every mistake named."""

from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from http_api.problems import FieldError, invalid, stale
from shared.store.queries import Document
from shared.store.triage import FIELDS, Change, Outcome, UnfittingError, decide

Status = Literal["Active", "InProgress", "Resolved", "Dismissed"]
Classification = Literal["TruePositive", "BenignPositive", "FalsePositive", "Undetermined"]
_ANY: Final = r"[^\x00-\x1f\x7f]*"
_INK: Final = r"[^\s\x00-\x1f\x7f]"
Line = StringConstraints(strip_whitespace=True, min_length=1, pattern=f"^{_ANY}{_INK}{_ANY}$")
_LABEL: Final = f"^{_ANY}{_INK}{_ANY}$".replace("[^", "[^,")
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_LABEL)
]

MOST_LABELS: Final = 20
M = TypeVar("M", bound=BaseModel)


class StateChange(BaseModel):
    """Any of these; what is left out stays as it is, and null clears what can be empty."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", strict=True, json_schema_extra={"minProperties": 1}
    )

    status: Status = Field(default="Active", description="The state that people give it.")
    classification: Classification | None = Field(
        default=None, description="What it turned out to be; null clears it with its reason."
    )
    classificationReason: Annotated[str, Line, StringConstraints(max_length=500)] | None = Field(
        default=None, description="Why it is classified so."
    )
    assignedTo: Annotated[str, Line, StringConstraints(max_length=200)] | None = Field(
        default=None, description="Who works on it; null for nobody."
    )
    labels: list[Label] = Field(
        default=[], max_length=MOST_LABELS, description="All its labels; an empty list for none."
    )
    comment: (
        Annotated[
            str,
            StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000, pattern=r"\S"),
        ]
        | None
    ) = Field(default=None, description="A remark, kept in the history.")

    @property
    def says_something(self) -> bool:
        """Whether it asks for anything at all."""
        return bool(self.model_fields_set)

    def change(self) -> Change:
        """The change that it asks for."""
        given = self.model_dump(include=self.model_fields_set & set(FIELDS))
        if "labels" in given:
            given["labels"] = list(dict.fromkeys(given["labels"]))
        return Change(given, self.comment)


class IncidentChange(StateChange):
    """The same for an incident, which its alerts may follow."""

    closeAlerts: bool = Field(
        default=False,
        description="Give its open alerts the state that closes the incident, and what it turned"
        " out to be. At most two hundred at once: ask again until all are.",
    )
    reopenAlerts: bool = Field(
        default=False,
        description="Open the alerts again that were closed with it. At most two hundred at once.",
    )


def read_change(body: Any) -> Change:
    """The change in a body. Raises Problem (400) naming each field at fault."""
    return _saying_something(read_model(StateChange, body)).change()


def read_incident_change(body: Any) -> IncidentChange:
    """The change of an incident in a body. Raises Problem (400) naming each field at fault."""
    return _saying_something(read_model(IncidentChange, body))


def _saying_something(model: M) -> M:
    if not model.model_fields_set:
        names = tuple(type(model).model_fields)
        raise invalid([FieldError("body", "changes nothing; give at least one field", names)])
    return model


def read_model(model: type[M], body: Any) -> M:
    """A body as a model. Raises Problem (400) naming each field at fault."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise invalid(field_errors(error, model)) from None


def require_version(etag: str, versions: tuple[str, ...]) -> None:
    """Raise Problem (412) unless the item's version is one of those in If-Match.

    A version that covers more than the item, as of a detail, has the item's own before a dot.
    """
    own = {version.partition(".")[0] for version in versions}
    if etag not in own and "*" not in own:
        raise stale(etag)


def outcome_of(document: Document, change: Change, *, by: str, at: int) -> Outcome:
    """What a change does to an item. Raises Problem (400) when it does not fit."""
    try:
        return decide(document, change, by=by, at=at)
    except UnfittingError as error:
        raise invalid([FieldError(error.field, str(error))]) from None


def field_errors(error: ValidationError, model: type[BaseModel]) -> list[FieldError]:
    """What a model found wrong, in words for whoever wrote the body."""
    return [_field_error(dict(each), model) for each in error.errors(include_url=False)]


def _field_error(found: dict[str, Any], model: type[BaseModel]) -> FieldError:
    path = ".".join(map(str, found["loc"])) or "body"
    match found["type"]:
        case "extra_forbidden":
            return FieldError(path, "is no field here", _known_fields(found["loc"], model))
        case "literal_error":
            return FieldError(path, "is not known", _quoted(str(found["ctx"]["expected"])))
        case "model_type":
            return FieldError("body", "must be a JSON object")
        case "string_pattern_mismatch":
            return FieldError(path, "holds a character that is not allowed")
    return FieldError(path, _lower_first(str(found["msg"]).removeprefix("Value error, ")))


def _known_fields(place: tuple[int | str, ...], model: type[BaseModel]) -> tuple[str, ...]:
    """The fields that there are beside an unknown one, where they are known without a search."""
    if len(place) == 1:
        return tuple(model.model_fields)
    return tuple(StateChange.model_fields) if place[0] == "change" else ()


def _quoted(expected: str) -> tuple[str, ...]:
    return tuple(expected.replace(" or ", ", ").replace("'", "").split(", "))


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
