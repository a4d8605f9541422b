"""Suppression rules: which alerts people do not want to see again, and why.

A rule is a set of conditions that must all hold. An alert that an active rule matches is stored as
dismissed by that rule and takes no part in correlation. An expired rule does nothing.
"""

import ipaddress
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.alert import Alert
from shared.severity import parse_severity
from shared.times import instant_of

FieldName = Literal["type", "title", "severity", "source", "resource", "entity"]
Operator = Literal["equals", "contains", "cidr"]


class Condition(BaseModel):
    """One condition. `kind` narrows `entity` to one kind; `values` are alternatives.

    Case does not matter. `cidr` holds for addresses in one of the networks.
    """

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    field: FieldName
    operator: Operator = "equals"
    values: tuple[Annotated[str, Field(min_length=1)], ...] = Field(min_length=1, max_length=100)
    kind: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if any(not value.strip() for value in self.values):
            raise ValueError("values: an empty text would match everything")
        if self.kind and self.field != "entity":
            raise ValueError("kind: only entities have a kind")
        if self.operator == "cidr":
            if self.field not in ("entity", "resource"):
                raise ValueError(f"operator: {self.field} holds no address, so cidr cannot be used")
            for value in self.values:
                ipaddress.ip_network(value, strict=False)
        if self.field == "severity":
            unknown = [value for value in self.values if parse_severity(value) is None]
            if unknown or self.operator != "equals":
                raise ValueError("values: severities are compared with equals, by their names")
        return self


class Rule(BaseModel):
    """A suppression rule as people write it. All conditions must hold."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    id: str = Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")
    reason: str = Field(min_length=1, max_length=1_000)
    author: str = Field(min_length=1, max_length=320)
    conditions: tuple[Condition, ...] = Field(min_length=1, max_length=20)
    expires_utc: datetime | None = Field(default=None, alias="expiresUtc")

    def active(self, at: int) -> bool:
        """Whether the rule still holds at an instant (milliseconds since 1970)."""
        return self.expires_utc is None or at < instant_of(self.expires_utc)


def matches(rule: Rule, alert: Alert) -> bool:
    """Whether an alert meets all conditions of a rule, whenever the rule expires."""
    return all(_holds(condition, alert) for condition in rule.conditions)


def suppressing(rules: Iterable[Rule], alert: Alert, *, at: int) -> Rule | None:
    """The first active rule that matches an alert, in the order of the rules' ids."""
    for rule in sorted(rules, key=lambda each: each.id):
        if rule.active(at) and matches(rule, alert):
            return rule
    return None


def _holds(condition: Condition, alert: Alert) -> bool:
    compare = _COMPARISONS[condition.operator]
    return any(
        compare(text.strip().lower(), value.strip().lower())
        for text in _texts(condition, alert)
        for value in condition.values
    )


def _texts(condition: Condition, alert: Alert) -> Iterable[str]:
    """What a condition looks at. Entities are compared as shown and as their key's value."""
    if condition.field == "entity":
        for entity in alert.entities:
            if not condition.kind or entity.kind == condition.kind:
                yield entity.value
                if entity.key is not None:
                    yield entity.key.partition(":")[2]
        return
    if condition.field == "resource":
        yield from (alert.resource.id, alert.resource.name, alert.resource.key)
        return
    yield {
        "type": alert.alert_type,
        "title": alert.title,
        "severity": alert.severity.name,
        "source": alert.source,
    }[condition.field]


def _in_network(text: str, value: str) -> bool:
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False


_COMPARISONS: Final[dict[str, Callable[[str, str], bool]]] = {
    "equals": str.__eq__,
    "contains": lambda text, value: value in text,
    "cidr": _in_network,
}
