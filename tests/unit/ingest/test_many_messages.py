"""Whatever is pushed: no message makes handling fail, and each alert in it is accounted for.

`MESSAGES` in the environment sets how many messages are made, each told by its seed.
"""

import os
from collections import Counter

import pytest

from ingest_alert.errors import ReadingError
from ingest_alert.handling import MOST_REJECTIONS, Tally
from ingest_alert.reading import read_message
from shared.rejection import RejectedId, body_of, redrive_message
from tests.unit.ingest.memory import Store
from tests.unit.ingest.messages_made import make_message

MESSAGES = int(os.environ.get("MESSAGES", "1500"))
BLOCKS = 20


def held(body: bytes) -> int:
    """How many things a message holds, each of which must become something; at least one."""
    try:
        return len(read_message(body))
    except ReadingError:
        return 1


def total(tally: Tally) -> int:
    return tally.stored + tally.duplicates + tally.updated + tally.rejected


async def check_message(store: Store, seed: int) -> Counter[str]:
    """Push a message twice, and what was rejected of it once more; what became of the first."""
    body, name = make_message(seed), f"m-{seed}"
    before = set(store.rejected.documents)
    tally = await store.push(body, name)
    assert total(tally) == held(body)
    kept = [store.rejected.documents[place] for place in set(store.rejected.documents) - before]
    assert len(kept) == (tally.rejected if tally.rejected <= MOST_REJECTIONS else 1)
    assert "fault" not in {document["reason"] for document in kept}
    again = await store.push(body, name)
    assert (again.stored, total(again)) == (0, total(tally))
    for document in kept:
        await check_redrive(store, RejectedId(document["day"], document["id"]))
    assert set(store.rejected.documents) - before == {(each["day"], each["id"]) for each in kept}
    return Counter(stored=tally.stored, rejected=tally.rejected, sent=total(tally))


async def check_redrive(store: Store, place: RejectedId) -> None:
    """What cannot be read is refused for the same reason when it is redriven."""
    refused = store.rejected.documents[place.day, place.id]
    assert body_of(refused) is not None
    tally = await store.push(redrive_message(place), "redrive")
    assert tally.stored == 0
    assert tally.rejected
    again = store.rejected.documents[place.day, place.id]
    expected = "rejected" if tally.duplicates == 0 else "accepted"
    assert (again["reason"], again["status"]) == (refused["reason"], expected)


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("block", range(BLOCKS))
async def test_each_message_is_stored_or_rejected_whatever_it_holds(block: int) -> None:
    counted: Counter[str] = Counter()
    store = Store()
    for number, seed in enumerate(range(block, MESSAGES, BLOCKS)):
        if number % 200 == 199:
            store.check()
            store = Store()
        try:
            counted += await check_message(store, seed)
        except Exception as fault:
            raise AssertionError(f"message {seed}: {fault!r}") from fault
    store.check()
    assert counted["stored"]
    assert counted["rejected"]
