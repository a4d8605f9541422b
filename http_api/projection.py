"""The parameter `select`: of an item's fields, only those that the view needs."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from http_api.parameters import Parameters
from http_api.responses import digest
from shared.store.queries import Document

_DOCUMENTS_NAME: Final = {
    "systemAlertId": "sourceAlertId",
    "incidentKind": "kind",
    "etag": "_etag",
}
"""The property of a document behind a field, where it has another name."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields selected, in the order in which an item has them; none is all of them."""

    names: tuple[str, ...] = ()

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties that the store has to give; none is all of them."""
        return tuple(_DOCUMENTS_NAME.get(name, name) for name in self.names)

    @property
    def query(self) -> str:
        """The same selection for the query of a link; empty where everything is shown."""
        return f"?select={quote(','.join(self.names))}" if self.names else ""

    def among(self, fields: Collection[str]) -> "Selection":
        """What is selected of the fields that one kind of item has; `EVERYTHING` stays that."""
        return Selection(tuple(name for name in self.names if name in fields))

    def needs(self, *names: str) -> bool:
        """Whether any of these fields is shown."""
        return not self.names or not set(names).isdisjoint(self.names)

    def pick(self, view: dict[str, Any]) -> dict[str, Any]:
        """What is shown of an item."""
        return {name: view[name] for name in self.names if name in view} if self.names else view

    def row(self, view: Callable[[Document], dict[str, Any]]) -> Callable[[Document], Any]:
        """How rows look, from how they look with all their fields."""
        return lambda document: self.pick(view(document))

    def version(self, etag: str) -> str:
        """The version of an item that is shown so. What stands before the dot is the item's own."""
        return f"{etag}.{digest(','.join(self.names).encode())[:12]}" if self.names else etag


EVERYTHING: Final = Selection()


def read_select(parameters: Parameters, fields: Sequence[str]) -> Selection:
    """The parameter `select` for items that have these fields."""
    chosen = parameters.many("select")
    for name in chosen:
        if name not in fields:
            parameters.refuse("select", f"{name!r} is no field here", fields)
    return Selection(tuple(name for name in fields if name in chosen))
