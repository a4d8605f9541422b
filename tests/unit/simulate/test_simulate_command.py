"""The command: files that the backtest reads, standard output, and options that cannot be."""

from pathlib import Path

import pytest

from local.__main__ import main
from local.backtest.scoring import read_truth
from local.simulate.cli import FIXED_START
from local.simulate.enterprise import noise
from local.simulate.enterprise.shape import MONDAY, Shape
from local.simulate.play import play
from local.simulate.quiet import QUIET
from local.simulate.scenarios import SCENARIOS, Scenario
from shared.times import DAY

NAME = "brute-force-to-cryptomining"


def test_its_files_are_what_the_backtest_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts, truth = tmp_path / "alerts.jsonl", tmp_path / "truth.jsonl"
    options = ["--seed", "4", "--noise", "5", "--out", str(alerts), "--truth", str(truth)]
    assert main(["simulate", NAME, *options]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"{NAME}: 7 alerts from 2026-11-02T08:00:00.000Z, and 35 of noise\n"
    assert main(["backtest", str(alerts), "--truth", str(truth)]) == 0
    told = capsys.readouterr()
    assert "1 incidents of medium confidence or better" in told.out
    assert "recall 1.0000" in told.out


def test_without_a_file_the_alerts_go_to_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["simulate", NAME, "--noise", "0"]) == 0
    made = play(SCENARIOS[NAME], seed=1, ratio=0, start=FIXED_START)
    assert capsys.readouterr().out.encode() == b"".join(line + b"\n" for line in made.messages)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param(["nonsense"], "invalid choice: 'nonsense'", id="scenario"),
        pytest.param([NAME, "--noise", "-1"], "'-1' is no number from 0 to 5,000", id="noise"),
        pytest.param([NAME, "--start", "soon"], "'soon' is no time", id="start"),
    ],
)
def test_options_that_cannot_be_are_refused(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *options])
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", NAME, "--out", str(tmp_path / "no" / "file")]) == 2
    assert "No such file or directory" in capsys.readouterr().err


ENTERPRISE = ["--noise", "enterprise", "--resources", "60", "--detections", "40", "--days", "2"]


def test_an_enterprise_is_written_with_its_attacks_and_their_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alerts, truth = tmp_path / "alerts.jsonl", tmp_path / "truth.jsonl"
    sizes = [*ENTERPRISE, "--alerts", "200", "--seed", "3"]
    chosen = ["two-quiet-stages", "--attack", "slow-stages", "--attack", "two-quiet-stages"]
    assert main(["simulate", *chosen, *sizes, "--out", str(alerts), "--truth", str(truth)]) == 2
    assert "days: slow-stages takes 48 hours: ask for more" in capsys.readouterr().err
    sizes += ["--days", "3"]
    assert main(["simulate", *chosen, *sizes, "--out", str(alerts), "--truth", str(truth)]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        told.err == "two-quiet-stages: 8 alerts from 2026-11-02T00:00:00.000Z, and 200 of noise\n"
    )
    read = read_truth(truth.read_bytes().splitlines())
    assert len(read) == len(alerts.read_bytes().splitlines()) == 208
    named = {"two-quiet-stages", "two-quiet-stages-2", "slow-stages", None}
    assert set(read.values()) == named


@pytest.mark.parametrize(
    ("group", "names"), [("samples", SCENARIOS), ("quiet", QUIET), ("all", SCENARIOS | QUIET)]
)
def test_a_group_of_attacks_is_hidden_in_an_enterprise(
    group: str, names: dict[str, Scenario], tmp_path: Path
) -> None:
    truth = tmp_path / "truth.jsonl"
    options = ["--noise", "enterprise", "--resources", "1000", "--alerts", "100"]
    files = ["--out", str(tmp_path / "alerts.jsonl"), "--truth", str(truth)]
    assert main(["simulate", *options, *files, "--attacks", group]) == 0
    read = read_truth(truth.read_bytes().splitlines())
    hidden = {incident.partition("/")[0] for incident in read.values() if incident}
    assert hidden == set(names)


def test_an_enterprise_goes_to_standard_output_and_begins_when_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start = ["--start", "2026-12-07T00:00:00Z"]
    assert main(["simulate", *ENTERPRISE, "--alerts", "50", *start]) == 0
    shape = Shape(resources=60, detections=40, days=2, alerts=50, start=MONDAY + 35 * DAY)
    told = capsys.readouterr()
    assert told.out.encode() == b"".join(each.message + b"\n" for each in noise(shape))
    assert told.err == "enterprise: 0 alerts from 2026-12-07T00:00:00.000Z, and 50 of noise\n"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param([], "name a SCENARIO, or say --noise enterprise", id="nothing"),
        pytest.param([NAME, "--days", "3"], "--days is for --noise enterprise only", id="days"),
        pytest.param([NAME, "--attacks", "all"], "--attacks is for --noise", id="attacks"),
        pytest.param([NAME, "--attack", NAME], "--attack is for --noise", id="attack"),
        pytest.param([*ENTERPRISE, "--days", "0"], "days: 0 is too few: 1 at least", id="no days"),
        pytest.param([*ENTERPRISE, "--attack", "worm"], "resources: there are no more", id="few"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"simulate: {reason}")
