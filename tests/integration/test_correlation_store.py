"""The contract of correlation's store, over memory and over Cosmos DB's protocol alike."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from correlate.model.activity import KeyDay
from correlate.model.cell import Interval, Point
from correlate.model.coverage import Coverage, Span
from correlate.model.decision import Decision, Request
from correlate.model.episode import Confidence, Kind
from correlate.model.incident import Incident, Redirect
from correlate.model.news import PERSON, News, Seed
from correlate.model.observation import Observation, activities_of
from correlate.store.cosmos import CosmosStore, organisations
from correlate.store.documents import news_of
from correlate.store.memory import MemoryDatabase, MemoryStore
from correlate.store.port import (
    Aside,
    BaselineDay,
    Head,
    HeadMovedError,
    KeyShard,
    MovedError,
    Port,
    Put,
    Record,
    record_id,
)
from shared.alert import digest
from shared.killchain import Tactic
from shared.settings import Settings
from shared.severity import Severity
from shared.store.client import Database, open_database
from shared.store.definitions import ALERTS, NEWS
from shared.times import DAY, HOUR, format_time, now
from tests.integration.cosmos_support import KEY, Emulator, emulator
from tests.unit.machine.world import START, alert, entity

BUCKETS = 4
LIFE = now() + DAY
SEEN = [
    alert("a", "vm1", 0, Tactic.InitialAccess),
    alert("b", "vm1", 0.5, Tactic.Execution, keys=["account:joe"]),
    alert("c", "vm1", 25, Tactic.Execution),
    alert("d", "vm2", 0, Tactic.Execution),
]


@dataclass
class Subject:
    """A store under test, another client of the same, and how alerts and news get in and out."""

    store: Port
    other: Port
    add: Callable[[Observation], Awaitable[None]]
    news: Callable[[], Awaitable[list[News]]]


def incident(name: str = "main-1", **changes: object) -> Incident:
    """An incident that people see."""
    shown = {"kind": "attack", "confidence": "high", "title": "T"}
    made = Incident(name, Kind.ATTACK, START, START, Confidence.HIGH, shown, 1)
    return replace(made, **changes)  # type: ignore[arg-type]


def coverage(resource: str, *incidents: str) -> Coverage:
    """One that names incidents, one hour after the other."""
    spans = tuple(
        Span(Interval(Point(START + n * HOUR, "0" * 24), Point(START + n * HOUR, "f" * 24)), name)
        for n, name in enumerate(incidents)
    )
    return Coverage(alert("x", resource, 0).subject, spans)


def alert_document(seen: Observation) -> dict[str, object]:
    """A stored alert, as far as correlation reads it."""
    cell, subject = seen.cell, seen.subject
    return {
        "id": cell.first.alert,
        "type": "alert",
        "organisation": "main",
        "bucket": str(int(cell.first.alert[:8], 16) % BUCKETS),
        "entity": cell.resource,
        "sid": cell.sid,
        "takesPart": True,
        "sourceVersion": "v1",
        "expiresUtc": format_time(LIFE),
        "startTimeUtc": format_time(cell.first.start),
        "endTimeUtc": format_time(cell.end),
        "resource": {
            "key": subject.key, "id": subject.id, "name": subject.name, "type": subject.type,
        },
        "title": cell.title,
        "detection": cell.signal.detection,
        "tactics": [stage.name for stage in cell.signal.stages],
        "severity": cell.signal.severity.name,
        "severityRank": int(cell.signal.severity),
        "status": "Active",
        "keys": [subject.key, *(each.key for each in cell.mentions)],
        "entities": [{"key": each.key, "value": each.name} for each in cell.mentions],
        "product": cell.signal.product,
        "vendor": "",
        "source": "test",
        "remediationSteps": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator("--data", str(tmp_path_factory.mktemp("cosmos"))) as found:
        yield found


@pytest.fixture
async def database(running: Emulator, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    connection = f"AccountEndpoint={running.address};AccountKey={KEY};"
    name = f"db-{digest(request.node.name)[:12]}"
    settings = Settings(cosmos_connection=connection, database=name, create_containers=True)
    async with await open_database(settings) as opened:
        yield opened


@pytest.fixture(params=["memory", "cosmos"])
def subject(request: pytest.FixtureRequest) -> Subject:
    if request.param == "memory":
        kept = MemoryDatabase(clock=now)

        async def add(seen: Observation) -> None:
            kept.add(seen)
            kept.versions[seen.cell.first.alert] = "v1"
            kept.expires[seen.cell.first.alert] = LIFE

        async def news() -> list[News]:
            return [each for _, each in sorted(kept.news.items())]

        return Subject(MemoryStore(kept), MemoryStore(kept), add, news)
    return cosmos_subject(request.getfixturevalue("database"))


def cosmos_subject(opened: Database) -> Subject:
    """A store over Cosmos DB's protocol."""

    async def add(seen: Observation) -> None:
        document = alert_document(seen)
        await opened.container(ALERTS).create_item(document)
        counter = {
            "id": f"n-{seen.cell.resource}-{seen.cell.hour}-{seen.cell.sid}",
            "type": "count",
            **{name: document[name] for name in ("organisation", "bucket", "entity", "sid")},
            "hour": seen.cell.hour,
            "n": 1,
            "v": 1,
        }
        await opened.container(ALERTS).create_item(counter)

    async def news() -> list[News]:
        rows = opened.container(NEWS).read_all_items()
        found = [news_of(row) async for row in rows]
        return sorted(found, key=lambda each: each.id)

    stores = [CosmosStore(opened, "main", BUCKETS) for _ in range(2)]
    return Subject(stores[0], stores[1], add, news)


