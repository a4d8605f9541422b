"""The filters that lists take, read from the query."""

import re
from collections.abc import Iterable
from typing import Final

from http_api.parameters import Parameters
from shared.alert import STATUSES
from shared.entities import KINDS, make_key
from shared.killchain import Tactic, parse_tactics
from shared.severity import Severity, parse_severity
from shared.store.filters import MEDIUM_OR_BETTER, UNASSIGNED, Filter

CONFIDENCES: Final = {"high": 3, "medium": 2, "low": 1}
"""The confidence that an incident is one, and its rank."""
ANY_CONFIDENCE: Final = "all"
NO_INCIDENT: Final = "none"
"""What `incident` may be: only alerts that are in none."""
_MOST_WORDS: Final = 8
LONGEST_SEARCH: Final = 200
_NEXT_ENTITY: Final = re.compile(rf",(?=(?:{'|'.join(KINDS)}):)")


def read_filter(parameters: Parameters, *, incidents: bool = False, alerts: bool = False) -> Filter:
    """The filter of a list of incidents, of alerts, or of both.

    `confidence` is a parameter only where incidents are listed, `incident` where alerts are.
    """
    severities = _severities(parameters)
    statuses = parameters.choices("status", {name.lower(): name for name in STATUSES})
    stages = _stages(parameters)
    since, until = parameters.period()
    return Filter(
        severities=severities,
        statuses=statuses,
        stages=stages,
        confidences=read_confidences(parameters) if incidents else (),
        resources=parameters.many("resource"),
        entities=_entities(parameters),
        sources=tuple(source.lower() for source in parameters.many("source")),
        owners=tuple(
            UNASSIGNED if owner.lower() == UNASSIGNED else owner
            for owner in parameters.many("assignedTo")
        ),
        labels=parameters.many("label"),
        since=since,
        until=until,
        updated_since=parameters.instant("updatedFrom"),
        words=_words(parameters),
        unplaced=alerts and bool(parameters.choice("incident", (NO_INCIDENT,), "")),
    )


def _severities(parameters: Parameters) -> tuple[int, ...]:
    ranks = []
    for word in parameters.many("severity"):
        severity = parse_severity(word)
        if severity is None:
            parameters.refuse("severity", f"{word!r} is not known", _names(reversed(Severity)))
        else:
            ranks.append(int(severity))
    return tuple(dict.fromkeys(ranks))


def _stages(parameters: Parameters) -> tuple[str, ...]:
    stages: set[Tactic] = set()
    for word in parameters.many("stage"):
        tactics, _ = parse_tactics(word)
        if not tactics:
            parameters.refuse("stage", f"{word!r} is not known", _names(Tactic))
        stages.update(tactics)
    return _names(sorted(stages))


def _names(members: Iterable[Severity | Tactic]) -> tuple[str, ...]:
    return tuple(member.name for member in members)


def read_confidences(parameters: Parameters) -> tuple[int, ...]:
    """The ranks in `confidence`: medium and high unless asked otherwise; none for `all`."""
    allowed = {name: name for name in (*CONFIDENCES, ANY_CONFIDENCE)}
    chosen = parameters.choices("confidence", allowed)
    if ANY_CONFIDENCE in chosen:
        return ()
    return tuple(CONFIDENCES[name] for name in chosen) or MEDIUM_OR_BETTER


def _entities(parameters: Parameters) -> tuple[str, ...]:
    """Keys as the detail of an incident or alert gives them, or `kind:value`, normalised.

    A value may hold commas: only one that another entity follows ends a value.
    """
    keys = []
    for text in parameters.many("entity", split=_NEXT_ENTITY.split):
        kind, _, value = text.partition(":")
        key = make_key(kind, value) if kind in KINDS else None
        if kind not in KINDS:
            parameters.refuse(
                "entity", f"{text!r} is no kind:value with a kind that is known", KINDS
            )
        elif key is None:
            reason = f"{text!r} says nothing of who or where, so it ties nothing together"
            parameters.refuse("entity", reason)
        else:
            # A key passes as it is; a value is normalised as it was stored.
            keys += [key, text]
    return tuple(dict.fromkeys(keys))


def _words(parameters: Parameters) -> tuple[str, ...]:
    text = parameters.one("q")
    if len(text) > LONGEST_SEARCH:
        parameters.refuse("q", f"is longer than {LONGEST_SEARCH} characters")
    words = tuple(dict.fromkeys(text.lower().split()))
    if len(words) > _MOST_WORDS:
        parameters.refuse("q", f"has {len(words)} words; at most {_MOST_WORDS} are searched for")
    return words
