"""What a mapping file may say. `docs/formats.md` explains it with an example.

An unknown name or an impossible value is refused by name when the file is read.
"""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ingest_alert.errors import FieldError
from shared.alert import Finding
from shared.severity import Severity

LONGEST_PATTERN: Final = 200


class MappingError(ValueError):
    """A mapping cannot be used; `errors` name each field at fault, and why."""

    def __init__(self, name: str, errors: tuple[FieldError, ...]) -> None:
        listed = "; ".join(f"{each.field}: {each.reason}" for each in errors)
        super().__init__(f"the format {name!r} cannot be used: {listed}")
        self.errors = errors


class _Strict(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, populate_by_name=True)


class Rule(_Strict):
    """Where a text is: at a path, or it is the same for all; `match` takes a part of it.

    `match` is a regular expression whose first group is the part. `join` puts the texts at several
    paths together, with `between` them, where all of them are stated.
    """

    path: str = ""
    text: str = ""
    match: str = ""
    join: tuple[str, ...] = ()
    between: str = ""

    @model_validator(mode="after")
    def _one_way(self) -> "Rule":
        if sum(map(bool, (self.path, self.text, self.join))) != 1:
            raise ValueError("one of path, text and join is needed")
        return self

    @field_validator("match")
    @classmethod
    def _compiles(cls, value: str) -> str:
        if len(value) > LONGEST_PATTERN:
            raise ValueError(f"a pattern has at most {LONGEST_PATTERN} characters")
        try:
            groups = re.compile(value).groups
        except re.error as fault:
            raise ValueError(f"is no regular expression: {fault}") from None
        if value and groups < 1:
            raise ValueError("a group in the pattern is needed: ( )")
        return value


def _listed(value: Any) -> Any:
    """A path alone, or a rule alone, as a list of rules."""
    listed = value if isinstance(value, list | tuple) else [value]
    return [{"path": each} if isinstance(each, str) else each for each in listed]


class Rules(_Strict):
    """Rules of which the first that finds a text counts."""

    rules: tuple[Rule, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"rules": _listed(value)}


NO_RULES: Final = Rules.model_construct(rules=())


class Table(_Strict):
    """Texts, and what each word among them means; `numbers` are least values, the highest first."""

    source: Annotated[Rules, Field(alias="from")]
    table: dict[str, str] = {}
    numbers: tuple[tuple[float, str], ...] = ()
    otherwise: str = ""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if isinstance(value, dict) and ("from" in value or "source" in value):
            return value
        return {"from": value}


NO_TABLE: Final = Table.model_construct(source=NO_RULES)


class Recognition(_Strict):
    """By which fields an alert of the format is known."""

    has: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    equals: dict[str, str | tuple[str, ...]] = {}
    without: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> "Recognition":
        if not (self.has or self.any or self.equals):
            raise ValueError("has, any or equals is needed")
        return self


EntityKind = Literal[
    "resource",
    "host",
    "account",
    "address",
    "file",
    "mailbox",
    "application",
    "container",
    "url",
    "domain",
    "process",
    "other",
]


class EntityRule(_Strict):
    """One kind of thing that an alert names; or, with `each`, what the objects of a list name."""

    each: str = ""
    when: dict[str, str | tuple[str, ...]] = {}
    entities: tuple["EntityRule", ...] = ()
    kind: EntityKind | None = None
    value: Rules = NO_RULES
    domain: Rules = NO_RULES
    host: Rules = NO_RULES
    hashes: Rules = NO_RULES
    name: Rules = NO_RULES
    type: Rules = NO_RULES
    details: dict[str, Rules] = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> "EntityRule":
        if self.kind is None and not self.entities:
            raise ValueError("kind, or entities with each or when, is needed")
        if self.kind is not None and self.entities:
            raise ValueError("kind and entities exclude each other")
        if self.kind is not None and not (self.value.rules or self.hashes.rules):
            raise ValueError("value is needed")
        return self


class Ends(_Strict):
    """The two ends of a connection: what the alert is about is the one of ours."""

    client: Rules
    server: Rules


class Mapping(_Strict):
    """A format."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    vendor: str
    product: str
    vendor_from: Annotated[Rules, Field(alias="vendorFrom")] = NO_RULES
    product_from: Annotated[Rules, Field(alias="productFrom")] = NO_RULES
    recognise: Recognition
    id: Rules
    id_parts: Annotated[tuple[Rules, ...], Field(alias="idParts")] = ()
    family: Literal["", "microsoft"] = ""
    title: Table
    type: Rules = NO_RULES
    description: Rules = NO_RULES
    severity: Table = NO_TABLE
    status: Table = NO_TABLE
    finding: Table = NO_TABLE
    start: Rules
    end: Rules = NO_RULES
    made: Rules = NO_RULES
    changed: Rules = NO_RULES
    tactics: Table = NO_TABLE
    techniques: Rules = NO_RULES
    tenant: Rules = NO_RULES
    remediation: Rules = NO_RULES
    link: Rules = NO_RULES
    resource: EntityRule | None = None
    ends: Ends | None = None
    about: tuple[EntityKind, ...] = ()
    entities: tuple[EntityRule, ...] = ()

    @field_validator("severity")
    @classmethod
    def _severities(cls, value: Table) -> Table:
        return _only(value, tuple(Severity.__members__))

    @field_validator("finding")
    @classmethod
    def _findings(cls, value: Table) -> Table:
        return _only(value, tuple(Finding))


def _only(table: Table, known: tuple[str, ...]) -> Table:
    meant = (*table.table.values(), *(word for _, word in table.numbers), table.otherwise)
    for word in meant:
        if word and word not in known:
            raise ValueError(f"{word!r} is not one of {', '.join(known)}")
    return table


def read_mapping(value: Any) -> Mapping:
    """The mapping that a JSON value states. Raises MappingError naming each field at fault."""
    try:
        return Mapping.model_validate(value)
    except ValidationError as fault:
        name = value.get("name", "") if isinstance(value, dict) else ""
        raise MappingError(str(name)[:60], tuple(map(_error, fault.errors()))) from None


def _error(error: Any) -> FieldError:
    place = ".".join(str(part) for part in error["loc"] if part not in ("rules", "from"))
    reason = error["msg"].removeprefix("Value error, ")
    return FieldError(place or "the format", reason[:1].lower() + reason[1:])
