"""Timer triggers in real hosts: every second, once among hosts, and made up for after a pause."""

import json
from datetime import UTC, datetime, timedelta

from local.stack import Stack
from tests.integration.conftest import HostRunner, RunningHost
from tests.integration.stack_client import wait_until


def firings(host: RunningHost, function: str) -> list[dict[str, object]]:
    return list(host.site.get("/seen").get(function, []))


def test_one_host_runs_the_timers_and_another_takes_over_when_it_is_killed(
    hosts: HostRunner,
) -> None:
    first = hosts.run("clock")
    wait_until(lambda: len(firings(first, "tick")) >= 2, "it fired again after it had failed")
    second = hosts.run("clock")
    seen = len(firings(first, "tick"))
    wait_until(lambda: len(firings(first, "tick")) > seen + 1, "the first goes on")
    assert firings(second, "tick") == []
    first.part.kill()
    wait_until(lambda: firings(second, "tick"), "the second took over")
    second.part.stop()


def test_what_was_missed_is_made_up_for_once_at_the_start(
    hosts: HostRunner, services: Stack
) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last, due = today - timedelta(days=2), today - timedelta(days=1)
    status = {"Last": last.isoformat(), "Next": due.isoformat(), "LastUpdated": last.isoformat()}
    kept = services.data / "timers" / "clock" / "midnight.status.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(status))
    host = hosts.run("clock")
    wait_until(lambda: firings(host, "midnight"), "it was made up for")
    assert firings(host, "midnight") == [{"pastDue": True, "status": status}]
    wait_until(lambda: json.loads(kept.read_text()) != status, "the status was kept")
    assert datetime.fromisoformat(json.loads(kept.read_text())["Next"]) > datetime.now(UTC)
    host.part.stop()
