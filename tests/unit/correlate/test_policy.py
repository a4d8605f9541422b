"""The policy file: what ships is valid, and what cannot be is refused by name."""

import json
from typing import Any

import pytest

from correlate.policy import (
    DEFAULT_FILE,
    Mapping,
    PolicyError,
    Readings,
    default_policy,
    read_policy,
)
from shared.killchain import Tactic
from shared.severity import Severity


def changed(**changes: Any) -> str:
    content = json.loads(DEFAULT_FILE.read_text())
    return json.dumps(content | changes)


def test_the_policy_that_ships_is_valid() -> None:
    assert default_policy().kinds["resource"].gap_minutes == 1440


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "is no JSON", id="not JSON"),
        pytest.param("[]", "the policy", id="not an object"),
        pytest.param(changed(colour=1), "colour", id="an unknown name"),
        pytest.param(changed(retentionDays=0), "retentionDays", id="too small"),
        pytest.param(changed(kinds={}), "'resource' is missing", id="no resource"),
        pytest.param(
            changed(kinds={"resource": {"gapMinutes": 60}, "planet": {"gapMinutes": 60}}),
            "unknown kind 'planet'",
            id="an unknown kind",
        ),
        pytest.param(
            changed(kinds={"resource": {"gapMinutes": 0}}),
            "kinds.resource.gapMinutes",
            id="a gap of nothing",
        ),
        pytest.param(
            changed(qualification={"mediumStages": 4, "highStages": 3}),
            "highStages must not be less",
            id="high below medium",
        ),
        pytest.param(
            changed(patterns=[{"name": "x", "title": "x", "stages": ["Dancing"]}]),
            "'Dancing' is no stage",
            id="a pattern of an unknown stage",
        ),
        pytest.param(
            changed(mappings=[{"match": "("}]), "no regular expression", id="a broken expression"
        ),
        pytest.param(
            changed(mappings=[{"match": "x", "severity": "awful"}]),
            "'awful' is no severity",
            id="an unknown severity",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=r"mine\.json") as caught:
        read_policy(text, name="mine.json")
    assert said in str(caught.value)


def test_the_first_mapping_that_matches_counts() -> None:
    readings = Readings(
        (
            Mapping(match="^brute", tactics=("CredentialAccess",), severity="high"),
            Mapping(match="brute force", ignore=True),
        )
    )
    first = readings.of("T1", "Brute force")
    assert first is not None
    assert first.tactics == (Tactic.CredentialAccess,)
    assert first.severity is Severity.High
    second = readings.of("a brute force", "x")
    assert second is not None
    assert second.ignore


def test_what_no_mapping_matches_is_left_alone() -> None:
    assert Readings((Mapping(match="x", ignore=True),)).of("a", "b") is None
