"""The feed: incidents and alerts in one order, and pages that neither repeat nor miss."""

from typing import Any

import pytest

from http_api.feed import ABOVE_EVERY_ID, Entry, columns, merge, place_after, position_for
from http_api.projection import EVERYTHING, Selection
from shared.store.queries import Position


def incident(at: str, name: str) -> Entry:
    return Entry("incident", {"id": name, "lastActivityUtc": at})


def alert(at: str, name: str, partition: str = "p") -> Entry:
    return Entry("alert", {"id": name, "endTimeUtc": at, "resourceKey": partition})


def test_newest_first_and_of_one_instant_incidents_before_alerts() -> None:
    entries = [alert("1", "z"), alert("2", "a"), incident("1", "a"), alert("2", "b")]
    assert merge(entries) == [alert("2", "b"), alert("2", "a"), incident("1", "a"), alert("1", "z")]


def test_nothing_is_shown_from_before_the_instant_that_a_search_has_reached() -> None:
    entries = [alert("3", "a"), incident("2", "b"), incident("1", "c")]
    assert merge(entries, "2") == [alert("3", "a"), incident("2", "b")]


@pytest.mark.parametrize(
    ("place", "kind", "position"),
    [
        pytest.param(None, "alert", None, id="from the beginning"),
        pytest.param(["alert", "5", "a"], "alert", Position("5", "a"), id="same kind"),
        pytest.param(["alert", "5", "a"], "incident", Position("5", None), id="incidents past"),
        pytest.param(["alert", "5", None], "alert", Position("5", None), id="a search goes on"),
        pytest.param(
            ["incident", "5", "a"], "alert", Position("5", ABOVE_EVERY_ID), id="alerts to come"
        ),
    ],
)
def test_where_each_kind_goes_on(
    place: list[Any] | None, kind: str, position: Position | None
) -> None:
    assert position_for(kind, place) == position


def test_the_place_after_a_page_is_that_of_its_last_entry() -> None:
    shown = [incident("5", "i"), alert("4", "b"), alert("4", "a")]
    assert place_after(shown) == ["alert", "4", "a"]
    assert place_after(shown[:1]) == ["incident", "5", "i"]


@pytest.mark.parametrize(
    ("selection", "of_incidents", "of_alerts"),
    [
        pytest.param(EVERYTHING, (), (), id="everything"),
        pytest.param(Selection(("title",)), ("title",), ("title",), id="what both have"),
        pytest.param(Selection(("alertId", "etag")), ("_etag",), ("alertId", "_etag"), id="some"),
        pytest.param(Selection(("score",)), ("score",), ("id",), id="nothing of one kind"),
        pytest.param(Selection(("kind",)), ("id",), ("id",), id="the kind alone"),
    ],
)
def test_only_the_columns_of_each_kind_are_read(
    selection: Selection, of_incidents: tuple[str, ...], of_alerts: tuple[str, ...]
) -> None:
    assert columns("incident", selection) == of_incidents
    assert columns("alert", selection) == of_alerts
