"""The noise of an enterprise: its size and hours, what is frequent, what many machines share."""

from collections import Counter, defaultdict
from functools import cache
from typing import Any

import pytest

from ingest_alert.registry import parse_alert
from local.simulate.enterprise import generate, noise
from local.simulate.enterprise.catalogue import PATCH, SCANS, compile_catalogue
from local.simulate.enterprise.population import populate
from local.simulate.enterprise.shape import MONDAY, Shape, hour_of, is_weekend
from local.simulate.enterprise.timetable import PATCH_HOURS, SCAN_HOURS, SCANNER_NIGHTS, divided
from local.simulate.play import Labelled
from shared.times import DAY, HOUR, MINUTE, format_time, parse_time

SHAPE = Shape(resources=300, detections=100, days=7, alerts=8_000)


@cache
def week() -> tuple[Labelled, ...]:
    return tuple(noise(SHAPE))


def detection(alert: Labelled) -> str:
    return str(alert.alert["properties"]["alertType"])


def machine(alert: Labelled) -> str:
    return str(alert.alert["properties"]["compromisedEntity"])


def named(alert: Labelled) -> set[str]:
    """The accounts, addresses and files that an alert names."""
    entities = alert.alert["properties"]["entities"]
    return {each[key] for each in entities for key in ("name", "address", "value") if key in each}


def of(name: str) -> list[Labelled]:
    return [each for each in week() if detection(each) == name]


@pytest.mark.parametrize("alerts", [0, 1, 7, 999])
@pytest.mark.parametrize("days", [1, 2, 9])
def test_there_are_as_many_alerts_as_were_asked_for(alerts: int, days: int) -> None:
    made = list(noise(Shape(resources=50, detections=30, days=days, alerts=alerts)))
    assert len({each.id for each in made}) == len(made) == alerts


@pytest.mark.parametrize("start", [MONDAY, MONDAY + 3 * DAY + 9 * HOUR])
def test_they_come_in_order_of_time_within_the_period(start: int) -> None:
    shape = Shape(resources=50, detections=30, days=3, alerts=500, start=start)
    times = [each.at for each in noise(shape)]
    assert times == sorted(times)
    assert start <= times[0] < start + DAY / 2
    assert shape.end - DAY / 2 <= times[-1] < shape.end == start + 3 * DAY


def test_each_states_its_time_and_belongs_to_no_incident() -> None:
    for each in week():
        assert each.alert["properties"]["startTimeUtc"] == format_time(each.at)
        assert each.incident is None


def test_the_service_reads_all_of_them_as_native_alerts_without_a_note() -> None:
    for each in week()[::10]:
        alert = parse_alert(each.alert)
        assert (alert.source, alert.source_id, alert.start) == ("defender", each.id, each.at)
        assert alert.resource.name == machine(each)
        assert alert.notes == ()


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({}, True, id="the same arguments"),
        pytest.param({"seed": 2}, False, id="another seed"),
        pytest.param({"start": MONDAY + DAY}, False, id="another day"),
        pytest.param({"alerts": 301}, False, id="more alerts"),
        pytest.param({"detections": 31}, False, id="more detections"),
        pytest.param({"resources": 51}, False, id="more resources"),
    ],
)
def test_the_arguments_decide_every_byte(change: dict[str, Any], same: bool) -> None:
    arguments = {"resources": 50, "detections": 30, "days": 2, "alerts": 300, "seed": 1}

    def messages(**given: int) -> list[bytes]:
        return [each.message for each in noise(Shape(**given))]

    assert (messages(**arguments) == messages(**arguments | change)) is same


def test_attacks_change_nothing_of_the_noise() -> None:
    attacked = generate(SHAPE, ["insider-exfiltration", "two-quiet-stages"])
    assert [each for each in attacked if each.incident is None] == list(week())


def rate(hours: range, *, weekend: bool) -> float:
    """Alerts an hour on such days, without the patch and the scanner."""
    special = {PATCH.name, *(each.name for each in SCANS)}
    found = sum(
        hour_of(each.at) in hours and is_weekend(each.at) == weekend
        for each in week()
        if detection(each) not in special
    )
    return found / len(hours) / (2 if weekend else 5)


def test_most_comes_in_office_hours_and_little_at_night_and_on_weekends() -> None:
    office, night = rate(range(8, 18), weekend=False), rate(range(5), weekend=False)
    assert office > 2 * night
    assert night > 0
    assert office > 3 * rate(range(8, 18), weekend=True) > 0


