"""Filters: from the query to conditions of the store."""

import pytest

from http_api.filters import read_filter
from http_api.parameters import Parameters
from http_api.problems import Problem
from shared.entities import key_id
from shared.store.filters import Filter, alert_conditions, incident_conditions
from tests.unit.http_api.requests_made import request_for

VM = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/web"


def filter_of(query: str, *, incidents: bool = True, alerts: bool = False) -> Filter:
    parameters = Parameters(request_for(f"/api/incidents?{query}"))
    wanted = read_filter(parameters, incidents=incidents, alerts=alerts)
    parameters.done()
    return wanted


@pytest.mark.parametrize(
    ("query", "part", "value"),
    [
        pytest.param("severity=High,critical", "severities", (3, 4), id="severity, any case"),
        pytest.param("severity=informational", "severities", (0,), id="severity of rank zero"),
        pytest.param(
            "status=active&status=InProgress", "statuses", ("Active", "InProgress"), id="status"
        ),
        pytest.param("stage=Initial Access", "stages", ("InitialAccess",), id="stage in words"),
        pytest.param(
            "stage=TA0040,PreAttack",
            "stages",
            ("Reconnaissance", "Impact"),
            id="stage by id and intent",
        ),
        pytest.param("", "confidences", (2, 3), id="medium or better unless asked"),
        pytest.param("confidence=low", "confidences", (1,), id="low"),
        pytest.param("confidence=high,low", "confidences", (3, 1), id="two confidences"),
        pytest.param("confidence=all", "confidences", (), id="any confidence"),
        pytest.param(f"resource={VM}", "resources", (VM,), id="resource"),
        pytest.param(
            "entity=account:CORP%5CAnna",
            "entities",
            ("account:anna@corp", r"account:CORP\Anna"),
            id="entity, normalised and as given",
        ),
        pytest.param(
            "entity=account:a,host:web,address:10.0.0.1",
            "entities",
            ("account:a", "host:web", "address:10.0.0.1"),
            id="entities",
        ),
        pytest.param(
            "entity=account:cn=a,ou=b", "entities", ("account:cn=a,ou=b",), id="entity with a comma"
        ),
        pytest.param("source=Falco", "sources", ("falco",), id="source"),
        pytest.param("assignedTo=None,Anna", "owners", ("none", "Anna"), id="owner, and nobody"),
        pytest.param("label=a,b", "labels", ("a", "b"), id="labels"),
        pytest.param("from=2026-01-01", "since", "2026-01-01T00:00:00.000Z", id="from"),
        pytest.param("to=2026-01-01", "until", "2026-01-01T00:00:00.000Z", id="to"),
        pytest.param(
            "updatedFrom=2026-01-01",
            "updated_since",
            "2026-01-01T00:00:00.000Z",
            id="changed since",
        ),
        pytest.param("q=Brute%20FORCE", "words", ("brute", "force"), id="words"),
    ],
)
def test_the_query_becomes_a_filter(query: str, part: str, value: object) -> None:
    assert getattr(filter_of(query), part) == value


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        pytest.param("severity=Severe5", "severity", "Critical", id="severity"),
        pytest.param("status=Open", "status", "InProgress", id="status"),
        pytest.param("stage=Nirvana", "stage", "Exfiltration", id="stage"),
        pytest.param("stage=unknown", "stage", "Exfiltration", id="stage that says nothing"),
        pytest.param("confidence=some", "confidence", "all", id="confidence"),
        pytest.param("entity=anna", "entity", "account", id="entity without a kind"),
        pytest.param("entity=person:anna", "entity", "account", id="entity of no known kind"),
    ],
)
def test_a_value_that_is_not_known_is_refused_with_those_that_are(
    query: str, field: str, allowed: str
) -> None:
    with pytest.raises(Problem) as caught:
        filter_of(query)
    (error,) = caught.value.errors
    assert error.field == field
    assert allowed in error.allowed


@pytest.mark.parametrize("query", ["q=" + "a " * 201, "q=a b c d e f g h i"], ids=["long", "words"])
def test_a_search_is_bounded(query: str) -> None:
    with pytest.raises(Problem) as caught:
        filter_of(query)
    assert caught.value.errors[0].field == "q"


def test_only_alerts_can_be_in_no_incident() -> None:
    assert filter_of("incident=none", alerts=True).unplaced
    assert not filter_of("", alerts=True).unplaced
    with pytest.raises(Problem) as caught:
        filter_of("incident=none")
    assert caught.value.errors[0].field == "incident"


