"""The command: files that the backtest reads, standard output, and options that cannot be."""

from pathlib import Path

import pytest

from local.__main__ import main
from local.simulate.cli import FIXED_START
from local.simulate.play import play
from local.simulate.scenarios import SCENARIOS

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