@pytest.mark.parametrize(
    ("part", "least"), [pytest.param(detection, 0.5, id="detections"), (machine, 0.3)]
)
def test_a_tenth_makes_much_of_it_and_nearly_all_take_part(part: Any, least: float) -> None:
    counts = sorted(Counter(map(part, week())).values(), reverse=True)
    assert sum(counts[: len(counts) // 10]) > least * len(week())
    assert len(counts) > 0.9 * (100 if part is detection else 300)
    assert counts[len(counts) // 2] < 0.01 * len(week())


@pytest.mark.parametrize("detections", [20, 100, 250])
def test_four_out_of_ten_detections_state_no_tactic(detections: int) -> None:
    catalogue = compile_catalogue(Shape(detections=detections)).by_name.values()
    assert len(catalogue) == detections
    assert sum(not each.tactic for each in catalogue) == round(0.4 * detections)


def test_a_detection_always_says_the_same() -> None:
    said = defaultdict(set)
    for each in week():
        stated = each.alert["properties"]
        said[detection(each)].add((stated["severity"], stated["intent"], stated["productName"]))
    assert {len(each) for each in said.values()} == {1}


def test_severities_are_mostly_low_and_some_are_high() -> None:
    counts = Counter(each.alert["properties"]["severity"] for each in week())
    assert set(counts) == {"Informational", "Low", "Medium", "High"}
    assert counts["Informational"] + counts["Low"] > 0.5 * len(week())
    assert 0 < counts["High"] < 0.1 * len(week())


def test_habits_come_day_after_day_on_the_same_machines() -> None:
    days = defaultdict(set)
    for each in week():
        days[detection(each), machine(each)].add(each.at // DAY)
    habits = {pair for pair, seen in days.items() if len(seen) >= 5}
    machines = Counter(name for name, _ in habits)
    assert len(habits) >= 40
    assert min(machines.values()) <= 4


def test_on_one_evening_of_a_weekday_many_machines_are_patched() -> None:
    found = of(PATCH.name)
    machines = {machine(each) for each in found}
    assert len(machines) == len(found) > 0.5 * 300
    assert {hour_of(each.at) for each in found} == set(PATCH_HOURS)
    assert max(each.at for each in found) - min(each.at for each in found) < 3 * HOUR
    assert not is_weekend(found[0].at)


def test_on_two_nights_the_scanner_passes_by() -> None:
    found = [each for scan in SCANS for each in of(scan.name)]
    scanner = populate(SHAPE).shared.scanner
    assert len({each.at // DAY for each in found}) == SCANNER_NIGHTS
    assert {hour_of(each.at) for each in found} == set(SCAN_HOURS)
    assert all(scanner in named(each) for each in found)
    assert len({machine(each) for each in found}) > 50


def test_some_detections_fire_hundreds_of_times_in_an_hour() -> None:
    shape = Shape(resources=50, detections=30, days=1, alerts=4_000)
    cells = Counter((detection(each), machine(each), each.at // HOUR) for each in noise(shape))
    assert max(cells.values()) > 100


def test_one_detection_follows_another_of_the_same_event() -> None:
    catalogue = compile_catalogue(SHAPE).by_name
    firsts = [each for each in catalogue.values() if each.followed_by]
    assert len(firsts) == 10
    met = alone = 0
    for first in firsts:
        seconds = {(machine(each), each.at // MINUTE) for each in of(first.followed_by)}
        for each in of(first.name):
            minutes = range(each.at // MINUTE, each.at // MINUTE + 6)
            together = any((machine(each), minute) in seconds for minute in minutes)
            met, alone = met + together, alone + (not together)
    assert met > 0.3 * (met + alone) > 10


@pytest.mark.parametrize(
    "part", ["administrators", "services", "resolvers", "proxy", "gateway", "tools"]
)
def test_many_unrelated_machines_name_the_same(part: str) -> None:
    shared = getattr(populate(SHAPE).shared, part)
    for value in (shared,) if isinstance(shared, str) else shared:
        assert len({machine(each) for each in week() if value in named(each)}) >= 20


def test_a_machine_is_always_the_same() -> None:
    """One ARM id, or none, and one address."""
    said = defaultdict(set)
    for each in week():
        said[machine(each)].add(str(each.alert["properties"].get("resourceIdentifiers")))
    assert {len(each) for each in said.values()} == {1}
    assert len({each.address for each in populate(SHAPE).all.things}) > 290


@pytest.mark.parametrize("total", [0, 1, 100, 12_345])
def test_shares_add_up(total: int) -> None:
    weights = [0.2, 1.0, 0.0, 3.5]
    shares = divided(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / 4.7) <= 1


@pytest.mark.parametrize(
    ("size", "least"), [("resources", 20), ("detections", 20), ("days", 1), ("alerts", 0)]
)
def test_a_size_that_is_too_small_is_refused(size: str, least: int) -> None:
    with pytest.raises(ValueError, match=f"{size}: {least - 1} is too few: {least} at least"):
        Shape(**{size: least - 1})


def test_the_period_begins_on_a_monday() -> None:
    assert parse_time("2026-11-07T00:00:00Z") == MONDAY + 5 * DAY
    weekend = [is_weekend(MONDAY + day * DAY) for day in range(7)]
    assert weekend == [False] * 5 + [True] * 2
