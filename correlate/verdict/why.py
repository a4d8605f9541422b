"""Why an incident is one: how rare each step is, what links the alerts, what chance would make."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from correlate.baseline.rarity import chance_of, level
from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.policy import Policy
from correlate.verdict.alerts import Subjects, alert_of, name_of
from correlate.verdict.chain import Step
from correlate.verdict.ties import Link, Tie, links_among, ties_of
from correlate.verdict.words import duration, how_often, number, spelt
from shared.entities import key_kind
from shared.times import format_time

MOST_LINKS: Final = 15


def chance_sentence(expected: float) -> str:
    """`Chance would line up alerts this rare about once in 40 years here.`"""
    return f"Chance would line up alerts this rare about {how_often(expected)} here."


def rarity_sentence(cell: Cell, snapshot: Snapshot) -> str:
    """`fires on 1 of 12 resources in five days`."""
    seen = max(snapshot.seen_on(cell.signal.detection), 1)
    days = spelt(max(round(snapshot.hours / 24), 1), "day")
    return f"fires on {seen:,} of {number(snapshot.resources, 'resource')} in {days}"


def step_of(step: Step, snapshot: Snapshot, subjects: Subjects, *, usual: bool) -> dict[str, Any]:
    """A step of the chain, with its rarity in words and as the chance to see it in 12 hours."""
    return {
        "stage": step.stage.name,
        "title": step.stage.title,
        "firstUtc": format_time(step.at),
        "detection": step.cell.signal.detection,
        "alert": alert_of(step.cell, subjects),
        "chance": float(f"{chance_of(step.rarity):.2g}"),
        "rarity": rarity_sentence(step.cell, snapshot),
        "usual": usual,
    }


def links_of(
    cells: Sequence[Cell],
    steps: Sequence[Step],
    snapshot: Snapshot,
    policy: Policy,
    subjects: Subjects,
) -> list[dict[str, Any]]:
    """What ties the evidence together: one link a key, the chain's first, then shared keys."""
    by_key: dict[str, list[Tie]] = {}
    for place, cell in enumerate(cells):
        for tie in ties_of(place, cell, snapshot, policy):
            by_key.setdefault(tie.key, []).append(tie)
    chain = {step.cell.id for step in steps}
    crowding = snapshot.chances.crowding(level(min(snapshot.rarity(cell) for cell in cells)))
    found: dict[str, tuple[tuple[bool, bool, int], Link]] = {}
    for key, ties in by_key.items():
        for link in links_among(ties, lambda _: crowding):
            one, other = cells[link.one.cell], cells[link.other.cell]
            own = one.resource == other.resource
            if own and key != one.resource:
                continue
            in_chain = (one.id in chain) + (other.id in chain)
            rank = (in_chain < 2, own, one.first.start)
            if key not in found or rank < found[key][0]:
                found[key] = rank, link
    ranked = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return [_told(link, cells, subjects) for _, (_, link) in ranked[:MOST_LINKS]]


def _told(link: Link, cells: Sequence[Cell], subjects: Subjects) -> dict[str, Any]:
    one, other = cells[link.one.cell], cells[link.other.cell]
    key, name = _key(link, one, subjects)
    kind = key_kind(key)
    apart = duration(max(link.other.first - link.one.first, 0))
    here, there = name_of(one.resource, subjects), name_of(other.resource, subjects)
    text = (
        f"“{one.title}” and “{other.title}” are both on {here}, {apart} apart"
        if one.resource == other.resource
        else f"{here} and {there} share the {kind} {name}, {apart} apart"
    )
    return {
        "key": key,
        "kind": kind,
        "name": name,
        "from": _end(link.one, one, subjects),
        "to": _end(link.other, other, subjects),
        "text": text,
    }


def _end(tie: Tie, cell: Cell, subjects: Subjects) -> dict[str, Any]:
    """The alert at one end: the one that named the key, where that was not the resource's own."""
    told = alert_of(cell, subjects)
    if tie.mention is None:
        return told
    at = tie.mention.at
    return {**told, "alertId": at.alert, "atUtc": format_time(at.start)}


def _key(link: Link, cell: Cell, subjects: Subjects) -> tuple[str, str]:
    for tie in (link.one, link.other):
        if tie.mention is not None:
            return tie.mention.key, tie.mention.name
    subject = subjects.get(cell.resource)
    if subject is None:
        return f"resource:{cell.resource}", name_of(cell.resource, subjects)
    return subject.key, subject.name


def beside(context: Iterable[Cell]) -> list[str]:
    """Detections that were there as well and count for nothing, the first of them by name."""
    return sorted({cell.signal.detection for cell in context})[:10]


def window(steps: Sequence[Step]) -> Mapping[str, str] | None:
    """From the chain's first step to its last."""
    if not steps:
        return None
    first, last = min(step.at for step in steps), max(step.at for step in steps)
    return {
        "startUtc": format_time(first),
        "endUtc": format_time(last),
        "length": duration(last - first),
    }
