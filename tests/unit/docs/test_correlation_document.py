"""`docs/correlation.md`: its example recomputed, and each test and module that it names exists."""

import re
from functools import cache

import pytest

from correlate.baseline.events import SCALES
from correlate.baseline.rarity import level, rate_of
from correlate.baseline.snapshot import Snapshot
from correlate.model.cell import Cell
from correlate.model.episode import Verdict
from correlate.verdict.chain import SEARCHED
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR
from tests.unit.docs.named_tests import ROOT, assert_test_exists, cited_tests, document
from tests.unit.engine.worlds import POLICY, START, alert, baseline_of, find

TEXT = document("correlation.md")
LAST = 19 * 24
"""The first hour of the last of twenty days."""
CASES = "tests/unit/engine/test_named_cases.py"


def rows(head: str) -> list[list[str]]:
    """The cells of the rows of the table that starts with this head."""
    assert head in TEXT, head
    table = TEXT.partition(head)[2].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def told() -> dict[str, str]:
    """What the example says of each quantity."""
    return {name: figure for name, _, figure in rows("| | by hand | is |")}


def usual() -> list[Cell]:
    """The alerts of the example that go on anyway."""
    backups = [
        alert(f"h{host}", 24 * day + 3, "backup", severity=Severity.Informational)
        for host in range(10)
        for day in range(20)
    ]
    scans = [
        alert(f"h{host}", 24 * host + 15, "scan", Tactic.Reconnaissance, severity=Severity.Low)
        for host in (0, 1, 4, 5, 7)
    ]
    return [*backups, *scans]


ATTACK = (
    alert("h3", LAST + 10, "odd log-on", Tactic.InitialAccess, severity=Severity.High),
    alert("h3", LAST + 13, "new service", Tactic.Persistence, severity=Severity.High),
)


@cache
def snapshot() -> Snapshot:
    """The example at the end of its last day."""
    return baseline_of([*usual(), *ATTACK]).snapshot((START + LAST + 24) * HOUR - 1, POLICY)


@cache
def verdict() -> Verdict:
    """The verdict on the example's one incident."""
    (found,) = find(ATTACK, background=usual(), until=LAST + 23.9).incidents
    assert {cell.id for cell in found.evidence} == {cell.id for cell in ATTACK}
    assert found.verdict is not None
    return found.verdict


@cache
def computed() -> dict[str, float]:
    """Each quantity of the example, by the engine."""
    seen, first, last = snapshot(), ATTACK[0], ATTACK[1]
    rarity = min(seen.rarity(cell) for cell in ATTACK)
    rate = seen.chances.rate_above(level(rarity), {first.resource}, ())
    scale = SCALES[1]
    met = seen.chances.met(level(rarity), scale, {first.resource})
    past, mean = seen.loudness.seen(first.resource, first.hour, last.hour)
    tide = seen.chances.tide(first.hour, last.hour)
    return {
        "T": seen.hours,
        "p of each": rate_of(rarity),
        "s": rarity,
        "λ": rate,
        "m": rate * 3 * tide * seen.chances.burst(met, scale, rate),
        "a": past,
        "b": mean,
        "κ": seen.loudness.evenness,
        "E": verdict().expected,
        "score": verdict().score,
    }


@pytest.mark.parametrize("name", computed())
def test_a_figure_of_the_example_is_the_engines(name: str) -> None:
    assert told()[name] == f"{float(f'{computed()[name]:.3g}'):.7f}".rstrip("0").rstrip(".")


def test_the_examples_verdict_is_the_engines() -> None:
    assert told()["confidence"] == verdict().confidence
    assert f"about {told()['chance']} here" in str((verdict().why or {})["chance"])


def test_the_examples_factors_are_all_of_e() -> None:
    of = computed()
    loud = (of["a"] + of["κ"]) / (of["b"] + of["κ"])
    assert SEARCHED * 10 * 168 * of["λ"] * of["m"] * loud / 2 == pytest.approx(of["E"])
    assert f"| {SEARCHED:g} | ways to look for a chain" in TEXT


def test_the_backup_of_the_example_links_nothing() -> None:
    backup = [cell for cell in usual() if cell.resource == ATTACK[0].resource][-1]
    assert f"a rarity of {snapshot().rarity(backup):.2f}" in TEXT
    assert not snapshot().links(backup)


@pytest.mark.parametrize(("file", "test"), cited_tests(TEXT))
def test_a_named_test_exists(file: str, test: str) -> None:
    assert_test_exists(file, test)


@pytest.mark.parametrize("row", rows(f"| of the model | `{CASES}::` |"))
def test_a_named_case_exists(row: list[str]) -> None:
    assert_test_exists(CASES, row[1].strip("`"))


def test_every_row_names_a_test() -> None:
    found = rows("| of the machine | test |")
    assert len(found) > 10
    for row in found:
        assert cited_tests(row[1]), row


def test_the_modules_that_it_names_exist() -> None:
    names = set(re.findall(r"`([\w/]+\.py)`", TEXT))
    assert names
    folders = (ROOT, ROOT / "correlate/reconcile")
    assert not [name for name in names if not any((each / name).exists() for each in folders)]


def test_its_glossary_is_short() -> None:
    words = [word for row in rows("| word | means |") for word in row[0].split(", ")]
    assert len(words) <= 15


def test_its_lines_are_short() -> None:
    assert not [line for line in TEXT.splitlines() if len(line) > 140]
