"""Filling the Cosmos emulator's file without its server, for benchmarks that need a million alerts.

The documents are those that the app stores, and the emulator's own code inserts them, a hundred a
transaction; what is left out is the SDK and HTTP, a millisecond a request.
"""

import random
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from local.bench_documents import alert_batch, coverage_documents, incident_document
from local.cosmos.store import Store
from shared.alert import ORGANISATION
from shared.store.alert_counts import day_document, state_document
from shared.store.definitions import ALERTS, INCIDENTS
from shared.store.tally import DAY_SECONDS, Counts, changes, life_of, total

SEED: Final = 20_261_124
ALERTS_A_RESOURCE: Final = 100
AGO_SECONDS: Final = 120
"""How long ago everything was written: so long that no count waits for it to settle."""
_IN_A_TRANSACTION: Final = 100

Document = Mapping[str, Any]


def load(data: str, database: str, incident_count: int, alert_count: int) -> list[str]:
    """Insert incidents with what they cover, and alerts; returns public ids of some alerts.

    `data` is the emulator's folder, in which the database and its containers are already.
    """
    dice = random.Random(SEED)  # noqa: S311 - made-up data, the same each time
    resources = max(1, alert_count // ALERTS_A_RESOURCE)
    ids: list[str] = []
    now = time.time() - AGO_SECONDS
    store = Store(data, lambda: now)

    written = int(store.clock())
    counts: dict[int, Counts] = {}

    def alerts() -> Iterator[Document]:
        for number in range(resources):
            batch = alert_batch(number, ALERTS_A_RESOURCE, dice)
            ids.append(batch[0]["alertId"])
            lives = [life_of({**each, "_ts": written}) for each in batch]
            for day, added in changes(lives, written - 1, None).items():
                counts[day] = total([counts.get(day, {}), added])
            yield from batch

    try:
        _insert(store, database, ALERTS, alerts())
        made = [incident_document(n, n % resources, dice) for n in range(incident_count)]
        _insert(store, database, INCIDENTS, made)
        _insert(store, database, INCIDENTS, coverage_documents(made))
        _insert(store, database, INCIDENTS, _kept(counts, written))
        store.checkpoint()
    finally:
        store.close()
    return ids


def _kept(counts: Mapping[int, Counts], until: int) -> Iterator[Document]:
    """The counts that are kept: those who store alerts bring them up to date as they do."""
    yield state_document(ORGANISATION, until, 1)
    for day, of_day in counts.items():
        yield day_document(ORGANISATION, day, of_day, 1, DAY_SECONDS)


def _insert(store: Store, database: str, name: str, documents: Iterable[Document]) -> None:
    container = store.containers.get(database, name)
    rest = iter(documents)
    while chunk := list(islice(rest, _IN_A_TRANSACTION)):
        with store.items.write(container) as write:
            for document in chunk:
                own = dict(document)
                write.create(container.scheme.key_of_item(own), own)
