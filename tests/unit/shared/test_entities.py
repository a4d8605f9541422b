"""Which spellings are one thing, which two things stay two, and what says nothing."""

import pytest

from shared.entities import entity, is_local_account, key_id, key_kind, make_key

SHA256 = "3f" * 31 + "0a"
GUID = "6f1d0b52-3c44-4a2e-9a1b-0c5f00aa9d11"
SID = "S-1-5-21-1004336348-1177238915-682003330-512"
CONTAINER = "4fa6e0f0c6786287e131c3852c58a2e01cc697a68231826813597e4994f1d6e2"


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [
        pytest.param("host", "WEB01", "host:web01", id="case does not matter"),
        pytest.param("host", "web01.corp.example.", "host:web01", id="domain does not matter"),
        pytest.param("host", "CORP\\WEB01", "host:web01", id="domain before a host"),
        pytest.param("host", "WEB01$", "host:web01", id="the host by its account"),
        pytest.param("host", "\\\\WEB01\\share", "host:web01", id="the host of a share"),
        pytest.param("host", "10.0.0.1", "host:10.0.0.1", id="address as a name stays whole"),
        pytest.param("account", "CORP\\Mia", "account:mia@corp", id="domain and name"),
        pytest.param("account", "CORP\\\\Mia", "account:mia@corp", id="escaped twice"),
        pytest.param("account", "mia@corp.example", "account:mia@corp.example", id="UPN"),
        pytest.param("account", ".\\mia", "account:mia", id="the machine's own domain"),
        pytest.param("account", "WORKGROUP\\mia", "account:mia", id="a workgroup is no domain"),
        pytest.param("account", "N/A\\mia", "account:mia", id="a placeholder is no domain"),
        pytest.param("account", "mailto:Mia@corp.example", "account:mia@corp.example", id="mailto"),
        pytest.param(
            "account",
            "mia_corp.example#EXT#@host.onmicrosoft.com",
            "account:mia@corp.example",
            id="guest of a directory",
        ),
        pytest.param(
            "account", "live.com#mia@mail.example", "account:mia@mail.example", id="personal"
        ),
        pytest.param(
            "account",
            "i:0#.f|membership|mia@corp.example",
            "account:mia@corp.example",
            id="SharePoint's login",
        ),
        pytest.param("account", SID, f"account:{SID.lower()}", id="SID"),
        pytest.param("account", f"CORP\\{SID}", f"account:{SID.lower()}", id="SID in a domain"),
        pytest.param("account", GUID.upper(), f"account:{GUID}", id="object id"),
        pytest.param("account", f"{{{GUID}}}", f"account:{GUID}", id="object id in braces"),
        pytest.param("account", f"{GUID}@{GUID}", f"account:{GUID}", id="object id and directory"),
        pytest.param(
            "account",
            "arn:aws:sts::1:assumed-role/Ops/mia@corp.example",
            "account:arn:aws:sts::1:assumed-role/ops/mia@corp.example",
            id="ARN stays whole",
        ),
        pytest.param("address", "192.0.2.1:443", "address:192.0.2.1", id="port"),
        pytest.param("address", "192.0.2.1/32", "address:192.0.2.1", id="prefix of one address"),
        pytest.param("address", "192.0.2[.]1", "address:192.0.2.1", id="disarmed address"),
        pytest.param("address", "[2001:db8::1]:443", "address:2001:db8::1", id="IPv6 and port"),
        pytest.param("address", "[2001:DB8::1]", "address:2001:db8::1", id="IPv6 in brackets"),
        pytest.param("address", "::ffff:192.0.2.1", "address:192.0.2.1", id="IPv4 in IPv6"),
        pytest.param("file", f"SHA256:{SHA256}", f"file:{SHA256}", id="hash with its algorithm"),
        pytest.param("file", f"SHA256={SHA256}", f"file:{SHA256}", id="hash as Sysmon writes it"),
        pytest.param(
            "resource", "/Subscriptions/A/", "resource:/subscriptions/a", id="slash at the end"
        ),
        pytest.param(
            "resource",
            "https://management.azure.com/subscriptions/a",
            "resource:/subscriptions/a",
            id="ARM id as a URL",
        ),
        pytest.param("url", "https://X.example/a", "url:https://x.example/a", id="URL"),
        pytest.param("url", "hxxps://x[.]example/a#b", "url:https://x.example/a", id="disarmed"),
        pytest.param("domain", "*.X.example.", "domain:x.example", id="wildcard and root"),
        pytest.param(
            "mailbox", "Mia <Mia@corp.example>", "mailbox:mia@corp.example", id="name and address"
        ),
        pytest.param("container", CONTAINER, f"container:{CONTAINER[:12]}", id="container's id"),
        pytest.param(
            "container", f"docker://{CONTAINER}", f"container:{CONTAINER[:12]}", id="runtime"
        ),
        pytest.param("container", CONTAINER[:12], f"container:{CONTAINER[:12]}", id="short id"),
        pytest.param("application", f"{{{GUID.upper()}}}", f"application:{GUID}", id="application"),
    ],
)
def test_two_spellings_of_one_thing_have_one_key(kind: str, value: str, key: str) -> None:
    assert make_key(kind, value) == key


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("account", "CORP\\mia", "SALES\\mia"),
        ("account", "mia", "mia@corp.example"),
        ("account", "mia@corp.example", "mia@corp2.example"),
        ("account", SID, f"{SID}1"),
        ("address", "10.0.0.1", "10.0.0.10"),
        ("container", "web-1", "web-2"),
        ("url", "https://x.example/a", "https://x.example/b"),
    ],
    ids=[
        "one name in two domains",
        "a bare name and one in a domain",
        "two mail domains",
        "two SIDs",
        "two addresses",
        "two containers by name",
        "two pages of a site",
    ],
)
def test_two_things_have_two_keys(kind: str, first: str, second: str) -> None:
    assert make_key(kind, first) != make_key(kind, second)


