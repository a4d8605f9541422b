"""Which keys an entity of the path may have."""

import pytest

from http_api.entities import read_keys
from http_api.problems import Problem
from tests.unit.ingest.sampling import NAMES, alerts


@pytest.mark.parametrize(
    ("kind", "value", "keys"),
    [
        ("account", r"CORP\Anna", ("account:anna@corp",)),
        ("host", "web01", ("host:web01",)),
        ("address", "2001:DB8::1", ("address:2001:db8::1", "address:2001:DB8::1")),
    ],
    ids=["normalised", "as it is", "a value with colons"],
)
def test_the_keys_of_an_entity(kind: str, value: str, keys: tuple[str, ...]) -> None:
    assert read_keys(kind, value) == keys


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [("person", "anna", "kind"), ("address", "127.0.0.1", "value"), ("account", "-", "value")],
    ids=["no kind", "loopback", "a placeholder"],
)
def test_what_can_have_no_key_is_refused(kind: str, value: str, field: str) -> None:
    with pytest.raises(Problem) as caught:
        read_keys(kind, value)
    assert caught.value.errors[0].field == field


@pytest.mark.parametrize("name", NAMES)
def test_what_an_alert_shows_of_an_entity_leads_to_it(name: str) -> None:
    for alert in alerts(name):
        keyed = [(each.kind, each.value, each.key) for each in alert.entities if each.key]
        for kind, value, key in keyed:
            assert key in read_keys(kind, value), (kind, value)
            assert key in read_keys(kind, key.partition(":")[2]), key
