"""What is extracted of one object of an alert, apart from the alert: so that it can be kept.

The hosts, accounts and addresses of a stream of alerts come again and again, spelled the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest_alert.fields import Fields
from ingest_alert.observables import Observables
from shared.entities import Entity


@dataclass(frozen=True, slots=True)
class Extracted:
    """What an object names: entities, files by hash, ARM ids, and which fields to read on.

    `hashes` are files and whether each is the operating system's own (see `Observables.add_hash`).
    `children` are fields that hold entities, each with the type of those that state none;
    `taken` are fields whose entities are among them already.
    """

    entities: tuple[Entity, ...]
    hashes: tuple[tuple[Entity, bool], ...]
    arm_ids: tuple[str, ...]
    children: tuple[tuple[str, str], ...]
    taken: tuple[str, ...]


class _Kept(list[Entity]):
    """Takes entities as a draft does, and keeps them all."""

    add = list.append


class Extractor(Observables):
    """Gathers what the reader of an object finds. `follow` gives the object a `$ref` leads to.

    `alone` says whether all was found without a look at what a reference leads to.
    """

    def __init__(self, follow: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        self._entities = _Kept()
        super().__init__(self._entities)
        self._follow = follow
        self._hashes: list[tuple[Entity, bool]] = []
        self._children: list[tuple[str, str]] = []
        self._taken: list[str] = []
        self.alone = True

    def add_hash(self, named: Entity, *, of_system: bool) -> None:
        """A file by its hash."""
        self._hashes.append((named, of_system))

    def read_field(self, fields: Fields, name: str, kind: str = "") -> None:
        """Have the entity, or the list of them, in a field added after this one."""
        if isinstance(fields.get(name), dict | list):
            self._children.append((name, kind))

    def look(self, fields: Fields, name: str) -> Fields:
        """The entity in a field without adding it; empty when there is none."""
        return self._fields_of(fields.get(name), fields, name)

    def take_all(self, fields: Fields, name: str) -> list[Fields]:
        """The entities listed in a field, which the caller adds itself."""
        if isinstance(fields.get(name), dict | list):
            self._taken.append(name)
        return [self._fields_of(item, fields, name) for item in fields.list(name)]

    def _fields_of(self, value: object, parent: Fields, name: str) -> Fields:
        raw: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if "$ref" in raw:
            self.alone = False
            raw = self._follow(raw)
        return parent.inner(raw, name)

    def extracted(self) -> Extracted:
        """All that was found."""
        return Extracted(
            tuple(self._entities),
            tuple(self._hashes),
            tuple(self.arm_ids),
            tuple(self._children),
            tuple(self._taken),
        )