async def begin(store: Port) -> Head:
    """The first epoch."""
    return await store.write_head(Head(1, ""))


async def write(store: Port, *records: Record) -> Head:
    """Write records in one batch of a first epoch."""
    head, _ = await store.commit(await begin(store), [Put(each, LIFE) for each in records])
    return head


async def test_there_is_no_head_before_the_first_epoch(subject: Subject) -> None:
    assert await subject.store.read_head() is None
    written = await begin(subject.store)
    assert await subject.other.read_head() == written


async def test_of_two_that_begin_at_once_one_does(subject: Subject) -> None:
    await begin(subject.store)
    with pytest.raises(HeadMovedError):
        await begin(subject.other)


async def test_a_batch_of_a_former_epoch_writes_nothing(subject: Subject) -> None:
    head = await begin(subject.store)
    taken = await subject.other.write_head(replace(head, epoch=2))
    with pytest.raises(HeadMovedError):
        await subject.store.commit(head, [Put(Redirect("main-1", "main-2"))])
    assert await subject.other.read(["main-1"]) == {}
    assert await subject.other.read_head() == taken


async def test_batches_are_a_chain(subject: Subject) -> None:
    head = await begin(subject.store)
    after, _ = await subject.store.commit(replace(head, batch="1.1"), [Put(incident(), match="")])
    assert after.batch == "1.1"
    with pytest.raises(HeadMovedError):
        await subject.store.commit(replace(head, batch="1.1"), [Put(incident(), match="")])
    assert await subject.store.read_head() == after


async def test_records_are_read_by_their_ids(subject: Subject) -> None:
    (day, *_) = activities_of(SEEN)
    records: list[Record] = [
        day,
        coverage("vm1", "main-1"),
        Redirect("main-1", "main-2"),
        KeyShard(5, "ab", {"ab": KeyDay("ab", 5, {"e": 1})}),
    ]
    await write(subject.store, *records)
    ids = [record_id(each) for each in records]
    assert await subject.other.read([*ids, "none"]) == dict(zip(ids, records, strict=True))


async def test_more_ids_than_a_query_takes(subject: Subject) -> None:
    await write(subject.store, Redirect("main-1", "x"), Redirect("main-2", "x"))
    ids = ["main-1", *(f"none-{number}" for number in range(1_100)), "main-2"]
    assert set(await subject.store.read(ids)) == {"main-1", "main-2"}


async def test_an_incident_is_written_on_the_version_that_was_read(subject: Subject) -> None:
    head = await begin(subject.store)
    head, etags = await subject.store.commit(head, [Put(incident(), match="")])
    read = (await subject.store.read(["main-1"]))["main-1"]
    assert isinstance(read, Incident)
    assert etags == {"main-1": read.etag}
    changed = replace(read, confidence=Confidence.LOW)
    head, later = await subject.store.commit(head, [Put(changed, match=read.etag)])
    with pytest.raises(MovedError):
        await subject.store.commit(
            replace(head, batch="x"), [Put(Redirect("a", "b")), Put(changed, match=read.etag)]
        )
    assert await subject.store.read(["a"]) == {}
    head, _ = await subject.store.commit(
        head, [Put(Redirect("main-1", "main-2"), match=later["main-1"])]
    )
    assert await subject.store.read(["main-1"]) == {"main-1": Redirect("main-1", "main-2")}


@pytest.mark.parametrize("match", ["", "never"])
async def test_what_is_there_is_not_created_and_what_is_not_is_not_replaced(
    subject: Subject, match: str
) -> None:
    head = await begin(subject.store)
    if not match:
        head, _ = await subject.store.commit(head, [Put(incident(), match="")])
    with pytest.raises(MovedError):
        await subject.store.commit(head, [Put(incident(), match=match)])


async def test_coverage_is_found_by_the_incidents_that_it_names(subject: Subject) -> None:
    one, two = coverage("vm1", "main-1", "main-2"), coverage("vm2", "main-3")
    await write(subject.store, one, two, coverage("vm3", "main-4"))
    found = await subject.store.read_covering(["main-2", "main-3", "main-9"])
    assert sorted(found, key=lambda each: each.subject.name) == [one, two]


