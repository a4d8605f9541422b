"""Entities that alerts name, and the keys that tie alerts together.

A key is `kind:value`, or `kind:tenant:value` where the alert names its tenant, with the value
normalised so that two spellings of one thing meet, and two things of two customers never do.
A value that says nothing about who or where (loopback, SYSTEM, a placeholder) gives no key.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

KINDS: Final = (
    "resource",
    "host",
    "account",
    "address",
    "file",
    "mailbox",
    "application",
    "container",
    "url",
    "domain",
    "process",
    "other",
)
"""The entity kinds, `file` being a file known by its hash. The last two never have a key: they are
shown, and tie nothing."""

_PLACEHOLDERS: Final = frozenset(
    {
        "",
        "-",
        "--",
        "?",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "unknown",
        "undefined",
        "not available",
    }
)
_LOCAL_ACCOUNTS: Final = frozenset(
    {
        "system",
        "local system",
        "localsystem",
        "local service",
        "localservice",
        "network service",
        "networkservice",
        "anonymous",
        "anonymous logon",
        "everyone",
        "guest",
        "root",
        "administrator",
        "admin",
        "daemon",
        "nobody",
        "www-data",
        "apache",
        "nginx",
        "httpd",
        "sshd",
        "mysql",
        "postgres",
        "redis",
        "ubuntu",
        "ec2-user",
        "centos",
        "debian",
        "azureuser",
        "defaultaccount",
        "wdagutilityaccount",
        "s-1-1-0",
        "s-1-5-7",
        "s-1-5-18",
        "s-1-5-19",
        "s-1-5-20",
    }
)
"""Names that every machine has: they tie machines together only when a host or domain is named.
The last are the well-known identifiers of Everyone, Anonymous, SYSTEM and the two services."""
_LOCAL_DOMAINS: Final = frozenset(
    {"nt authority", "nt-autorität", "workgroup", "builtin", "nt service", "window manager", "."}
)
_LOCAL_HOSTS: Final = frozenset({"localhost", "localhost.localdomain", "127.0.0.1", "::1"})
_EMPTY_HASHES: Final = frozenset(
    hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")
)
_LONGEST: Final = 512


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing an alert names.

    `value` is as the source wrote it, for people; `key` ties alerts together and is None when the
    value says nothing. `fields` are further details worth showing, as short texts.
    """

    kind: str
    value: str
    key: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


def entity(
    kind: str,
    value: str,
    *,
    tenant: str = "",
    domain: str = "",
    fields: tuple[tuple[str, str], ...] = (),
) -> Entity:
    """An entity with its key. `domain` is the host or domain an account lives in."""
    return Entity(kind, value, make_key(kind, value, tenant=tenant, domain=domain), fields)


def make_key(kind: str, value: str, *, tenant: str = "", domain: str = "") -> str | None:
    """The key of an entity, or None when the value says nothing."""
    if len(value) > _LONGEST:
        return _make_key.__wrapped__(kind, value, tenant, domain)
    return _make_key(kind, value, tenant, domain)


@lru_cache(maxsize=65_536)
def _make_key(kind: str, value: str, tenant: str, domain: str) -> str | None:
    text = value.strip().lower()
    if text in _PLACEHOLDERS:
        return None
    normalise = _NORMALISERS.get(kind)
    if normalise is not None:
        normal = normalise(text, domain.strip().lower())
        if normal is None:
            return None
        text = normal
    if len(text) > _LONGEST:
        text = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    scope = tenant.strip().lower()
    return f"{kind}:{scope}:{text}" if scope else f"{kind}:{text}"


def is_local_account(name: str) -> bool:
    """Whether every machine has an account of that name."""
    return name.strip().lower() in _LOCAL_ACCOUNTS


def key_kind(key: str) -> str:
    """The kind of the entity that a key stands for."""
    return key.partition(":")[0]


def key_id(key: str) -> str:
    """The document id of a key: 32 hex digits, safe for any content of the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _host(text: str, _domain: str) -> str | None:
    """The machine's own name: `web01` and `web01.contoso.com` are two spellings of one host.

    What reads as an address stays whole.
    """
    text = text.rstrip(".")
    if text in _LOCAL_HOSTS:
        return None
    name, dot, _ = text.partition(".")
    return text if dot and name.isdigit() else name or None


def _account(text: str, domain: str) -> str | None:
    """`domain\\name`, `name@domain` and a name with a domain beside it are one spelling."""
    if "\\" in text:
        domain, _, text = text.rpartition("\\")
    elif "@" in text:
        text, _, domain = text.rpartition("@")
    if domain in _LOCAL_DOMAINS or domain in _LOCAL_HOSTS:
        domain = ""
    if text in _LOCAL_ACCOUNTS and not domain:
        return None
    if not text or text in _PLACEHOLDERS:
        return None
    return f"{text}@{domain}" if domain else text


def _address(text: str, _domain: str) -> str | None:
    """An address without its port, its brackets and its zone."""
    if text.count(":") == 1 or text.startswith("["):
        text = text.rpartition(":")[0].strip("[]") if text[-1] != "]" else text.strip("[]")
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
        or str(address) == "255.255.255.255"
    ):
        return None
    return str(address)


def _file(text: str, _domain: str) -> str | None:
    """A hash, with or without its algorithm's name before a colon."""
    digest = text.rpartition(":")[2]
    if digest in _EMPTY_HASHES or len(digest) not in (32, 40, 64, 96, 128):
        return None
    if len(set(digest)) == 1:
        return None
    return digest if all(character in "0123456789abcdef" for character in digest) else None


def _nothing(_text: str, _domain: str) -> str | None:
    return None


def _resource(text: str, _domain: str) -> str | None:
    return text.rstrip("/") or None


_NORMALISERS: Final = {
    "host": _host,
    "account": _account,
    "address": _address,
    "file": _file,
    "resource": _resource,
    "process": _nothing,
    "other": _nothing,
}
