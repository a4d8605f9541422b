import pytest

from shared.killchain import Tactic, parse_tactics


@pytest.mark.parametrize(
    ("value", "tactics"),
    [
        pytest.param("LateralMovement", ["LateralMovement"], id="one word"),
        pytest.param("Lateral Movement", ["LateralMovement"], id="with a space"),
        pytest.param("lateral-movement", ["LateralMovement"], id="with a hyphen"),
        pytest.param("LATERAL_MOVEMENT", ["LateralMovement"], id="in capitals"),
        pytest.param("TA0008", ["LateralMovement"], id="ATT&CK's id"),
        pytest.param("PreAttack", ["Reconnaissance"], id="Microsoft's PreAttack"),
        pytest.param("Probing", ["Reconnaissance"], id="Microsoft's Probing"),
        pytest.param("Exploitation", ["InitialAccess"], id="Microsoft's Exploitation"),
        pytest.param("Stealth", ["DefenseEvasion"], id="ATT&CK 19's Stealth"),
        pytest.param("Defense Impairment", ["DefenseEvasion"], id="ATT&CK 19's Impairment"),
        pytest.param("Impact, Execution", ["Execution", "Impact"], id="comma list, in order"),
        pytest.param("Impact;Execution", ["Execution", "Impact"], id="semicolon list"),
        pytest.param('["Exploitation"]', ["InitialAccess"], id="JSON list in a text"),
        pytest.param(["Impact", "Impact"], ["Impact"], id="list with a double"),
        pytest.param([["Impact"], None, 3], ["Impact"], id="list of anything"),
        pytest.param("Unknown", [], id="unknown is no stage"),
        pytest.param("-", [], id="hyphen is no stage"),
        pytest.param(None, [], id="nothing"),
        pytest.param({"a": 1}, [], id="not a list"),
    ],
)
def test_tactics_are_read_in_any_spelling(value: object, tactics: list[str]) -> None:
    known, unknown = parse_tactics(value)
    assert [tactic.name for tactic in known] == tactics
    assert unknown == ()


def test_words_that_are_not_understood_are_told() -> None:
    assert parse_tactics("Malware, Impact") == ((Tactic.Impact,), ("Malware",))
    assert parse_tactics("[broken") == ((), ("[broken",))


def test_every_tactic_has_title_id_and_phase() -> None:
    ids = {tactic.attack_id for tactic in Tactic}
    assert len(ids) == len(Tactic) == 14
    assert Tactic.CommandAndControl.title == "Command and Control"
    assert all(tactic.phase and tactic.title for tactic in Tactic)
