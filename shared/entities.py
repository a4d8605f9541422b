"""Entities that alerts name, and the keys that tie alerts together.

A key is `kind:value`, with the value normalised so that two spellings of one thing meet, whatever
tool names it: whose tenant of which product an alert comes from plays no part. A value that says
nothing about who or where (loopback, SYSTEM, a placeholder, a public resolver) gives no key.
"""

import hashlib
import ipaddress
import re
import unicodedata
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from shared.names_that_say_nothing import (
    EMPTY_HASHES,
    LOCAL_ACCOUNTS,
    LOCAL_DOMAINS,
    LOCAL_HOSTS,
    PLACEHOLDERS,
    SERVICE_ACCOUNTS,
    SERVICE_DOMAINS,
    SHARED_ADDRESSES,
)

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
    kind: str, value: str, *, domain: str = "", fields: tuple[tuple[str, str], ...] = ()
) -> Entity:
    """An entity with its key. `domain` is the host or domain an account lives in.

    Where the domain makes another key, the value shows it, so that what people read leads back.
    """
    key = make_key(kind, value, domain=domain)
    if domain and key is not None and key != make_key(kind, value):
        value = f"{domain}\\{value}"
    return Entity(kind, value, key, fields)


def make_key(kind: str, value: str, *, domain: str = "") -> str | None:
    """The key of an entity, or None when the value says nothing."""
    if len(value) > _LONGEST:
        return _make_key.__wrapped__(kind, value, domain)
    return _make_key(kind, value, domain)


@lru_cache(maxsize=65_536)
def _make_key(kind: str, value: str, domain: str) -> str | None:
    text = value.strip().lower()
    if text in PLACEHOLDERS:
        return None
    normalise = _NORMALISERS.get(kind)
    if normalise is not None:
        normal = normalise(text, domain.strip().lower())
        if normal is None:
            return None
        text = normal
    if len(text) > _LONGEST:
        text = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind}:{text}"


def is_local_account(name: str) -> bool:
    """Whether every machine has an account of that name."""
    return _folded(name.strip().lower()) in _EVERY_MACHINES


def key_kind(key: str) -> str:
    """The kind of the entity that a key stands for."""
    return key.partition(":")[0]


def key_id(key: str) -> str:
    """The document id of a key: 32 hex digits, safe for any content of the key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _folded(text: str) -> str:
    """A name without its accents, so that `Système` is looked up as `systeme`."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


_EVERY_MACHINES: Final = LOCAL_ACCOUNTS | SERVICE_ACCOUNTS


def _host(text: str, _domain: str) -> str | None:
    """A machine's name in its short form; a machine's account and a UNC path name it too."""
    if text.startswith("\\\\"):
        text = text.strip("\\").partition("\\")[0]
    text = text.rstrip(".").rpartition("\\")[2].removesuffix("$")
    if text in LOCAL_HOSTS or text in PLACEHOLDERS:
        return None
    return short_host(text) or None


def short_host(name: str) -> str:
    """The machine's own name, which is what its key holds: the first label of an FQDN.

    `web01` and `web01.corp.example` are one host by this, and so are two machines of one name in
    two domains. Nothing in one alert can tell the two cases apart: that takes the names that other
    alerts state together. This is the only place that shortens a host's name, so that once such
    names are learned an FQDN can keep its domain here. What reads as an address stays whole.
    """
    short, dot, _ = name.partition(".")
    return name if dot and short.isdigit() else short


def _account(text: str, domain: str) -> str | None:
    r"""`DOMAIN\name`, `name@domain` and a name with a domain beside it are one spelling.

    A security identifier, an object id and an ARN are unique by themselves, whatever domain stands
    beside them. A machine's account says no more than its host does. A name without a domain has
    none in its key: whose it is takes what other alerts state.
    """
    if text.startswith("arn:"):
        return text
    text = _PREFIX.sub("", text)
    guest = _GUEST.fullmatch(text)
    if guest is not None:
        name, _, home = guest[1].rpartition("_")
        text = f"{name}@{home}" if name else home
    if "\\" in text:
        domain, _, text = text.rpartition("\\")
        domain = domain.strip("\\")
    elif "@" in text:
        text, _, domain = text.rpartition("@")
    unique = _unique_id(text)
    if unique is not None:
        return unique or None
    return _named_account(text, domain)


_PREFIX: Final = re.compile(
    r"^(?:mailto:|smtp:|user:|serviceaccount:|upn:|live\.com#|i:0#\.f\|membership\||i:0#\.w\|)"
)
"""What services write before an account: mail, Google's members, personal and SharePoint logins."""
_GUEST: Final = re.compile(r"(.+)#ext#@.+")
"""A guest of another directory: `mia_corp.example#EXT#@host.onmicrosoft.com`."""


