"""What holds at rest whatever people did, and what held at each write on the way there."""

from itertools import pairwise
from typing import Any

from correlate.model.coverage import Coverage
from correlate.model.decision import DONE, PENDING, Decision, Piece
from correlate.model.incident import Incident, Redirect
from correlate.store.port import record_id
from tests.unit.proof.oracle import membership, resolve, told
from tests.unit.proof.service import Fact, Service


def check(service: Service, people: dict[str, dict[str, object]]) -> None:
    """Everything at once; fails by name."""
    told(service)
    epochs_are_in_order(service)
    redirects_stand(service)
    coverage_is_disjoint(service)
    people_keep_what_is_theirs(service, people)
    decisions_hold(service)


def epochs_are_in_order(service: Service) -> None:
    """No batch of an epoch follows one of a later epoch."""
    epochs = [head.epoch for head in service.database.head]
    assert epochs == sorted(epochs), "a stale epoch wrote"


def redirects_stand(service: Service) -> None:
    """What was absorbed leads to an incident, and its id is not used again."""
    for name, versions in service.database.records.items():
        kinds = [isinstance(version.record, Redirect) for version in versions]
        assert kinds == sorted(kinds), f"{name} was absorbed and is used again"
        if kinds[-1]:
            assert not resolve(service.database, name).withdrawn, f"{name} leads to nothing"


def coverage_is_disjoint(service: Service) -> None:
    """Spans of a resource are in order, share no place, and begin and end at alerts."""
    for coverage in service.database.all():
        if isinstance(coverage, Coverage):
            spans = [span.interval for span in coverage.spans]
            assert all(one.last < other.first for one, other in pairwise(spans))
            assert all(each.first <= each.last for each in spans)


def people_keep_what_is_theirs(service: Service, people: dict[str, dict[str, object]]) -> None:
    """What people wrote is in the incident that they wrote it to, unless another absorbed it."""
    for name, fields in people.items():
        record = service.database.record(name)
        if isinstance(record, Incident):
            kept = {field: record.people.get(field) for field in fields}
            assert kept == fields, f"{name} lost what people wrote"
            assert record.visible or all(fields[each] == "Active" for each in fields)


def decisions_hold(service: Service) -> None:
    """Nothing waits, and all alerts of what was decided are in some incident."""
    covered = set().union(*membership(service).values()) if membership(service) else set()
    for decision in service.database.all():
        if not isinstance(decision, Decision):
            continue
        assert decision.state != PENDING, f"{decision.id} waits"
        if decision.state == DONE:
            pieces = [*decision.kept, *(piece for side in decision.apart for piece in side)]
            lost = inside(service, pieces) - covered
            assert not lost, f"{decision.id} lost {lost}"


def inside(service: Service, pieces: list[Piece]) -> set[str]:
    """The alerts in pieces."""
    return {fact.id for fact in service.facts.values() if fact.takes_part and _in(fact, pieces)}


def _in(fact: Fact, pieces: list[Piece]) -> bool:
    point = fact.start, fact.id
    return any(
        piece.entity == fact.entity and piece.interval.first <= point <= piece.interval.last
        for piece in pieces
    )


def state(service: Service) -> dict[str, Any]:
    """Incidents and coverage as they are stored, without what a write alone changes."""
    found: dict[str, Any] = {}
    for record in service.database.all():
        if isinstance(record, Coverage):
            found[record_id(record)] = record
        elif isinstance(record, Incident):
            found[record.id] = (record.shown, record.people, record.visible, record.withdrawn)
    return found
