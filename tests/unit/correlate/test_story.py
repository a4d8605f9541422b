"""Title, description, remediation and reasons, written from the evidence."""

from correlate.assessment import assess
from correlate.explanation import kill_chain, links, why
from correlate.narrative import description_of, duration, joined, remediation_of, title_of
from correlate.policy import default_policy
from shared.killchain import Tactic
from shared.severity import Severity
from tests.unit.correlate.sightings import evidence, seen

ACCOUNT = ("account:alice@contoso",)
STORY = (
    seen(600, "scan", Tactic.Reconnaissance, remediation=("Block the address.",)),
    seen(610, "logon", Tactic.InitialAccess, keys=ACCOUNT, severity=Severity.High,
         remediation=("Reset the password.",)),
    seen(700, "spread", Tactic.LateralMovement, keys=ACCOUNT, on="vm2",
         remediation=("Disable the account.",)),
)  # fmt: skip


EVIDENCE = evidence(STORY)
VERDICT = assess(EVIDENCE, default_policy())


def test_the_title_names_the_deepest_resource_and_counts_the_others() -> None:
    assert title_of(EVIDENCE, VERDICT, 2) == (
        "Multi-stage activity on vm2 and 1 other resource:"
        " Reconnaissance, Initial Access and Lateral Movement"
    )


def test_a_pattern_gives_the_title() -> None:
    known = evidence([seen(1, "logon", Tactic.InitialAccess), seen(2, "mining", Tactic.Impact)])
    title = title_of(known, assess(known, default_policy()), 1)
    assert title == "Cryptomining after exposure on vm1"


def test_the_description_tells_the_stages_in_order() -> None:
    ten, later = "2 March 2026, 10:00:00 UTC", "2 March 2026, 11:40:00 UTC"
    text = description_of(VERDICT, (EVIDENCE.first, EVIDENCE.last), 3, 2)
    assert text.splitlines() == [
        f"3 related alerts on 2 resources, from {ten} to {later}.",
        f"Within 100 minutes from {ten}, 3 stages of the kill chain followed each other:",
        "• Reconnaissance: scan seen on vm1, 2 March 2026, 10:00:00 UTC.",
        "• Initial Access: logon seen on vm1, 2 March 2026, 10:10:00 UTC.",
        "• Lateral Movement: spread seen on vm2, 2 March 2026, 11:40:00 UTC.",
    ]


def test_the_worst_alerts_steps_come_first_then_the_earliest() -> None:
    assert remediation_of(EVIDENCE) == [
        "Reset the password.",
        "Block the address.",
        "Disable the account.",
    ]


def test_links_name_the_key_the_two_alerts_and_the_time_between() -> None:
    shared = links(EVIDENCE)[0]
    assert shared["key"] == "account:alice@contoso"
    assert [alert["resource"] for alert in shared["alerts"]] == ["vm1", "vm2"]
    assert shared["betweenSeconds"] == 90 * 60
    assert shared["text"] == "vm1 and vm2 share the account alice@contoso, 90 minutes apart"


def test_why_gives_the_rule_the_stages_and_the_parts_of_the_score() -> None:
    reasons = why(EVIDENCE, VERDICT)
    assert reasons["rule"].startswith("3 stages in forward order within 6 hours")
    assert [stage["alert"]["title"] for stage in reasons["stages"]] == [
        "scan seen",
        "logon seen",
        "spread seen",
    ]
    points = sum(part["points"] for part in reasons["score"]["parts"])
    assert reasons["score"]["total"] == round(points, 1)


def test_the_kill_chain_shows_every_stage_reached_counted_or_not() -> None:
    known = evidence([*STORY, seen(620, "probe", Tactic.Discovery)])
    shown = kill_chain(known, assess(known, default_policy()))
    assert [(each["stage"], each["counted"]) for each in shown] == [
        ("Reconnaissance", True),
        ("InitialAccess", True),
        ("Discovery", True),
        ("LateralMovement", True),
    ]
    early = evidence([*STORY, seen(500, "early", Tactic.Exfiltration)])
    last = kill_chain(early, assess(early, default_policy()))[-1]
    assert (last["stage"], last["counted"]) == ("Exfiltration", False)


def test_words_join_as_people_write_them() -> None:
    assert [joined(list(words)) for words in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_durations_take_the_largest_unit_that_is_there_twice() -> None:
    milliseconds = (1_000, 119_000, 120_000, 7_200_000, 172_800_000)
    assert [duration(each) for each in milliseconds] == [
        "1 second",
        "119 seconds",
        "2 minutes",
        "2 hours",
        "2 days",
    ]
