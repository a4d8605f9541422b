"""`docs/policy.md`: each worked example, on the clock times that it gives, and its defaults."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from correlate.model.activity import Subject
from correlate.model.cell import Cell
from correlate.model.episode import Confidence, Kind, Verdict
from correlate.model.observation import Observation
from correlate.policy import DEFAULT_FILE, Policy, Readings, read_policy
from correlate.record import as_read
from correlate.verdict.score import score_of, severity_of
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR
from tests.unit.docs.named_tests import document
from tests.unit.engine.worlds import POLICY, START, Found, alert, baseline_of, entity, find

TEXT = document("policy.md")
EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    for line in block.splitlines()
]
TODAY = 16 * 24
"""The first hour of the day that the examples are of."""
HOST = "h03"
ACCESS, RUN, PERSIST, IMPACT = (
    Tactic.InitialAccess,
    Tactic.Execution,
    Tactic.Persistence,
    Tactic.Impact,
)


def policy(**changes: Any) -> Policy:
    """The policy that ships, with other values: those of a table are merged into it."""
    content = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    for name, value in changes.items():
        content[name] = {**content[name], **value} if isinstance(value, dict) else value
    return read_policy(json.dumps(content))


def at(clock: str) -> float:
    """Hours since the noise began; `+1` is the next day."""
    time, _, day = clock.partition(" +")
    hours, minutes, *seconds = map(float, time.split(":"))
    return TODAY + 24 * int(day or 0) + hours + minutes / 60 + sum(seconds) / 3_600


def usual() -> list[Cell]:
    """Thirty hosts, each scanned once."""
    return [
        alert(f"h{host:02}", 24 * (host % 19) + 15, "scan", Tactic.Reconnaissance,
              severity=Severity.Low)
        for host in range(30)
    ]  # fmt: skip


def logon(clock: str, host: str = HOST, **more: Any) -> Cell:
    return alert(host, at(clock), "odd log-on", ACCESS, **more)


def service(clock: str, host: str = HOST, **more: Any) -> Cell:
    return alert(host, at(clock), "new service", PERSIST, **more)


def script(hosts: int) -> list[Cell]:
    """A script at 10:00, and on so many other hosts once before."""
    before = [alert(f"h{10 + each}", 24 * (each + 1) + 3, "script", RUN) for each in range(hosts)]
    return [alert(HOST, at("10:00"), "script", RUN), *before]


def named_before(hosts: int) -> list[Cell]:
    """Scans of other days whose alerts named the account eve."""
    return [
        alert(f"h{10 + each}", 24 * 4 + 15 + each, "scan", Tactic.Reconnaissance,
              severity=Severity.Low, keys=["account:eve"])
        for each in range(hosts)
    ]  # fmt: skip


def found(cells: Sequence[Cell], by: Policy = POLICY) -> Found:
    return find(cells, background=usual(), policy=by, until=19 * 24)


def verdicts(cells: Sequence[Cell], by: Policy = POLICY) -> list[Verdict]:
    """The verdicts of all incidents."""
    return [each.verdict for each in found(cells, by).incidents if each.verdict is not None]


def pair(clock: str) -> list[Cell]:
    """A log-on at 10:00 and a service on another host, which share an account."""
    return [logon("10:00", keys=["account:eve"]), service(clock, "h04", keys=["account:eve"])]


@pytest.mark.parametrize(
    ("cells", "episodes"),
    [
        pytest.param([logon("10:00"), service("10:00 +1")], 1, id="a day apart"),
        pytest.param([logon("10:00"), service("10:00:00.001 +1")], 2, id="a millisecond more"),
        pytest.param(pair("22:00"), 1, id="by an account"),
        pytest.param(pair("22:00:00.001"), 2, id="by an account, a millisecond more"),
        pytest.param([*named_before(3), *pair("16:00")], 1, id="half of the gap"),
        pytest.param([*named_before(3), *pair("16:00:00.001")], 2, id="more than half of the gap"),
        pytest.param([*named_before(6), *pair("10:01")], 2, id="a common account"),
    ],
)
def test_which_alerts_belong_together(cells: list[Cell], episodes: int) -> None:
    assert count_of(cells, {"odd log-on", "new service"}) == episodes


def count_of(cells: Sequence[Cell], detections: set[str], by: Policy = POLICY) -> int:
    """How many episodes hold any of some detections."""
    return sum(
        any(cell.signal.detection in detections for cell in each.evidence)
        for each in found(cells, by).everything
    )


@pytest.mark.parametrize(("clock", "episodes"), [("10:00 +1", 1), ("10:00:00.001 +1", 2)])
def test_the_longest_episode(clock: str, episodes: int) -> None:
    cells = [logon("10:00"), alert(HOST, at("23:00"), "script", RUN), service(clock)]
    names = {cell.signal.detection for cell in cells}
    assert count_of(cells, names, policy(bounds={"days": 1})) == episodes
    assert count_of(cells, names - {"odd log-on"}, policy(bounds={"days": 1})) == 1


def test_the_widest_episode() -> None:
    key = ["account:eve"]
    cells = [logon("10:00", keys=key), service("11:00", "h04", keys=key)]
    cells.append(alert("h05", at("13:00"), "upload", Tactic.Exfiltration, keys=key))
    names = {cell.signal.detection for cell in cells}
    assert count_of(cells, names) == 1
    assert count_of(cells, names, policy(bounds={"resources": 2})) == 2


HABIT = [service("09:00"), *(service(f"09:00 +{day}") for day in (-12, -9, -6))]
TWO = [logon("10:00"), service("13:00")]
KNOWN = [*script(5), service("13:00")]


@pytest.mark.parametrize(
    ("cells", "by", "comes_to"),
    [
        pytest.param(TWO, {}, ("high", "0.00041"), id="two new steps"),
        pytest.param([logon("10:00"), logon("13:00")], {}, None, id="one detection twice"),
        pytest.param(
            [logon("10:00"), alert(HOST, at("13:00"), "other log-on", ACCESS)],
            {},
            None,
            id="one stage twice",
        ),
        pytest.param(
            [alert(HOST, at("10:00"), "both", ACCESS, PERSIST)],
            {},
            None,
            id="two in one alert",
        ),
        pytest.param([service("10:00"), logon("10:15")], {}, ("high", ""), id="within the lag"),
        pytest.param([service("10:00"), logon("10:15:00.001")], {}, None, id="backwards"),
        pytest.param(
            [logon("10:00"), alert(HOST, at("11:00"), "script", RUN), service("13:00")],
            {},
            ("high", "0.000000016"),
            id="three new steps",
        ),
        pytest.param(KNOWN, {}, ("medium", "0.015"), id="a step that is known elsewhere"),
        pytest.param(KNOWN, {"highAt": 0.02}, ("high", ""), id="another line of high"),
        pytest.param(KNOWN, {"falseIncidentsAWeek": 0.01}, None, id="another budget"),
        pytest.param(KNOWN, {"rareIn12Hours": 0.001}, None, id="another rarity"),
        pytest.param([*TWO, *HABIT[1:]], {}, None, id="a habit"),
        pytest.param([*TWO, *HABIT[2:]], {}, ("high", ""), id="two days are no habit"),
    ],
)
def test_what_makes_an_incident(
    cells: list[Cell], by: dict[str, float], comes_to: tuple[str, str] | None
) -> None:
    told = verdicts(cells, policy(chance=by))
    if comes_to is None:
        assert told == []
        return
    (verdict,) = told
    confidence, expected = comes_to
    assert verdict.confidence == confidence
    if expected:
        assert f"{verdict.expected:.2g}" == f"{float(expected):.2g}"
        assert f"{confidence}, E {expected} |" in TEXT


@pytest.mark.parametrize(
    ("severity", "told", "links"),
    [
        (Severity.Informational, "39 %", False),
        (Severity.Low, "6.9 %", True),
        (Severity.Medium, "4.9 %", True),
    ],
)
def test_the_first_day_of_one_host(severity: Severity, told: str, *, links: bool) -> None:
    first = alert("h00", 10, "new", severity=severity)
    snapshot = baseline_of([first]).snapshot((START + 11) * HOUR, POLICY)
    chance = 100 * 2.718281828 ** -snapshot.rarity(first)
    assert f"{chance:.2g} %" == told
    assert told in TEXT
    assert snapshot.links(first) is links


@pytest.mark.parametrize(("hosts", "waves"), [(10, 1), (9, 0)])
def test_a_wave(hosts: int, waves: int) -> None:
    rule = [
        alert(f"h{host:02}", at("10:00") + 5 * host / hosts, "new rule", RUN)
        for host in range(hosts)
    ]
    incidents = found(rule).incidents
    assert [each.kind for each in incidents] == [Kind.WAVE] * waves
    assert {each.verdict.confidence for each in incidents if each.verdict} <= {Confidence.MEDIUM}


def test_a_pattern_raises() -> None:
    (verdict,) = verdicts([*script(5), alert(HOST, at("13:00"), "files encrypted", IMPACT)])
    assert verdict.expected > POLICY.chance.high
    assert verdict.confidence is Confidence.HIGH
    assert verdict.title == f"Ransomware on {HOST}"


def test_a_pattern_makes_an_incident_by_itself() -> None:
    (pattern,) = (each for each in EXAMPLES if "incident" in each)
    seen = [alert(HOST, at("10:00"), "mimikatz seen")]
    assert verdicts(seen) == []
    (verdict,) = verdicts(seen, policy(patterns=[pattern]))
    assert verdict.confidence is Confidence.HIGH
    assert verdict.title == f"{pattern['title']} on {HOST}"


@pytest.mark.parametrize(
    ("detection", "stages", "read"),
    [
        pytest.param(
            "Wazuh: sshd: brute force", (), (Tactic.CredentialAccess,), id="a tactic is given"
        ),
        pytest.param("wazuh: SSHD: brute force", (RUN,), (RUN,), id="a stated tactic stands"),
        pytest.param("ClamAV database update", (), None, id="ignored"),
        pytest.param("other", (), (), id="not named"),
    ],
)
def test_mappings(
    detection: str, stages: tuple[Tactic, ...], read: tuple[Tactic, ...] | None
) -> None:
    mappings = [each for each in EXAMPLES if "match" in each and "criticality" not in each]
    subject = Subject(entity(HOST), f"host:{HOST}", HOST, HOST, "host")
    observation = Observation(subject, alert(HOST, at("10:00"), detection, *stages))
    taken = as_read(Readings(policy(mappings=mappings).mappings), observation)
    assert (None if taken is None else taken.cell.signal.stages) == read


def test_what_a_resource_is_worth() -> None:
    (asset,) = (each for each in EXAMPLES if "criticality" in each)
    by = policy(assets=[asset])
    assert by.criticality("dc01", "") == asset["criticality"]
    assert by.criticality("web01", "") == 0


def cells_of(table: str) -> dict[str, str]:
    """The default of each name in the table that starts with a head."""
    rows = TEXT.partition(f"| {table} | means | default |")[2].split("\n\n")[0].splitlines()[2:]
    return {
        name: default.strip()
        for row in rows
        for names, _, default in [row.strip("|").split("|")]
        for name in re.findall(r"`(\w+)`", names)
    }


@pytest.mark.parametrize("name", ["gapMinutes", "mostResources"])
def test_the_defaults_of_kinds(name: str) -> None:
    told = {
        kind: int(figure)
        for kinds, figure in re.findall(r"([a-z, ]+) (\d+)", cells_of("`kinds.<kind>`")[name])
        for kind in kinds.replace(" ", "").split(",")
    }
    real = json.loads(DEFAULT_FILE.read_text(encoding="utf-8"))["kinds"]
    assert told == {kind: rule[name] for kind, rule in real.items() if name in rule}


@pytest.mark.parametrize("table", ["chance", "wave", "bounds"])
def test_the_defaults(table: str) -> None:
    told = {name: float(default) for name, default in cells_of(f"`{table}`").items()}
    assert told == getattr(POLICY, table).model_dump(by_alias=True)


def test_the_defaults_of_priors() -> None:
    told = cells_of("`priors`")
    real = POLICY.priors.model_dump(by_alias=True)
    assert float(told.pop("weightHours")) == real.pop("weightHours")
    assert {text: [*real.values()] for text in told.values()} == {
        text: [float(each) for each in text.split(", ")] for text in told.values()
    }
    assert list(told) == list(real)


def points_told(part: str) -> list[float]:
    """The figures of the row for a part of the score, in order."""
    (row,) = re.findall(rf"^\| {part} \|(.*)\|$", TEXT, re.MULTILINE)
    return [float(each.replace("½", ".5")) for each in re.findall(r"\d+\.\d+|\d*½|\d+", row)]


def points(reason: str, confidence: Confidence = Confidence.MEDIUM, **more: Any) -> float:
    """What the part of the score with these words in its reason is worth; 0 if it is not there."""
    of = {"expected": 1.0, "stages": (), "severity": Severity.Informational, "resources": 1}
    parts = score_of(confidence, policy=POLICY, **{**of, **more})
    return next((part.points for part in parts if reason in part.reason), 0.0)


STAGES = tuple(Tactic)


@pytest.mark.parametrize(
    ("part", "given"),
    [
        pytest.param(
            "confidence", [points("confidence", each) for each in Confidence], id="confidence"
        ),
        pytest.param(
            "chance",
            [points("seldom", expected=0.1), points("seldom", expected=1e-20)],
            id="chance: one power, many",
        ),
        pytest.param(
            "severity",
            [points("severity", severity=each) for each in (Severity.Low, Severity.Critical)],
            id="severity: one level, the worst",
        ),
        pytest.param(
            "depth",
            [points("reached", stages=STAGES[1:2]), points("reached", stages=STAGES[-1:])],
            id="depth: one step, the deepest",
        ),
        pytest.param(
            "stages in the chain",
            [points("forward", stages=STAGES[:1]), points("forward", stages=STAGES)],
            id="stages: one, all",
        ),
        pytest.param(
            "resources of the chain, if more than one",
            [points("steps on", resources=2) / 2, points("steps on", resources=20)],
            id="resources: each, many",
        ),
        pytest.param(
            "criticality",
            [points("critical", criticality=each) for each in (1, 3)],
            id="criticality: one, three",
        ),
        pytest.param("a pattern", [points("pattern", pattern="web-shell")], id="a pattern"),
    ],
)
def test_the_points_of_the_score(part: str, given: list[float]) -> None:
    assert points_told(part.replace("(", r"\(")) == given


def test_one_resource_gives_no_points_for_resources() -> None:
    assert points("steps on", resources=1) == 0


def test_what_chance_makes_high_stands_above_medium() -> None:
    least = score_of(
        Confidence.HIGH, POLICY.chance.high, STAGES[:2], Severity.Informational, 1, POLICY
    )
    most = score_of(
        Confidence.MEDIUM, POLICY.chance.high, STAGES, Severity.Critical, 20, POLICY,
        criticality=3, pattern="web-shell",
    )  # fmt: skip
    assert sum(part.points for part in least) > sum(part.points for part in most)


@pytest.mark.parametrize(
    ("stages", "severity"),
    [
        (STAGES[:2], Severity.Low),
        (STAGES[:3], Severity.Medium),
        (STAGES[:4], Severity.Medium),
        ((*STAGES[:3], Tactic.LateralMovement), Severity.High),
    ],
)
def test_severity(stages: tuple[Tactic, ...], severity: Severity) -> None:
    cells = [alert(HOST, at("10:00"), "x", severity=Severity.Low)]
    assert severity_of(cells, stages) is severity


def test_its_lines_are_short() -> None:
    assert not [line for line in TEXT.splitlines() if len(line) > 140]
