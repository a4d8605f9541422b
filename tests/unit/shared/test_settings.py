import pytest

from shared.settings import SettingError, read_settings

COSMOS = "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5;"


def test_defaults_hold_where_nothing_is_set() -> None:
    settings = read_settings({"COSMOS": COSMOS})
    assert settings.database == "incidents"
    assert not settings.create_containers
    assert settings.page_limit == 500


def test_an_endpoint_stands_in_for_a_connection_string() -> None:
    settings = read_settings({"COSMOS__accountEndpoint": "https://x.example/"})
    assert settings.cosmos_endpoint == "https://x.example/"


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("PAGE_LIMIT", "many", "a whole number is needed"),
        ("PAGE_LIMIT", "0", "between 1 and 500"),
        ("CREATE_CONTAINERS", "perhaps", "use true or false"),
        ("ALERT_RETENTION_DAYS", "9999", "between 1 and 3650"),
        ("TENANTS", "cid-1", "tenant=organisation is needed"),
        ("TENANTS", "cid-1=Red Team", "tenant=organisation is needed"),
        ("TENANTS", "cid-1=red, CID-1=blue", "to two organisations"),
    ],
)
def test_a_bad_setting_is_named(name: str, text: str, reason: str) -> None:
    with pytest.raises(SettingError, match=reason) as caught:
        read_settings({"COSMOS": COSMOS, name: text})
    assert name in str(caught.value)


def test_a_missing_connection_is_named() -> None:
    with pytest.raises(SettingError, match="COSMOS is not set"):
        read_settings({})


@pytest.mark.parametrize(("text", "value"), [("TRUE", True), ("1", True), ("no", False)])
def test_flags_take_any_usual_word(text: str, value: bool) -> None:
    assert read_settings({"COSMOS": COSMOS, "CREATE_CONTAINERS": text}).create_containers is value


def test_secrets_are_not_shown() -> None:
    settings = read_settings({"COSMOS": COSMOS, "CURSOR_KEY": "hidden"})
    assert "a2V5" not in repr(settings)
    assert "hidden" not in repr(settings)


def test_networks_and_proxies_are_listed_by_commas_or_spaces() -> None:
    settings = read_settings(
        {
            "COSMOS": "x",
            "OWN_NETWORKS": "198.51.100.0/24, 2001:db8::/32",
            "PROXIES": "proxy01 10.0.0.3",
        }
    )
    assert settings.own_networks == ("198.51.100.0/24", "2001:db8::/32")
    assert settings.proxies == ("proxy01", "10.0.0.3")


def test_a_network_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="OWN_NETWORKS holds 'here'"):
        read_settings({"COSMOS": "x", "OWN_NETWORKS": "10.0.0.0/8, here"})


def test_tenants_are_listed_with_their_organisations() -> None:
    settings = read_settings({"COSMOS": COSMOS, "TENANTS": "CID-1=red, a=b=blue,\nx = red,"})
    assert settings.tenants == (("cid-1", "red"), ("a=b", "blue"), ("x", "red"))
