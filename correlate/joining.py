"""Joining components: the root that holds the evidence of several, and what people said of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from correlate.assessment import Verdict
from correlate.decisions import MOST_LINKS, Decision, Link
from correlate.evidence import Evidence, evidence_of
from correlate.observation import Observation
from correlate.ports import Absorbing, Note, Root
from correlate.sessions import Interval, Session

MOST_ABSORBED: Final = 50
MOST_CUT: Final = 300


def join_roots(
    winner: str,
    base: Root | None,
    losers: Sequence[Root],
    seen: Sequence[Observation],
    sessions: Iterable[Session],
    absorbing: tuple[Absorbing, ...],
    now: int,
) -> Root:
    """The winner's root with the evidence of the losers and of more alerts joined.

    What people did to the losers is kept.
    """
    joined = [*([base] if base else []), *losers]
    follows = [*(root.follows for root in joined), *(session.follows for session in sessions)]
    return Root(
        id=winner,
        evidence=_joined_evidence(base, losers, seen),
        period=base.period if base else None,
        alerts=base.alerts if base else 0,
        resources=base.resources if base else 0,
        involved=base.involved if base else 0,
        created=min((root.created for root in joined), default=now),
        people=merge_people([root.people for root in joined]),
        confidence=base.confidence if base else None,
        visible=any(root.visible for root in joined),
        follows=first_of(follows),
        absorbed=_absorbed(joined, losers),
        absorbing=absorbing,
        remade=max((root.remade for root in joined), default=0),
        links=first_links(link for root in joined for link in root.links),
        etag=base.etag if base else None,
    )


def left_to(heir: Root, root: Root) -> Root:
    """A closed root with what people said of one that gives way to it; the rest is the same."""
    return replace(
        heir,
        people=merge_people([heir.people, root.people]),
        absorbed=_absorbed([heir, root], [root]),
    )


def first_of(follows: Iterable[str | None]) -> str | None:
    """Which closed component one follows that is made of several: the smallest id."""
    return min((each for each in follows if each), default=None)


def _joined_evidence(
    base: Root | None, losers: Iterable[Root], seen: Sequence[Observation]
) -> Evidence:
    """A join of its own; the base's stays as it is, and serves where nothing is added."""
    parts = [root.evidence for root in losers]
    if base is None:
        evidence = parts.pop().copy() if parts else evidence_of(seen)
    else:
        evidence = base.evidence.copy()
    for part in parts:
        evidence.absorb(part)
    for each in seen:
        evidence.add(each)
    return evidence


def period_of(verdict: Verdict, resources: int) -> Interval | None:
    """When the attack happened: the alerts of that time make the incident, not days of noise.

    One that covers very many resources is not cut: every change would count them all anew.
    """
    return verdict.period if resources <= MOST_CUT else None


def _absorbed(joined: Iterable[Root], losers: Iterable[Root]) -> tuple[str, ...]:
    """The visible incidents that were absorbed, the smallest ids where there are many."""
    names = {name for root in joined for name in root.absorbed}
    names |= {loser.id for loser in losers if loser.visible}
    return tuple(sorted(names)[:MOST_ABSORBED])


def merge_people(all_people: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What people said of incidents that are joined: nobody's work is lost.

    Work in progress stays so; the first owner in the order given stays; labels are united.
    """
    merged: dict[str, Any] = {}
    labels: set[str] = set()
    for people in all_people:
        labels |= set(people.get("labels") or ())
        for name, value in people.items():
            if value is not None and merged.get(name) in (None, "", {}, "Active"):
                merged[name] = value
    return {**merged, "labels": sorted(labels)} if labels else merged


def verdict_notes(base: Root | None, verdict: Verdict, now: int) -> tuple[Note, ...]:
    """The history entry for a verdict that changed on an incident that people may have seen."""
    if base is None or not base.visible or base.confidence == verdict.confidence:
        return ()
    ranks = {None: 0, "low": 1, "medium": 2, "high": 3}
    up = ranks[verdict.confidence] > ranks[base.confidence]
    what = "upgraded" if up else "downgraded"
    name = note_id(base.id, what, now)
    return (Note(name, what, base.confidence, verdict.confidence, verdict.rule),)


def first_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """Each link once, the earliest where there are too many."""
    return tuple(sorted(set(links))[:MOST_LINKS])


def merged_note(root: str, decision: Decision) -> Note:
    """The history entry for incidents that people joined; the same however often it is written."""
    name = note_id(root, "merged", decision.at)
    return Note(name, "merged", None, decision.about, decision.comment, decision.by)


def note_id(root: str, what: str, now: int) -> str:
    """The id of a history entry: in order of time, and unlike those of any other incident."""
    return f"h-{now:015d}-{what}-{root[-12:]}"