def _named_account(name: str, domain: str) -> str | None:
    if not name or name in PLACEHOLDERS or name.endswith("$"):
        return None
    if domain in LOCAL_DOMAINS or domain in LOCAL_HOSTS or domain in PLACEHOLDERS:
        domain = ""
    plain = _folded(name)
    is_mail = "." in domain
    if (plain in SERVICE_ACCOUNTS and not is_mail) or _folded(domain) in SERVICE_DOMAINS:
        return None
    if not domain and plain in LOCAL_ACCOUNTS:
        return None
    return f"{name}@{domain}" if domain else name


_SID: Final = re.compile(r"s-1-\d+(?:-\d+)+")
_ENTRA_SID: Final = re.compile(r"s-1-12-1-(\d+)-(\d+)-(\d+)-(\d+)")
_GUID: Final = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?")


def _unique_id(text: str) -> str | None:
    """A security identifier or object id in one spelling; "" for one that says nothing.

    None for any other text. Only `S-1-5-21-…` (an account of a domain or machine) and `S-1-12-1-…`
    (an object of Entra ID, whose id it holds) tell of somebody; the others are the same everywhere.
    Source: Microsoft, *Well-known SIDs*, [MS-DTYP] 2.4.2.4.
    """
    guid = _GUID.fullmatch(text)
    if guid is not None:
        return "" if set(guid[1]) == {"0", "-"} else guid[1]
    if _SID.fullmatch(text) is None:
        return None
    entra = _ENTRA_SID.fullmatch(text)
    if entra is not None and all(int(part) < 2**32 for part in entra.groups()):
        raw = b"".join(int(part).to_bytes(4, "little") for part in entra.groups())
        return str(uuid.UUID(bytes_le=raw))
    return text if text.startswith("s-1-5-21-") else ""


def _address(text: str, _domain: str) -> str | None:
    """An address without its port, its brackets, its zone and a prefix that spans only itself."""
    text = text.replace("[.]", ".").removesuffix("/32").removesuffix("/128")
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
    ):
        return None
    normal = str(address)
    return None if normal in SHARED_ADDRESSES else normal


def _file(text: str, _domain: str) -> str | None:
    """A hash, with or without its algorithm's name before a colon or an equals sign."""
    digest = text.replace("=", ":").rpartition(":")[2]
    if digest in EMPTY_HASHES or len(digest) not in (32, 40, 64, 96, 128):
        return None
    if len(set(digest)) == 1:
        return None
    return digest if all(character in _HEX for character in digest) else None


_HEX: Final = frozenset("0123456789abcdef")


def _nothing(_text: str, _domain: str) -> str | None:
    return None


def _resource(text: str, _domain: str) -> str | None:
    return text.removeprefix("https://management.azure.com").rstrip("/") or None


def _mailbox(text: str, _domain: str) -> str | None:
    """A mail address, without the name before it: `Mia <mia@corp.example>`."""
    _, bracket, inner = text.rpartition("<")
    text = inner.partition(">")[0].strip() if bracket else text
    return text.removeprefix("smtp:").removeprefix("mailto:") or None


def _container(text: str, _domain: str) -> str | None:
    """A container id in the twelve digits that tools show; a name stays as it is."""
    text = text.rpartition("://")[2]
    return text[:12] if len(text) == 64 and _HEX.issuperset(text) else text or None


def _application(text: str, _domain: str) -> str | None:
    guid = _GUID.fullmatch(text)
    return text if guid is None else _unique_id(text) or None


def _url(text: str, _domain: str) -> str | None:
    """A web address, armed again where somebody disarmed it, without what no server sees."""
    text = text.replace("[.]", ".").replace("[:]", ":")
    if text.startswith("hxxp"):
        text = f"http{text[4:]}"
    return text.partition("#")[0].rstrip("/") or None


def _domain_name(text: str, _domain: str) -> str | None:
    """A domain; the names of addresses (`….in-addr.arpa`) say nothing, as every lookup has one."""
    text = text.replace("[.]", ".").removeprefix("*.").rstrip(".")
    if text in LOCAL_HOSTS or text.endswith((".arpa", ".localhost")):
        return None
    return text or None


_NORMALISERS: Final = {
    "host": _host,
    "account": _account,
    "address": _address,
    "file": _file,
    "resource": _resource,
    "mailbox": _mailbox,
    "container": _container,
    "application": _application,
    "url": _url,
    "domain": _domain_name,
    "process": _nothing,
    "other": _nothing,
}
