"""What is kept from one alert to the next never tells in what another alert says."""

from typing import Any

import pytest

from ingest_alert.bounded_cache import BoundedCache
from ingest_alert.field_names import FieldNames
from tests.unit.ingest import sampling

ACCOUNT = {"$id": "2", "type": "account", "name": "root", "host": {"$ref": "1"}}


def host(name: str) -> dict[str, Any]:
    return {"$id": "1", "type": "host", "hostName": name, "osFamily": "Linux"}


def entities_of(*listed: dict[str, Any]) -> list[tuple[str, str | None]]:
    alert = sampling.parse_one(sampling.native(entities=list(listed)))
    return [(named.value, named.key) for named in alert.entities]


def test_a_reference_leads_to_what_its_own_alert_has_there() -> None:
    found = [entities_of(host(name), ACCOUNT)[1] for name in ("db01", "db02", "db01")]
    assert found == [(rf"{name}\root", f"account:root@{name}") for name in ("db01", "db02", "db01")]


def test_a_note_is_made_for_each_alert() -> None:
    listed = [{"type": "host", "hostName": "db01", "osFamily": ["Linux"]}]
    alerts = [sampling.parse_one(sampling.native(entities=listed)) for _ in range(2)]
    assert [alert.notes for alert in alerts] == [
        ("entities[0].osFamily is no text: not used.",)
    ] * 2


@pytest.mark.parametrize(
    ("first", "second"),
    [(1, True), (True, 1), (1, 1.0), ("1", 1)],
    ids=["a number, true", "true, a number", "whole, real", "text, number"],
)
def test_values_that_are_equal_and_not_alike_are_told_apart(first: Any, second: Any) -> None:
    values = [
        entities_of({"type": "url", "url": value, "$id": "9"})[0][0] for value in (first, second)
    ]
    assert values == [str(first), str(second)]


def test_a_hash_of_the_system_stays_one_when_its_file_comes_again() -> None:
    digest = "ab" * 32
    own = {"type": "file", "directory": "/usr/bin", "name": "x", "fileHashes": [{"value": digest}]}
    other = own | {"directory": "/opt/y"}
    first = [entities_of(*files)[0] for files in ((other,), (own, other), (other,))]
    assert first == [(digest, f"file:{digest}"), (digest, None), (digest, f"file:{digest}")]


def test_a_cache_never_holds_more_than_it_may() -> None:
    cache: BoundedCache[int, str] = BoundedCache(3)
    sizes = []
    for number in range(8):
        cache.keep(number, "x")
        sizes.append(len(cache))
    assert sizes == [1, 2, 3, 1, 2, 3, 1, 2]


def test_a_spelling_gives_the_fields_that_there_are_in_the_order_asked_for() -> None:
    spelling = FieldNames(["Type", "startTimeUTC", "type"])
    assert spelling["starttimeutc", "absent", "type"] == ("startTimeUTC", "type")
