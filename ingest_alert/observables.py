"""What an alert names, added to its draft: one method a kind of thing, the same for all sources."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Protocol

from ingest_alert.resources import read_arm_id
from shared.alert import Resource
from shared.entities import Entity, entity, is_local_account, make_key

Details = tuple[tuple[str, str], ...]

_LONGEST_DETAIL: Final = 500
_SYSTEM_FOLDERS: Final = (
    "c:\\windows\\system32",
    "c:\\windows\\syswow64",
    "c:\\windows\\winsxs",
    "c:\\program files\\windowsapps",
    "c:\\programdata\\microsoft\\windows defender",
    "/bin/",
    "/sbin/",
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib",
)
"""Where an operating system keeps its own programs: their hashes are the same everywhere."""


def details(*pairs: tuple[str, str]) -> Details:
    """Those of the details that say something, cut to a length that is still worth showing."""
    return tuple((name, text[:_LONGEST_DETAIL]) for name, text in pairs if text)


class Adding(Protocol):
    """What entities can be added to: a draft."""

    def add(self, entity: Entity, /) -> None:
        """Add one."""


class Observables:
    """Adds what an alert names to its draft; a method a kind of thing."""

    def __init__(self, draft: Adding) -> None:
        self.draft = draft
        self.arm_ids: list[str] = []
        self._system_hashes: set[str] = set()

    def add(self, kind: str, value: str, extra: Details = (), domain: str = "") -> Entity | None:
        """A thing of any kind; None when there is no value."""
        if not value:
            return None
        named = entity(kind, value, domain=domain, fields=extra)
        self.draft.add(named)
        return named

    def host(self, name: str, *extra: tuple[str, str]) -> Entity | None:
        """A machine by name; an address in the place of a name is added as one."""
        if make_key("address", name) is not None:
            return self.address(name, *extra)
        return self.add("host", name, details(*extra))

    def address(self, address: str, *extra: tuple[str, str]) -> Entity | None:
        """An IP address, with or without a port."""
        return self.add("address", address, details(*extra))

    def addresses(self, texts: Iterable[str], *extra: tuple[str, str]) -> None:
        """Several IP addresses."""
        for text in texts:
            self.address(text, *extra)

    def account(
        self, name: str, *extra: tuple[str, str], domain: str = "", host: str = ""
    ) -> Entity | None:
        """A person's or a service's account; a machine's own account belongs to its `host`."""
        if not name:
            return None
        if not domain and host and is_local_account(name):
            return self.add("account", name, details(*extra), host.partition(".")[0])
        plain = not domain or "\\" in name or "@" in name
        return self.add("account", name if plain else f"{domain}\\{name}", details(*extra))

    def url(self, url: str) -> Entity | None:
        """A web address."""
        return self.add("url", url)

    def domain(self, name: str) -> Entity | None:
        """A DNS domain; an address in its place is added as an address."""
        if make_key("address", name) is not None:
            return self.address(name)
        return self.add("domain", name.rstrip("."))

    def process(self, command: str, *extra: tuple[str, str]) -> Entity | None:
        """A process by its command line; it ties nothing."""
        return self.add("process", command, details(*extra))

    def other(self, value: str, kind: str) -> Entity | None:
        """Something worth showing that ties nothing; `kind` says what it is."""
        return self.add("other", value, details(("type", kind)))

    def file(self, path: str, hashes: Iterable[str] = (), *extra: tuple[str, str]) -> None:
        """A file: by its hashes where there are any, else by its path, which ties nothing."""
        known = [text for text in hashes if text]
        for text in known:
            self.hash(text, details(("path", path), *extra), of_system=in_system_folder(path))
        if not known:
            self.add("file", path, details(*extra))

    def hash(self, text: str, extra: Details = (), *, of_system: bool = False) -> None:
        """A file by one hash; one of the operating system's own programs ties nothing."""
        if text:
            named = entity("file", text, fields=extra)
            self.add_hash(named, of_system=of_system)

    def add_hash(self, named: Entity, *, of_system: bool) -> None:
        """A file that is named by its hash; see `hash`."""
        digest = named.value.lower()
        if of_system:
            self._system_hashes.add(digest)
        if digest in self._system_hashes:
            named = Entity(named.kind, named.value, None, named.fields)
        self.draft.add(named)

    def resource(self, identifier: str, *, name: str = "", kind: str = "") -> Resource | None:
        """A resource by an id that is the same for everybody: an ARM id, an ARN, a full name.

        Adds the machine too where the resource is one.
        """
        arm = read_arm_id(identifier) if identifier else None
        if arm is not None:
            self.arm_ids.append(identifier)
            found = arm.resource
            self.add("host", arm.host)
        else:
            key = make_key("resource", identifier)
            if key is None:
                return None
            found = Resource(key, identifier, name or _last_part(identifier), kind or "resource")
        self.draft.add(Entity("resource", found.id, found.key, details(("type", found.type))))
        return found


@lru_cache(maxsize=16_384)
def plain_entity(kind: str, value: str) -> Entity:
    """An entity that says only what it is; the same ones come again and again in a stream."""
    return entity(kind, value)


def in_system_folder(path: str) -> bool:
    """Whether a path leads to where an operating system keeps its own programs."""
    return path.lower().startswith(_SYSTEM_FOLDERS)


def without_port(text: str) -> str:
    """`web01` from `web01:9100`; text that has no port, or is an IPv6 address, stays as it is."""
    name, colon, port = text.rpartition(":")
    return name.strip("[]") if colon and port.isdigit() and name.count(":") != 1 else text


def _last_part(identifier: str) -> str:
    return identifier.rstrip("/").rpartition("/")[2].rpartition(":")[2] or identifier
