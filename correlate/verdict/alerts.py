"""Alerts and resources as they are told in a verdict."""

from collections.abc import Mapping
from typing import Any

from correlate.model.activity import Subject
from correlate.model.cell import Cell
from shared.times import format_time

Subjects = Mapping[str, Subject]
"""Resources by their entity's id."""


def name_of(resource: str, subjects: Subjects) -> str:
    """What people call a resource; the start of its id where that is not known."""
    subject = subjects.get(resource)
    return resource[:12] if subject is None else subject.name


def alert_of(cell: Cell, subjects: Subjects) -> dict[str, Any]:
    """The first alert of a cell."""
    return {
        "alertId": cell.first.alert,
        "title": cell.title,
        "resource": name_of(cell.resource, subjects),
        "atUtc": format_time(cell.first.start),
    }