def test_confidence_is_no_parameter_of_alerts() -> None:
    with pytest.raises(Problem) as caught:
        filter_of("confidence=high", incidents=False)
    assert caught.value.errors[0].field == "confidence"


OWN = ("main",)


def incident_text(wanted: Filter, covering: tuple[str, ...] = ()) -> tuple[str, tuple[object, ...]]:
    query = incident_conditions(wanted, "main", covering=covering).select("*")
    return query.text.removeprefix("SELECT * FROM c WHERE "), query.values


def test_the_default_list_is_of_visible_incidents_of_medium_confidence_or_better() -> None:
    text, values = incident_text(Filter())
    visible = "c.organisation = @p0 AND c.type = @p1 AND c.visible = @p2"
    assert text == f"{visible} AND c.confidenceRank IN (@p3, @p4)"
    assert values == ("main", "incident", True, 2, 3)


@pytest.mark.parametrize(
    ("wanted", "condition"),
    [
        pytest.param({"severities": (3,)}, "c.severityRank = @p3", id="one value"),
        pytest.param({"severities": (3, 4)}, "c.severityRank IN (@p3, @p4)", id="two values"),
        pytest.param({"stages": ("Impact",)}, "ARRAY_CONTAINS(c.stages, @p3)", id="stage"),
        pytest.param(
            {"labels": ("a", "b")},
            "(ARRAY_CONTAINS(c.labels, @p3) OR ARRAY_CONTAINS(c.labels, @p4))",
            id="any label",
        ),
        pytest.param({"owners": ("none",)}, "NOT IS_DEFINED(c.assignedTo)", id="nobody"),
        pytest.param(
            {"owners": ("none", "Anna")},
            "(c.assignedTo = @p3 OR NOT IS_DEFINED(c.assignedTo))",
            id="nobody or Anna",
        ),
        pytest.param(
            {"words": ("brute", "force")},
            "CONTAINS(c.search, @p3) AND CONTAINS(c.search, @p4)",
            id="every word",
        ),
        pytest.param(
            {"since": "a", "until": "b"},
            "c.lastActivityUtc >= @p3 AND c.firstActivityUtc < @p4",
            id="activity overlaps the period",
        ),
        pytest.param({"updated_since": "a"}, "c.updatedUtc >= @p3", id="changed since"),
    ],
)
def test_each_part_narrows_incidents(wanted: dict[str, object], condition: str) -> None:
    text, _ = incident_text(Filter(**{"confidences": (), **wanted}))  # type: ignore[arg-type]  # parts of several types, from the table
    assert text == f"c.organisation = @p0 AND c.type = @p1 AND c.visible = @p2 AND {condition}"


def test_an_incident_has_a_resource_by_example_by_name_or_by_what_it_covers() -> None:
    text, values = incident_text(Filter(confidences=(), resources=("Web01",)), ("i-1", "i-2"))
    assert text.endswith(
        "(ARRAY_CONTAINS(c.keys, @p3) OR ARRAY_CONTAINS(c.keys, @p4)"
        " OR EXISTS(SELECT VALUE r FROM r IN c.resources WHERE LOWER(r.name) = @p5)"
        " OR c.id IN (@p6, @p7))"
    )
    assert values[3:] == ("resource:web01", "host:web01", "web01", "i-1", "i-2")


def test_alerts_of_a_resource_are_sought_by_its_keys_id() -> None:
    query = alert_conditions(Filter(resources=(VM,)), OWN).select("*")
    assert query.text.endswith("c.type = @p0 AND c.organisation = @p1 AND c.entity = @p2")
    assert query.values[2] == key_id(f"resource:{VM.lower()}")


def test_the_period_of_alerts_is_that_of_their_start() -> None:
    query = alert_conditions(Filter(since="a", until="b"), OWN).select("*")
    assert query.text.endswith("c.startTimeUtc >= @p2 AND c.startTimeUtc < @p3")


def test_values_travel_only_as_parameters() -> None:
    hostile = "x' OR 1=1 --"
    query = alert_conditions(
        Filter(
            resources=(hostile,), entities=(hostile,), owners=(hostile,),
            labels=(hostile,), sources=(hostile,), words=(hostile,),
        ),
        OWN,
    ).select("*")  # fmt: skip
    assert hostile not in query.text
    assert hostile in query.values