SAYS_NOTHING = {
    "host": ["localhost", " - ", "N/A", "(null)", "Unknown", "127.0.0.1", "$", "not available"],
    "account": [
        "NT AUTHORITY\\SYSTEM",
        "SYSTEM",
        "CORP\\SYSTEM",
        "Système",
        "AUTORITE NT\\Système",
        "NT-AUTORITÄT\\NETZWERKDIENST",
        "NETZWERKDIENST",
        "SERVICE RÉSEAU",
        "Servicio de red",
        "NT INSTANS\\NÄTVERKSTJÄNST",
        "NT AUTHORITY\\СИСТЕМА",
        "SİSTEM",
        "Window Manager\\DWM-1",
        "Font Driver Host\\UMFD-0",
        "IIS APPPOOL\\DefaultAppPool",
        "NT SERVICE\\MSSQLSERVER",
        "BUILTIN\\Administrators",
        "S-1-5-18",
        "S-1-1-0",
        "S-1-5-32-544",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
        "WEB01$",
        "CORP\\WEB01$",
        "web01$@corp.example",
        "root",
        "Administrateur",
        "Администратор",
        ".\\root",
        "root@localhost",
        "CORP\\-",
        "-",
        "(null)",
        "<NA>",
        "N/A",
        "00000000-0000-0000-0000-000000000000",
    ],
    "address": [
        "127.0.0.1",
        "::1",
        "169.254.10.20",
        "fe80::1",
        "fe80::1%eth0",
        "169.254.169.254",
        "168.63.129.16",
        "fd00:ec2::254",
        "100.100.100.200",
        "8.8.8.8",
        "1.1.1.1:53",
        "2606:4700:4700::1111",
        "0.0.0.0",  # noqa: S104 - an example of one
        "255.255.255.255",
        "224.0.0.1",
        "10.0.0.0/8",
        "no address",
        "-",
    ],
    "file": ["d41d8cd98f00b204e9800998ecf8427e", "0" * 40, "c:\\a.exe", "N/A"],
    "domain": ["N/A", "localhost", "9.2.0.192.in-addr.arpa"],
    "application": ["00000000-0000-0000-0000-000000000000"],
    "container": ["<NA>", "docker://"],
    "mailbox": ["<>", "-"],
    "process": ["a.exe"],
    "other": ["anything"],
}


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in SAYS_NOTHING.items() for value in values]
)
def test_what_says_nothing_has_no_key(kind: str, value: str) -> None:
    assert make_key(kind, value) is None


def test_a_security_identifier_of_entra_is_its_object_id() -> None:
    sid = "S-1-12-1-1864174418-1244544068-1594629018-295545344"
    assert make_key("account", sid) == f"account:{GUID}"


@pytest.mark.parametrize(
    ("name", "domain", "key"),
    [
        ("root", "web01", "account:root@web01"),
        ("Administrator", "CORP", "account:administrator@corp"),
        ("SYSTEM", "web01", None),
        ("system", "mail.example", "account:system@mail.example"),
    ],
    ids=["of a host", "of a domain", "nobody on a host", "a mail address"],
)
def test_a_name_that_every_machine_has_needs_a_domain(
    name: str, domain: str, key: str | None
) -> None:
    assert make_key("account", name, domain=domain) == key


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("account", "CORP\\Mia"),
        ("account", "mia@corp.example"),
        ("account", SID),
        ("address", "2001:DB8::1"),
        ("host", "web01.corp.example"),
        ("container", CONTAINER),
        ("url", "hxxp://x[.]example/"),
        ("mailbox", "Mia <mia@corp.example>"),
    ],
)
def test_the_value_in_a_key_has_the_same_key(kind: str, value: str) -> None:
    key = make_key(kind, value)
    assert key is not None
    assert make_key(kind, key.partition(":")[2]) == key


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
    assert key_kind("address:2001:db8::1") == "address"


def test_local_accounts_are_known_by_name() -> None:
    assert is_local_account(" Root ")
    assert is_local_account("Système")
    assert not is_local_account("mia")
