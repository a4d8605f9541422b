"""The command: each option does what it says, and what cannot be used is told."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from correlate.policy import DEFAULT_FILE
from local.__main__ import main
from local.demo.cast import Happening, account, arm_alert, host, machine, table_row
from shared.times import parse_time

START = parse_time("2026-11-02T08:00:00Z")
CHAIN = (
    ("Scan", "Probing"),
    ("Log-on", "InitialAccess"),
    ("Script", "Execution"),
    ("Account made", "Persistence"),
    ("Upload", "Exfiltration"),
)
ATTACK = len(CHAIN)
NOISE = 30


def happenings() -> list[Happening]:
    """An intrusion on two machines that share an account, and noise on others."""
    attack = [
        Happening(
            10 * step,
            title,
            f"T_{title}",
            "High",
            intent,
            machine(f"vm{step % 2}"),
            (host(f"vm{step % 2}"), account("mallory")),
        )
        for step, (title, intent) in enumerate(CHAIN)
    ]
    noise = [
        Happening(number, "Noise", "T_Noise", "Low", "Unknown", machine(f"other{number % 7}"))
        for number in range(NOISE)
    ]
    return [*attack, *noise]


HAPPENINGS = happenings()
ALERTS = [arm_alert(each, START) for each in HAPPENINGS]
IDS = [alert["properties"]["systemAlertId"] for alert in ALERTS]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.jsonl"
    path.write_text("".join(json.dumps(alert) + "\n" for alert in ALERTS))
    return path


Backtest = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def backtest(file: Path, tmp_path: Path) -> Backtest:
    """Runs the command with options over the file; gives the incidents that it writes."""

    def run(*options: object, alerts: Path = file) -> list[dict[str, Any]]:
        out = tmp_path / "incidents.jsonl"
        assert main(["backtest", str(alerts), "--out", str(out), *map(str, options)]) == 0
        return [json.loads(line) for line in out.read_text().splitlines()]

    return run


def changed_policy(path: Path, **changed: object) -> Path:
    path.write_text(json.dumps(json.loads(DEFAULT_FILE.read_text()) | changed))
    return path


def chance(expected: float, *, high: float) -> dict[str, float]:
    """A budget, and from which E an incident is high."""
    return {"falseIncidentsAWeek": expected, "highAt": high}


def test_it_writes_an_incident_a_line_with_the_sources_own_ids(backtest: Backtest) -> None:
    (incident,) = backtest()
    assert incident["alertIds"] == IDS[:ATTACK]
    assert incident["stages"] == [
        "Reconnaissance",
        "InitialAccess",
        "Execution",
        "Persistence",
        "Exfiltration",
    ]
    assert incident["confidence"] == "high"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neither_order_nor_duplicates_change_the_incidents(backtest: Backtest, seed: int) -> None:
    whole = backtest()
    assert backtest("--shuffle", seed, "--duplicate", 0.5) == whole


def test_duplicates_are_counted_and_stored_once(
    backtest: Backtest, capsys: pytest.CaptureFixture[str]
) -> None:
    backtest("--duplicate", 1)
    said = capsys.readouterr().out
    count = len(ALERTS)
    assert said.startswith(f"{2 * count} alerts in ")
    assert f"{count} stored, {count} duplicates" in said


def test_another_policy_is_tried(backtest: Backtest, tmp_path: Path) -> None:
    policy = changed_policy(tmp_path / "policy.json", chance=chance(1, high=1e-12))
    (incident,) = backtest("--policy", policy)
    assert incident["confidence"] == "medium"


def test_what_a_policy_ignores_takes_no_part(
    backtest: Backtest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mappings = [{"match": "T_Script", "ignore": True}]
    policy = changed_policy(tmp_path / "policy.json", mappings=mappings)
    (incident,) = backtest("--policy", policy)
    assert incident["alertIds"] == [*IDS[:2], *IDS[3:ATTACK]]
    assert "1 ignored by the policy" in capsys.readouterr().out


def test_what_a_policy_changes_is_compared(
    backtest: Backtest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.jsonl"
    main(["backtest", str(tmp_path / "alerts.jsonl"), "--out", str(before)])
    capsys.readouterr()
    backtest("--compare", before)
    assert "nothing changes" in capsys.readouterr().out
    policy = changed_policy(tmp_path / "policy.json", chance=chance(1e-12, high=1e-12))
    assert backtest("--compare", before, "--policy", policy) == []
    assert "dropped: “" in capsys.readouterr().out


def test_the_truth_scores_it(
    backtest: Backtest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "truth.jsonl"
    rows = [
        {"alertId": name, "incident": "intrusion" if number < ATTACK else None}
        for number, name in enumerate(IDS)
    ]
    truth.write_text("".join(json.dumps(row) + "\n" for row in rows))
    backtest("--truth", truth)
    said = capsys.readouterr().out
    assert "precision 1.0000, recall 1.0000, F1 1.0000" in said
    assert f"{ATTACK} intrusion" in said


RULE = {
    "id": "scripts",
    "reason": "Ours",
    "author": "ann",
    "conditions": [{"field": "type", "operator": "equals", "values": ["T_Script"]}],
    "matched": 7,
}


@pytest.mark.parametrize("pack", [list, lambda rules: {"value": rules}], ids=["list", "answer"])
def test_what_a_rule_suppresses_takes_no_part(
    pack: Callable[[list[object]], object],
    backtest: Backtest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(pack([RULE])))
    (incident,) = backtest("--suppressions", rules)
    assert incident["alertIds"] == [*IDS[:2], *IDS[3:ATTACK]]
    assert "1 that take no part" in capsys.readouterr().out


def test_a_rule_suppresses_until_it_expires(backtest: Backtest, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps([RULE | {"expiresUtc": "2026-11-01T00:00:00Z"}]))
    (incident,) = backtest("--suppressions", rules)
    assert incident["alertIds"] == IDS[:ATTACK]


def test_what_it_leaves_is_recounted(
    backtest: Backtest, capsys: pytest.CaptureFixture[str]
) -> None:
    backtest("--audit")
    assert capsys.readouterr().out.splitlines()[-1] == "audit: sound"


def test_evidence_is_told_apart_from_what_lies_beside_it(backtest: Backtest, file: Path) -> None:
    beside = [
        Happening(15, "Noise", "T_Noise", "Informational", "Unknown", machine("vm0")),
        *(
            Happening(60 * hour, "Noise", "T_Noise", "Informational", "Unknown", machine("vm0"))
            for hour in range(-60, 0)
        ),
    ]
    with file.open("a") as lines:
        for each in beside:
            lines.write(json.dumps(arm_alert(each, START)) + "\n")
    (incident,) = backtest()
    assert incident["evidenceIds"] == IDS[:ATTACK]
    assert len(incident["alertIds"]) == ATTACK + 1


def test_its_statistics_tell_the_memory(
    backtest: Backtest, capsys: pytest.CaptureFixture[str]
) -> None:
    backtest("--stats")
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("kept: ")
    assert "MiB of memory" in said


def test_a_gzipped_file_is_read(backtest: Backtest, file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "alerts.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert backtest(alerts=packed) == backtest()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_standard_input_is_read(
    pack: Callable[[bytes], bytes],
    backtest: Backtest,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = io.TextIOWrapper(io.BufferedReader(io.BytesIO(pack(file.read_bytes()))))
    monkeypatch.setattr(sys, "stdin", given)
    assert backtest(alerts=Path("-")) == backtest()


def sentinel_csv() -> str:
    """The attack and a part of the noise, as the portal exports them."""
    rows = [table_row(each, START) for each in HAPPENINGS]
    names = {name: f"{name} [UTC]" if name == "TimeGenerated" else name for name in rows[0]}
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names.values())
    writer.writerows(row.values() for row in rows)
    return text.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps(ALERTS, indent=2), id="an array over lines"),
        pytest.param("\n".join(json.dumps(alert, indent=1) for alert in ALERTS), id="over lines"),
        pytest.param(json.dumps({"value": ALERTS}), id="an envelope"),
        pytest.param(sentinel_csv(), id="CSV of Sentinel"),
    ],
)
def test_any_shape_is_read(backtest: Backtest, content: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text(content)
    shapes = [[each["stages"], each["alertIds"]] for each in backtest(alerts=other)]
    assert shapes == [[each["stages"], each["alertIds"]] for each in backtest()]


def test_a_cut_file_is_told_with_what_was_read_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.json"
    cut.write_text(json.dumps(ALERTS, indent=2)[:-2_000])
    assert main(["backtest", str(cut)]) == 0
    said = capsys.readouterr().out
    assert "1 rejected" in said
    assert "the value that begins here never ends: the file is cut" in said


def test_incidents_go_to_standard_output(
    backtest: Backtest, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = backtest()
    capsys.readouterr()
    assert main(["backtest", str(file), "--out", "-"]) == 0
    said = capsys.readouterr()
    assert [json.loads(line) for line in said.out.splitlines()] == expected
    assert "alerts in" in said.err


def test_programs_get_one_document(
    backtest: Backtest, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = backtest()
    capsys.readouterr()
    assert main(["backtest", str(file), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["incidents"] == expected
    assert (told["stored"], told["rejected"], told["faults"]) == (len(ALERTS), 0, [])


def test_a_line_that_cannot_be_read_is_told_and_stops_nothing(
    backtest: Backtest, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = backtest()
    file.write_text("{broken\n\n" + file.read_text())
    assert backtest() == whole
    assert "  rejected: line 1: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        pytest.param("--truth", '{"alertId": 1}\n', "truth line 1", id="truth"),
        pytest.param("--compare", "[]\n", "line 1 is no incident", id="comparison"),
        pytest.param("--policy", "{}", "kinds", id="policy"),
        pytest.param("--policy", None, "No such file", id="no policy"),
        pytest.param("--suppressions", "{", "is no JSON", id="rules that are no JSON"),
        pytest.param("--suppressions", "{}", "holds no rules", id="no rules"),
        pytest.param("--suppressions", '[{"id": "x"}]', "rule 1: reason", id="half a rule"),
        pytest.param("--suppressions", "[1]", "rule 1 is no object", id="a rule that is none"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(
    option: str,
    content: str | None,
    said: str,
    file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = tmp_path / "other"
    if content is not None:
        other.write_text(content)
    assert main(["backtest", str(file), option, str(other)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--duplicate", "1.5", "a rate lies between 0 and 1"),
        ("--retention", "0", "a number of days is 1 or more"),
    ],
)
def test_a_number_out_of_its_bounds_is_refused(
    option: str, value: str, said: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["backtest", str(file), option, value])
    assert said in capsys.readouterr().err
