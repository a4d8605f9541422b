import json
from pathlib import Path

import pytest

from local.attack_table import build_table, read_literals, render
from shared import attack
from shared.attack import find_techniques, tactics_of, technique_named
from shared.killchain import Tactic


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("T1059", ("T1059",), id="alone"),
        pytest.param("t1059.001;T1003", ("T1059.001", "T1003"), id="list"),
        pytest.param('["T1059", "T1059"]', ("T1059",), id="JSON, each once"),
        pytest.param(
            "https://attack.mitre.org/techniques/T1059/001/", ("T1059.001",), id="address"
        ),
        pytest.param("PowerShell (T1059.001)", ("T1059.001",), id="in a sentence"),
        pytest.param("CAST1059 T10590 T105", (), id="what only looks like it"),
    ],
)
def test_techniques_are_found_in_any_text(text: str, found: tuple[str, ...]) -> None:
    assert find_techniques(text) == found


def test_a_technique_serves_its_tactics_and_a_sub_technique_its_parents() -> None:
    assert tactics_of(["T1190"]) == (Tactic.InitialAccess,)
    assert tactics_of(["T1059.001", "T1059"]) == (Tactic.Execution,)
    assert tactics_of(["T9999"]) == ()
    assert len(tactics_of(["T1078"])) == 4


def test_techniques_are_known_by_name_in_any_spelling() -> None:
    assert technique_named("VALID_ACCOUNTS") == technique_named("Valid Accounts") == "T1078"
    assert technique_named("no such technique") == ""


def test_the_table_is_rebuilt_from_a_modules_literals() -> None:
    literals = read_literals(
        "mitre_attack_version: str = '1.0'\n"
        "mitre_attack_techniques = {'T1': 'One', 'T1.001': 'Same', 'T2.001': 'Same', 'T3': 'X'}\n"
        "mitre_attack_techniques_tactics_mapping = {'T1': ['impact'], 'T1.001': ['impact'],"
        " 'T2.001': ['execution']}\n"
        "if True:\n    ignored = 1\n"
    )
    table = build_table(literals, "made-up-1")
    assert table == {
        "attackVersion": "1.0",
        "origin": "made-up-1",
        "techniques": {"T1": ["Impact"], "T2.001": ["Execution"]},
        "names": {"One": "T1", "X": "T3"},
    }
    assert json.loads(render(table)) == table


def test_a_tactic_that_the_kill_chain_has_not_stops_the_rebuilding() -> None:
    literals = {
        "mitre_attack_version": "1",
        "mitre_attack_techniques": {},
        "mitre_attack_techniques_tactics_mapping": {"T1": ["gardening"]},
    }
    with pytest.raises(ValueError, match="T1: gardening"):
        build_table(literals, "x")


def test_the_committed_table_is_as_the_script_writes_it() -> None:
    path = Path(attack.__file__).with_name("attack_techniques.json")
    text = path.read_text(encoding="utf-8")
    assert render(json.loads(text)) == text
