"""Evidence is a join-semilattice with bounds: its laws, the builder, the document, the size."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from correlate import evidence as module
from correlate.evidence import Evidence, evidence_of, join
from correlate.evidence_document import evidence_document, evidence_from
from correlate.observation import LONGEST_ID, LONGEST_NAME, LONGEST_STEP, Observation, Subject
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR, MINUTE
from tests.unit.correlate.sightings import DAY, seen

MANY = 30


def sighted(number: int, minute: int, resource: int, detection: int, account: int) -> Observation:
    return seen(
        minute + number / 1_000,
        f"d{detection}",
        *sorted({Tactic(detection % 14), Tactic(resource % 14)}),
        severity=Severity(number % 5),
        on=f"vm{resource:02d}",
        keys=(f"account:u{account:02d}",),
        remediation=(f"Step {number % MANY}.",),
    )


NUMBERS = st.integers(0, MANY)
OBSERVATIONS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 60 * 60), NUMBERS, NUMBERS, NUMBERS).map(
        lambda row: sighted(*row)
    ),
    min_size=1,
    max_size=60,
)
EVIDENCE = OBSERVATIONS.map(evidence_of)


def shown(evidence: Evidence) -> object:
    return evidence_document(evidence)


@settings(deadline=None)
@given(EVIDENCE, EVIDENCE, EVIDENCE)
def test_the_join_is_associative(one: Evidence, two: Evidence, three: Evidence) -> None:
    assert shown(join(join(one, two), three)) == shown(join(one, join(two, three)))


@settings(deadline=None)
@given(EVIDENCE, EVIDENCE)
def test_the_join_is_commutative_and_changes_neither(one: Evidence, two: Evidence) -> None:
    before = copy.deepcopy(shown(one)), copy.deepcopy(shown(two))
    assert shown(join(one, two)) == shown(join(two, one))
    assert (shown(one), shown(two)) == before


@settings(deadline=None)
@given(EVIDENCE)
def test_the_join_is_idempotent(one: Evidence) -> None:
    assert shown(join(one, one)) == shown(one)


@settings(deadline=None)
@given(OBSERVATIONS, st.randoms(use_true_random=False))
def test_adding_alerts_in_any_order_is_joining_them(
    observations: list[Observation], chance: st.DataObject
) -> None:
    whole = evidence_of(observations)
    shuffled = observations + observations[: len(observations) // 2]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    joined = evidence_of(shuffled[:1])
    for each in shuffled[1:]:
        joined = join(joined, evidence_of([each]))
    assert shown(joined) == shown(whole)


@settings(deadline=None)
@given(EVIDENCE)
def test_the_document_says_it_all(one: Evidence) -> None:
    text = json.dumps(evidence_document(one))
    assert evidence_from(json.loads(text)) == one


def full_evidence() -> Evidence:
    """Evidence with every set full, every text as long as texts may be."""
    long = "x" * LONGEST_NAME
    observations = [
        Observation(
            alert_id=f"{'a' * 20}-{number:024d}",
            subject=_long_subject(number),
            start=DAY + hour * 25 * HOUR + number * MINUTE // 60,
            end=DAY + hour * 25 * HOUR + number * MINUTE,
            title=f"{number:03d}{long}"[:LONGEST_NAME],
            detection=f"{number:03d}{long}"[:LONGEST_NAME],
            stages=(Tactic(number % 14),),
            severity=Severity.High,
            keys=(f"account:{number:03d}",),
            names=(f"{number:03d}{long}"[:LONGEST_NAME],),
            product=f"{number:03d}{long}"[:LONGEST_NAME],
            remediation=(f"{number:03d}{'y' * LONGEST_STEP}"[:LONGEST_STEP],),
        )
        for number in range(14 * 2 * module.MOST_DETECTIONS)
        for hour in range(module.MOST_HOURS + 4)
    ]
    return evidence_of(observations)


def _long_subject(number: int) -> Subject:
    key = f"resource:{number:03d}"
    name = f"{number:03d}{'n' * LONGEST_NAME}"[:LONGEST_NAME]
    identifier = f"{number:03d}{'i' * LONGEST_ID}"[:LONGEST_ID]
    return Subject(key, key_id(key), f"{number:020d}", identifier, name, name)


def test_every_set_is_bounded() -> None:
    full = full_evidence()
    assert len(full.detections) == 14 * module.MOST_DETECTIONS
    activities = full.detections.values()
    assert max(len(activity.instants) for activity in activities) == module.MOST_HOURS
    assert max(len(activity.alerts) for activity in activities) == module.MOST_ALERTS
    assert len(full.resources) == len(full.entities) == module.MOST_NAMED
    assert max(len(named.alerts) for named in full.resources.values()) <= module.MOST_ALERTS
    assert (len(full.products), len(full.steps)) == (module.MOST_PRODUCTS, module.MOST_STEPS)


def test_the_fullest_evidence_stays_far_below_the_largest_item() -> None:
    size = len(json.dumps(evidence_document(full_evidence()), separators=(",", ":")))
    assert size < 110 * 1024, size
