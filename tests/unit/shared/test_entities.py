import pytest

from shared.entities import entity, is_local_account, key_id, key_kind, make_key

SHA256 = "3f" * 31 + "0a"


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [
        pytest.param("host", "WEB01", "host:web01", id="case does not matter"),
        pytest.param("host", "web01.corp.example.", "host:web01", id="domain does not matter"),
        pytest.param("host", "10.0.0.1", "host:10.0.0.1", id="address as a name stays whole"),
        pytest.param("account", "CORP\\Mia", "account:mia@corp", id="domain and name"),
        pytest.param("account", "mia@corp.example", "account:mia@corp.example", id="UPN"),
        pytest.param("account", ".\\mia", "account:mia", id="the machine's own domain"),
        pytest.param("address", "192.0.2.1:443", "address:192.0.2.1", id="port"),
        pytest.param("address", "[2001:db8::1]:443", "address:2001:db8::1", id="IPv6 and port"),
        pytest.param("address", "[2001:DB8::1]", "address:2001:db8::1", id="IPv6 in brackets"),
        pytest.param("address", "::ffff:192.0.2.1", "address:192.0.2.1", id="IPv4 in IPv6"),
        pytest.param("file", f"SHA256:{SHA256}", f"file:{SHA256}", id="hash with its algorithm"),
        pytest.param(
            "resource", "/Subscriptions/A/", "resource:/subscriptions/a", id="slash at the end"
        ),
        pytest.param("url", "https://X.example/a", "url:https://x.example/a", id="URL"),
    ],
)
def test_two_spellings_of_one_thing_have_one_key(kind: str, value: str, key: str) -> None:
    assert make_key(kind, value) == key


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param("host", "localhost", id="the machine itself"),
        pytest.param("host", " - ", id="placeholder"),
        pytest.param("account", "NT AUTHORITY\\SYSTEM", id="SYSTEM"),
        pytest.param("account", "root", id="root without a host"),
        pytest.param("account", "S-1-5-18", id="SYSTEM by its identifier"),
        pytest.param("account", "root@localhost", id="root of a host that is no name"),
        pytest.param("address", "127.0.0.1", id="loopback"),
        pytest.param("address", "fe80::1", id="link-local"),
        pytest.param("address", "0.0.0.0", id="unspecified"),  # noqa: S104 - an example of one
        pytest.param("address", "224.0.0.1", id="multicast"),
        pytest.param("address", "no address", id="not an address"),
        pytest.param("file", "d41d8cd98f00b204e9800998ecf8427e", id="hash of nothing"),
        pytest.param("file", "0" * 40, id="hash of one digit only"),
        pytest.param("file", "c:\\a.exe", id="path"),
        pytest.param("process", "a.exe", id="process"),
        pytest.param("other", "anything", id="other"),
        pytest.param("domain", "N/A", id="nothing in other words"),
    ],
)
def test_what_says_nothing_has_no_key(kind: str, value: str) -> None:
    assert make_key(kind, value) is None


def test_a_local_account_of_a_named_host_has_a_key() -> None:
    assert make_key("account", "root", domain="web01") == "account:root@web01"


def test_things_of_two_tenants_never_meet() -> None:
    assert make_key("host", "web01", tenant="A") == "host:a:web01"
    assert make_key("host", "web01", tenant="B") == "host:b:web01"


def test_a_long_value_gives_a_key_of_bounded_length() -> None:
    key = make_key("url", "https://x.example/" + "\ud800" + "a" * 5_000)
    assert key is not None
    assert len(key) < 100


def test_an_entity_keeps_the_value_as_it_was_written() -> None:
    named = entity("host", "WEB01.corp.example", fields=(("os", "Linux"),))
    assert (named.value, named.key, named.fields) == (
        "WEB01.corp.example",
        "host:web01",
        (("os", "Linux"),),
    )


def test_key_ids_are_safe_for_any_content() -> None:
    assert len(key_id("url:\ud800/?#\\")) == 32
    assert key_kind("host:a:web01") == "host"


def test_local_accounts_are_known_by_name() -> None:
    assert is_local_account(" Root ")
    assert not is_local_account("mia")
