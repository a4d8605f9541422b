"""No document of correlation grows without bound; `docs/correlation.md` tells the figures."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from correlate.assessment import assess
from correlate.decisions import decision_id
from correlate.observation import LONGEST_ID, LONGEST_NAME, Subject
from correlate.policy import default_policy
from correlate.ports import MemberRecord, Note, Root
from correlate.presentation import present
from correlate.records import entity_document, member_document, note_document, root_document
from correlate.sessions import MOST_SESSIONS, EntityRecord, Session, Tie
from correlate.ties import MOST_MEMBERS, MOST_TIES
from correlate.uniting import MOST_ABSORBING
from shared.entities import key_id
from shared.times import DAY, HOUR
from tests.unit.correlate.making import DAY_ONE
from tests.unit.correlate.test_evidence import full_evidence

KIB = 1024
ALERT_ID = f"{'a' * 20}-{'b' * 24}"
ENTITY = "e" * 32


def size(document: Mapping[str, Any]) -> int:
    """Bytes as the SDK sends it."""
    return len(json.dumps(document, separators=(",", ":")))


def fullest_record(apart: int) -> EntityRecord:
    """As many sessions, ties and members as a record keeps; so many of each tie's are kept apart.

    Each of these takes the place of two members.
    """
    of_each = MOST_MEMBERS // MOST_TIES - 2 * apart
    pairs = tuple((f"{number:032d}", decision_id(DAY_ONE, "d" * 36)) for number in range(apart))
    return EntityRecord(
        ENTITY,
        f"host:{'h' * 500}",
        tuple(
            Session(DAY_ONE + day * 2 * DAY, DAY_ONE + day * 2 * DAY + HOUR, (ALERT_ID,))
            for day in range(MOST_SESSIONS)
        ),
        tuple(
            Tie(
                DAY_ONE + day * DAY,
                DAY_ONE + day * DAY + HOUR,
                tuple((ENTITY, DAY_ONE + number) for number in range(of_each)),
                pending=True,
                apart=pairs,
            )
            for day in range(MOST_TIES)
        ),
    )


@pytest.mark.parametrize("apart", [0, 2], ids=["members", "what is kept apart"])
def test_the_fullest_entity_record(apart: int) -> None:
    assert size(entity_document(fullest_record(apart))) < 256 * KIB


@pytest.fixture(scope="module")
def fullest_root() -> Root:
    """Evidence with every set full and every text as long as texts may be."""
    others = tuple(f"{ALERT_ID[:-3]}{number:03d}" for number in range(MOST_ABSORBING))
    return Root(ALERT_ID, full_evidence(), confidence="high", visible=True, absorbed=others)


def test_the_fullest_incident(fullest_root: Root) -> None:
    verdict = assess(fullest_root.evidence, default_policy())
    shown = root_document(fullest_root, 0) | present(fullest_root, verdict)
    assert size(shown) < 256 * KIB


def test_a_year_of_a_covered_resource() -> None:
    """A session ends when the gap has passed without activity: one interval in 25 hours."""
    key, name = f"resource:{'r' * 500}", "n" * LONGEST_NAME
    subject = Subject(key, key_id(key), "p" * 20, "i" * LONGEST_ID, name, name)
    starts = range(DAY_ONE, DAY_ONE + 365 * DAY, 25 * HOUR)
    member = MemberRecord(subject, tuple((start, start + HOUR - 1) for start in starts))
    assert size(member_document(ALERT_ID, member)) < 32 * KIB


def test_a_note_is_small() -> None:
    note = Note(f"h-{0:015d}-downgraded-{ALERT_ID[-12:]}", "downgraded", "high", "low", "r" * 500)
    assert size(note_document(ALERT_ID, note, DAY_ONE)) < 2 * KIB
