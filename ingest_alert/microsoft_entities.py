"""The entities of Microsoft's security alerts, in any of their spellings.

Entities hold each other, or point to each other with `$ref`; a reference to an `$id` that occurs
twice means the last. Each object is read once however many references lead to it, and what an
object tells is kept for when the same comes in another alert.
"""

import marshal
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ingest_alert.bounded_cache import BoundedCache
from ingest_alert.draft import Draft
from ingest_alert.extraction import Extracted, Extractor
from ingest_alert.fields import Fields
from ingest_alert.microsoft_entity_types import extract
from ingest_alert.observables import Observables, plain_entity

_DEEPEST: Final = 8
"""How far entities within entities are read: a process's ancestors are the deepest seen."""
_PASSING: Final = frozenset(
    {"process", "Process", "mailMessage", "MailMessage", "mail-message", "submissionMail"}
    | {"SubmissionMail", "hostLogonSession", "HostLogonSession", "host-logon-session"}
)
"""Types that hardly come again, as each has a time or a number of its own: not worth keeping."""
_MOST_KEPT: Final = 8_192
_LONGEST_KEPT: Final = 2_000
"""Bytes of an object that is kept."""
_known: Final[BoundedCache[tuple[str, bytes], Extracted]] = BoundedCache(_MOST_KEPT)


def read_entities(draft: Draft, fields: Fields, name: str) -> list[str]:
    """Add the entities listed in a field to the draft; gives the ARM ids that they name."""
    listed = fields.list(name)
    if _add_plain(draft, listed):
        return []
    reading = _Reading(draft, listed)
    reading.read_all(fields, name, listed, "")
    return reading.observables.arm_ids


def _add_plain(draft: Draft, listed: list[Any]) -> bool:
    """The short way for what most alerts have: hosts and addresses that say only who they are.

    Adds nothing, and tells so, when there is any other entity.
    """
    found = []
    for item in listed:
        if not isinstance(item, dict) or len(item) != 2:
            return False
        stated = item.get("type")
        kind, field = _PLAIN.get(stated, _NO_PLAIN) if isinstance(stated, str) else _NO_PLAIN
        value = item.get(field)
        if not isinstance(value, str):
            return False
        value = value.strip()
        if kind == "host" and value[:1].isdigit():
            return False  # it may be an address in the place of a name
        found.append(plain_entity(kind, value))
    for named in found:
        draft.add(named)
    return True


_NO_PLAIN: Final = ("", "")
_PLAIN: Final[dict[str, tuple[str, str]]] = {
    "host": ("host", "hostName"),
    "ip": ("address", "address"),
}


def _targets(values: Iterable[Any], found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Add each object that has an `$id`, however deep, by it."""
    for each in values:
        if type(each) is dict:
            if "$id" in each:
                found[str(each["$id"])] = each
            _targets(each.values(), found)
        elif type(each) is list:
            _targets(each, found)
    return found


class _Reading:
    """One pass over the entities of an alert."""

    def __init__(self, draft: Draft, listed: list[Any]) -> None:
        self.observables = Observables(draft)
        self._draft = draft
        self._listed = listed
        self._known_targets: dict[str, dict[str, Any]] | None = None
        self._depth = 0
        self._done: set[int] = set()

    def _target(self, reference: Mapping[str, Any]) -> dict[str, Any]:
        """The object that a reference leads to; empty when there is none."""
        if self._known_targets is None:
            self._known_targets = _targets(self._listed, {})
        return self._known_targets.get(str(reference["$ref"]), {})

    def read_all(self, parent: Fields, name: str, items: list[Any], kind: str) -> None:
        """Add the entities that the items of a field's list are."""
        for index, item in enumerate(items):
            if isinstance(item, dict):
                self._read(item, parent, f"{name}[{index}]", kind)
            else:
                self._draft.note(f"{parent.path(name)}[{index}] is no object: not used.")

    def _read(self, item: dict[str, Any], parent: Fields, name: str, kind: str) -> None:
        """Add the entity that an object is; `kind` is its type where it does not state one."""
        if "$ref" in item:
            item = self._target(item)
        inner = item.get("properties")
        if isinstance(inner, dict) and isinstance(item.get("kind"), str):
            item, kind = inner, item["kind"]
        if not item or id(item) in self._done or self._depth == _DEEPEST:
            return
        self._done.add(id(item))
        mark = None if _is_passing(item) else marshal.dumps(item, _PLAIN_MARKS)
        extracted = None if mark is None else _known.get((kind, mark))
        fields = None
        if extracted is None:
            fields = parent.inner(item, name)
            extracted = self._extract(fields, kind, mark)
        self._add(extracted)
        if extracted.children or extracted.taken:
            self._read_on(fields or parent.inner(item, name), extracted)

    def _extract(self, fields: Fields, kind: str, mark: bytes | None) -> Extracted:
        """What an object tells; it is kept under its mark unless that depends on the alert."""
        before = self._draft.note_count
        extractor = Extractor(self._target)
        if not extract(fields, extractor, kind):
            self._draft.note(f"Entities of type {str(fields.get('type'))[:40]!r} are not used.")
        extracted = extractor.extracted()
        alone = extractor.alone and self._draft.note_count == before
        if alone and mark is not None and len(mark) <= _LONGEST_KEPT:
            _known.keep((kind, mark), extracted)
        return extracted

    def _add(self, extracted: Extracted) -> None:
        for named in extracted.entities:
            self._draft.add(named)
        for named, of_system in extracted.hashes:
            self.observables.add_hash(named, of_system=of_system)
        self.observables.arm_ids += extracted.arm_ids

    def _read_on(self, fields: Fields, extracted: Extracted) -> None:
        """Add the entities that an entity holds."""
        for name in extracted.taken:
            self._done.update(map(id, self._objects(fields.get(name))))
        self._depth += 1
        for name, kind in extracted.children:
            value = fields.get(name)
            if isinstance(value, dict):
                self._read(value, fields, name, kind)
            elif isinstance(value, list):
                self.read_all(fields, name, value, kind)
        self._depth -= 1

    def _objects(self, value: object) -> list[dict[str, Any]]:
        listed = value if isinstance(value, list) else [value]
        return [
            self._target(item) if "$ref" in item else item
            for item in listed
            if isinstance(item, dict)
        ]


_PLAIN_MARKS: Final = 2
"""The version of the marshal format whose bytes depend on the value alone, not on who holds it."""


def _is_passing(item: Mapping[str, Any]) -> bool:
    stated = item.get("type") or item.get("Type")
    return isinstance(stated, str) and stated in _PASSING
