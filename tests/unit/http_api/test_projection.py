"""`select`: only the fields that are asked for, and only their columns out of the store."""

import pytest

from http_api.parameters import Parameters
from http_api.problems import Problem
from http_api.projection import EVERYTHING, Selection, read_select
from http_api.views import (
    ALERT_DETAIL,
    ALERT_ROW,
    FEED_ROW,
    INCIDENT_DETAIL,
    INCIDENT_ROW,
    alert_detail,
    alert_row,
    incident_detail,
    incident_row,
)
from local.openapi import schemas
from shared.store import alert_reads, incident_reads
from tests.unit.http_api.requests_made import request_for
from tests.unit.http_api.test_views import ALERT, INCIDENT

FIELDS = ("id", "title", "etag")


def read(query: str) -> Selection:
    parameters = Parameters(request_for(f"/?{query}"))
    selection = read_select(parameters, FIELDS)
    parameters.done()
    return selection


@pytest.mark.parametrize(
    ("query", "names"),
    [
        pytest.param("", (), id="nothing said"),
        pytest.param("select=", (), id="empty"),
        pytest.param("select=title", ("title",), id="one"),
        pytest.param("select=etag,id", ("id", "etag"), id="in the item's own order"),
        pytest.param("select=title&select=id,title", ("id", "title"), id="repeated"),
    ],
)
def test_what_is_selected(query: str, names: tuple[str, ...]) -> None:
    assert read(query).names == names


def test_unknown_fields_are_named_each() -> None:
    with pytest.raises(Problem) as refused:
        read("select=title,Title,secret")
    assert [error.reason for error in refused.value.errors] == [
        "'Title' is no field here",
        "'secret' is no field here",
    ]
    assert refused.value.errors[0].allowed == FIELDS


def test_a_view_keeps_what_is_selected_and_has_a_value() -> None:
    view = {"id": "1", "title": "x", "more": 2}
    assert Selection(("title", "etag")).pick(view) == {"title": "x"}
    assert EVERYTHING.pick(view) == view


def test_each_selection_is_a_version_of_its_own() -> None:
    versions = {each.version("v") for each in (EVERYTHING, Selection(("id",)), Selection(FIELDS))}
    assert len(versions) == 3
    assert {version.partition(".")[0] for version in versions} == {"v"}


def test_one_kind_of_item_has_what_is_selected_of_its_own_fields() -> None:
    assert Selection(("id", "title", "other")).among(FIELDS) == Selection(("id", "title"))
    assert EVERYTHING.among(FIELDS) == EVERYTHING


def test_whatever_either_kind_has_can_be_selected_of_the_feed() -> None:
    kinds = (schemas.FeedIncident, schemas.FeedAlert)
    assert set(FEED_ROW) == {name for kind in kinds for name in kind.model_fields}


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        pytest.param(INCIDENT_ROW, incident_reads.COLUMNS, id="incidents"),
        pytest.param(ALERT_ROW, alert_reads.COLUMNS, id="alerts"),
    ],
)
def test_each_field_of_a_row_has_its_column(
    fields: tuple[str, ...], columns: dict[str, str]
) -> None:
    looked_up = {"incident", "part"}
    assert set(Selection(fields).properties) - looked_up <= columns.keys()


@pytest.mark.parametrize(
    ("fields", "model", "view"),
    [
        pytest.param(INCIDENT_ROW, schemas.Incident, incident_row(INCIDENT), id="incident"),
        pytest.param(
            INCIDENT_DETAIL, schemas.IncidentDetail, incident_detail(INCIDENT, []), id="its detail"
        ),
        pytest.param(ALERT_ROW, schemas.Alert, alert_row(ALERT), id="alert"),
        pytest.param(
            ALERT_DETAIL, schemas.AlertDetail, alert_detail(ALERT, ""), id="its detail too"
        ),
    ],
)
def test_whatever_a_view_has_can_be_selected(
    fields: tuple[str, ...], model: type[schemas.Answer], view: dict[str, object]
) -> None:
    assert set(fields) == model.model_fields.keys()
    assert view.keys() <= set(fields)
