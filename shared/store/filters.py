"""What lists can be narrowed to, as conditions on incidents and on alerts.

One `Filter` serves incidents, alerts and the feed of both; every part combines with every other,
and the values within a part are alternatives.
"""

from dataclasses import dataclass, replace
from typing import Final

from shared.entities import KINDS, key_id, make_key
from shared.store.queries import Conditions

MEDIUM_OR_BETTER: Final = (2, 3)
UNASSIGNED: Final = "none"
"""The owner to ask for to get what nobody owns."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Each part empty where it does not narrow.

    `severities` and `confidences` are ranks; `resources` are keys, ids or names as the caller knows
    them; `entities` are keys; `since` and `updated_since` (inclusive) and `until` (exclusive) are
    instants as text; `words` are in lower case and must all occur. `unplaced` lets only alerts
    through that are in no incident: no query tells that, so whoever reads pages has to look.
    """

    severities: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    confidences: tuple[int, ...] = MEDIUM_OR_BETTER
    resources: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    updated_since: str | None = None
    words: tuple[str, ...] = ()
    unplaced: bool = False


def incident_conditions(
    wanted: Filter, organisation: str, *, covering: tuple[str, ...] = ()
) -> Conditions:
    """The incidents that have qualified and that the filter lets through.

    The period means that activity overlaps it. `covering` are incidents known to cover one of the
    filter's resources beyond the examples that each incident names.
    """
    conditions = Conditions()
    conditions.compare("organisation", "=", organisation)
    conditions.compare("type", "=", "incident")
    conditions.compare("visible", "=", value=True)
    conditions.among("severityRank", wanted.severities)
    conditions.among("status", wanted.statuses)
    conditions.among("confidenceRank", wanted.confidences)
    conditions.holds("stages", wanted.stages)
    conditions.holds("sources", wanted.sources)
    conditions.holds("keys", wanted.entities)
    _people(conditions, wanted)
    if wanted.resources:
        keys = [key for resource in wanted.resources for key in resource_keys(resource)]
        conditions.either(
            [
                *conditions.holds_texts("keys", dict.fromkeys(keys)),
                *(_named(conditions, name) for name in names(wanted.resources)),
                conditions.among_text("id", covering),
            ]
        )
    if wanted.since is not None:
        conditions.compare("lastActivityUtc", ">=", wanted.since)
    if wanted.until is not None:
        conditions.compare("firstActivityUtc", "<", wanted.until)
    _updated(conditions, wanted)
    _words(conditions, wanted)
    return conditions


def alert_conditions(wanted: Filter, organisations: tuple[str, ...]) -> Conditions:
    """The organisations' alerts that the filter lets through. The period is that of their start."""
    conditions = Conditions()
    conditions.compare("type", "=", "alert")
    conditions.among("organisation", organisations)
    conditions.among("severityRank", wanted.severities)
    conditions.among("status", wanted.statuses)
    conditions.holds("tactics", wanted.stages)
    conditions.among("source", wanted.sources)
    conditions.holds("keys", wanted.entities)
    _people(conditions, wanted)
    if wanted.resources:
        conditions.either(
            [
                conditions.among_text("entity", resource_entities(wanted.resources)),
                *(
                    f"LOWER(c.resource.name) = {conditions.bind(name)}"
                    for name in names(wanted.resources)
                ),
            ]
        )
    if wanted.since is not None:
        conditions.compare("startTimeUtc", ">=", wanted.since)
    if wanted.until is not None:
        conditions.compare("startTimeUtc", "<", wanted.until)
    _updated(conditions, wanted)
    _words(conditions, wanted)
    return conditions


def _people(conditions: Conditions, wanted: Filter) -> None:
    texts = [conditions.among_text("assignedTo", [o for o in wanted.owners if o != UNASSIGNED])]
    if UNASSIGNED in wanted.owners:
        texts.append("NOT IS_DEFINED(c.assignedTo)")
    conditions.either(texts)
    conditions.holds("labels", wanted.labels)


def _updated(conditions: Conditions, wanted: Filter) -> None:
    if wanted.updated_since is not None:
        conditions.compare("updatedUtc", ">=", wanted.updated_since)


def _words(conditions: Conditions, wanted: Filter) -> None:
    for word in wanted.words:
        conditions.add(f"CONTAINS(c.search, {conditions.bind(word)})")


def _named(conditions: Conditions, name: str) -> str:
    value = conditions.bind(name)
    among = "SELECT VALUE r FROM r IN c.resources WHERE LOWER(r.name)"
    return f"EXISTS({among} = {value})"


def resource_keys(resource: str) -> tuple[str, ...]:
    """The keys that a resource may have: as given where it is a key, else of its id or name."""
    if is_key(resource):
        return (resource,)
    kinds = ("resource",) if resource.startswith("/") else ("resource", "host")
    keys = (make_key(kind, resource) for kind in kinds)
    return tuple(key for key in keys if key is not None)


def resource_entities(resources: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of the keys of resources given by key, id or name."""
    keys = (key for resource in resources for key in resource_keys(resource))
    return tuple(dict.fromkeys(map(key_id, keys)))


def names(resources: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the resources that may be names, in lower case: neither keys nor paths."""
    return tuple(r.lower() for r in resources if not is_key(r) and not r.startswith("/"))


def is_key(text: str) -> bool:
    """Whether a text is written as an entity key, `kind:…`."""
    kind, colon, value = text.partition(":")
    return bool(colon and value) and kind in KINDS


def with_any_confidence(wanted: Filter) -> Filter:
    """The same filter without its narrowing by confidence."""
    return replace(wanted, confidences=())
