from typing import Any

import pytest
from pydantic import ValidationError

from shared.entities import entity
from shared.suppression import Rule, matches, suppressing
from shared.times import format_time
from tests.unit.shared.alerts import START, make_alert

ALERT = make_alert(
    title="Port scan from the scanner",
    entities=(
        entity("host", "web01"),
        entity("address", "10.1.2.3"),
        entity("account", "CORP\\mia"),
    ),
)


def rule(*conditions: dict[str, Any], name: str = "r-1", **parts: Any) -> Rule:
    return Rule.model_validate(
        {"id": name, "reason": "known", "author": "mia", "conditions": conditions} | parts
    )


@pytest.mark.parametrize(
    ("condition", "match"),
    [
        pytest.param({"field": "type", "values": ["scan"]}, True, id="type, in any case"),
        pytest.param({"field": "type", "values": ["sca"]}, False, id="equals is the whole"),
        pytest.param(
            {"field": "title", "operator": "contains", "values": ["x", "SCANNER"]},
            True,
            id="one of several",
        ),
        pytest.param({"field": "severity", "values": ["low"]}, True, id="severity"),
        pytest.param({"field": "source", "values": ["wazuh"]}, False, id="another source"),
        pytest.param({"field": "resource", "values": ["web01"]}, True, id="resource by name"),
        pytest.param({"field": "resource", "values": ["host:web01"]}, True, id="resource by key"),
        pytest.param(
            {"field": "entity", "operator": "cidr", "values": ["10.1.0.0/16"]}, True, id="network"
        ),
        pytest.param(
            {"field": "entity", "operator": "cidr", "values": ["10.2.0.0/16"]}, False, id="other"
        ),
        pytest.param({"field": "entity", "values": ["mia@corp"]}, True, id="entity by its key"),
        pytest.param(
            {"field": "entity", "kind": "host", "values": ["10.1.2.3"]}, False, id="another kind"
        ),
    ],
)
def test_a_condition_holds_or_not(condition: dict[str, Any], match: bool) -> None:
    assert matches(rule(condition), ALERT) is match


def test_all_conditions_must_hold() -> None:
    yes = {"field": "type", "values": ["Scan"]}
    no = {"field": "type", "values": ["Other"]}
    assert matches(rule(yes, yes), ALERT)
    assert not matches(rule(yes, no), ALERT)


def test_an_expired_rule_does_nothing_and_the_first_active_one_is_named() -> None:
    yes = {"field": "type", "values": ["Scan"]}
    expired = rule(yes, name="a", expiresUtc=format_time(START))
    holding = rule(yes, name="b", expiresUtc=format_time(START + 1))
    endless = rule(yes, name="c")
    assert suppressing([endless, holding, expired], ALERT, at=START) == holding
    assert suppressing([endless, holding, expired], ALERT, at=START + 1) == endless
    assert suppressing([expired], ALERT, at=START) is None


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param({"field": "colour", "values": ["x"]}, id="no such field"),
        pytest.param({"field": "title", "values": []}, id="no values"),
        pytest.param({"field": "title", "values": [" "]}, id="an empty value"),
        pytest.param(
            {"field": "title", "operator": "cidr", "values": ["10.0.0.0/8"]}, id="no address"
        ),
        pytest.param({"field": "entity", "operator": "cidr", "values": ["x"]}, id="no network"),
        pytest.param({"field": "title", "kind": "host", "values": ["x"]}, id="a kind of title"),
        pytest.param({"field": "severity", "values": ["odd"]}, id="no severity"),
        pytest.param({"field": "title", "values": ["x"], "more": 1}, id="an unknown part"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(condition: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rule(condition)
