"""A recorder that is late posts what an alert was before it was rewritten and its day recounted."""

from dataclasses import replace
from random import Random

from correlate.model.news import News
from correlate.policy import Readings
from correlate.record import news_of, read_batch
from shared.killchain import Tactic
from shared.times import HOUR
from tests.unit.proof.oracle import expected, told
from tests.unit.proof.service import START, Fact, Service

STAGES = (Tactic.InitialAccess, Tactic.Execution, Tactic.CredentialAccess)
FACTS = [
    Fact(f"a{number}", "vm1", START + number * HOUR, f"Seen {stage.name}", stage)
    for number, stage in enumerate(STAGES)
]


def recorded(service: Service) -> list[News]:
    """The news that recorders make of all that is stored now."""
    return [
        news
        for feed in service.feeds
        for name, batch in read_batch(feed.documents.values(), Readings(()))[0].items()
        for news in news_of(name, batch)
    ]


async def test_what_no_longer_takes_part_does_not_join_again() -> None:
    service = Service(Random(1), lambda: None)  # noqa: S311 - a reproducible order
    for fact in FACTS:
        service.ingest(fact)
    stale = recorded(service)
    service.ingest(replace(FACTS[1], takes_part=False, version=2))
    worker = service.reconciler()
    await worker.run(recorded(service))
    await worker.run(stale)
    assert told(service) == expected(service)