async def test_the_baseline_is_read_by_days(subject: Subject) -> None:
    days: list[Record] = [
        BaselineDay("D", day, Severity.High, True, {"e": 1}) for day in (4, 5, 6, 7)
    ]
    shards = [KeyShard(day, "ab", {"ab": KeyDay("ab", day, {"e": 1})}) for day in (4, 6)]
    await write(subject.store, *days, *shards)
    found = await subject.store.read_baseline(5, 6)
    expected: list[Record] = [*days[1:3], shards[1]]
    assert {record_id(each): each for each in found} == {record_id(each): each for each in expected}


async def test_decisions_come_in_the_order_of_their_numbers(subject: Subject) -> None:
    decisions = [
        Decision(Request(name, "merge", "main-1"), number)
        for name, number in (("z", 1), ("a", 2), ("m", 3))
    ]
    await write(subject.store, *reversed(decisions))
    assert await subject.store.read_decisions() == decisions


async def test_open_incidents_are_those_that_people_see_and_have_not_closed(
    subject: Subject,
) -> None:
    closed = {"status": "Resolved", "labels": [], "triage": {}}
    await write(
        subject.store,
        incident("main-2"),
        incident("main-1"),
        incident("main-3", visible=False, withdrawn=True),
        incident("main-4", people=closed),
    )
    assert [each.id for each in await subject.store.read_open()] == ["main-1", "main-2"]


async def test_what_was_set_aside_is_found_until_it_is_done(subject: Subject) -> None:
    waiting = Aside(Seed("e", 1), "why")
    await write(subject.store, waiting, Aside(Seed("f", 1), "why", done=True))
    assert await subject.store.read_asides() == [waiting]


async def test_days_with_activity_are_found_in_order(subject: Subject) -> None:
    activities = activities_of(SEEN)
    await write(subject.store, *activities)
    seeds = sorted(Seed(*each.id) for each in activities)
    day = START // DAY
    assert await subject.store.read_seeds(day, "", 10) == seeds
    assert await subject.store.read_seeds(day, seeds[0].entity, 10) == [
        seed for seed in seeds if seed.entity > seeds[0].entity
    ]
    assert await subject.store.read_seeds(day + 1, "", 10) == [
        seed for seed in seeds if seed.day > day
    ]
    assert len(await subject.store.read_seeds(day, "", 2)) == 2


async def test_what_has_expired_is_gone(subject: Subject) -> None:
    head = await begin(subject.store)
    puts = [Put(Redirect("main-1", "x"), now() + 1_000), Put(Redirect("main-2", "x"), LIFE)]
    await subject.store.commit(head, puts)
    while now() <= (puts[0].expires or 0) + 1_000:
        found = await subject.store.read(["main-1", "main-2"])
    assert set(found) == {"main-2"}


async def test_a_day_of_a_resource_is_read_from_its_alerts_and_counters(subject: Subject) -> None:
    for each in SEEN:
        await subject.add(each)
    day = START // DAY
    observations, counters = await subject.store.read_day(entity("vm1"), day)
    assert sorted(each.cell.first for each in observations) == [
        SEEN[0].cell.first,
        SEEN[1].cell.first,
    ]
    assert {each.cell.first: each for each in observations}[SEEN[1].cell.first] == SEEN[1]
    assert {(each.hour, each.sid, each.value.alerts) for each in counters} == {
        (each.cell.hour, each.cell.sid, 1) for each in SEEN[:2]
    }


async def test_places_of_alerts_come_in_order(subject: Subject) -> None:
    for each in SEEN:
        await subject.add(each)
    places = await subject.store.read_places(entity("vm1"), START, START + HOUR)
    assert [(each.point, each.sid) for each in places] == [
        (each.cell.first, each.cell.sid) for each in SEEN[:2]
    ]
    found = await subject.store.find_places([SEEN[3].cell.first.alert, "0" * 24])
    assert {name: (owner, place.point) for name, (owner, place) in found.items()} == {
        SEEN[3].cell.first.alert: (entity("vm2"), SEEN[3].cell.first)
    }
    versions = await subject.store.read_versions([SEEN[0].cell.first.alert])
    assert versions == {SEEN[0].cell.first.alert: "v1"}


async def test_alerts_that_are_about_to_expire_live_on(subject: Subject) -> None:
    for each in SEEN[:3]:
        await subject.add(each)
    interval = Interval(SEEN[0].cell.first, SEEN[1].cell.first)
    ending, until = LIFE + DAY, LIFE + 30 * DAY
    assert await subject.store.lengthen(entity("vm1"), interval, ending, until) == 2
    assert await subject.store.lengthen(entity("vm1"), interval, ending, until) == 0
    assert await subject.store.lengthen(entity("vm1"), interval, until + 1, until) == 2


async def test_news_that_is_posted_again_is_there_once(subject: Subject) -> None:
    news = [News(f"n{number}", "main", PERSON, incident=f"main-{number}") for number in range(9)]
    await subject.store.post(news)
    await subject.other.post(news[:3])
    assert await subject.news() == news


async def test_organisations_are_those_that_have_a_head(database: Database) -> None:
    for name in ("west", "east"):
        await begin(CosmosStore(database, name, BUCKETS))
    assert await organisations(database) == ["east", "west"]
