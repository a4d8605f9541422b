"""The cost table of the document on deployment follows from its figures and prices."""

import re
from dataclasses import dataclass
from typing import Final

import pytest

from tests.unit.infra.bicep import ROOT, Bicep

DEPLOY: Final = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SECTION: Final = DEPLOY.partition("\n## Costs\n")[2].partition("\n## ")[0]
DAYS: Final = 30
SECONDS_A_DAY: Final = 86_400
MILLION: Final = 1_000_000


def stated(name: str) -> tuple[float, ...]:
    """The numbers that the section states in the row of a name."""
    (value,) = re.findall(rf"^\| {re.escape(name)} \| ([^|]+) \|", SECTION, re.MULTILINE)
    return tuple(float(each.replace(",", "")) for each in re.findall(r"[\d,]*\d(?:\.\d+)?", value))


UNITS: Final = stated("request units an alert")
(KILOBYTES,) = stated("kilobytes an alert")
(UNIT_PRICE,) = stated("a million request units, serverless")
(STORAGE_PRICE,) = stated("a GB stored for a month")
EXECUTION_PRICE, FREE_EXECUTIONS = stated("a million executions")
MEMORY_PRICE, FREE_MEMORY = stated("a GB-second")
(QUEUE_PRICE,) = stated("10,000 queue operations")


@dataclass(frozen=True, slots=True)
class Load:
    """So many alerts a day, so many in a message."""

    alerts: int
    in_message: int

    @property
    def messages(self) -> float:
        return self.alerts / self.in_message

    @property
    def executions(self) -> float:
        """A day: one a message, and one a batch of the feed, of which there is one a second."""
        return self.messages + min(self.messages, SECONDS_A_DAY)

    @property
    def memory(self) -> float:
        """GB-seconds a day: 2 GB, for a second an execution, each function at most all day."""
        return 2 * (
            min(self.messages, SECONDS_A_DAY) + min(self.executions - self.messages, SECONDS_A_DAY)
        )

    def row(self) -> list[str]:
        """What the table says of it, by month."""
        units = [self.alerts * each for each in UNITS]
        kept = self.alerts * 90 * KILOBYTES / MILLION
        cosmos = [each * DAYS / MILLION * UNIT_PRICE for each in units]
        runs = max(0, self.executions * DAYS - FREE_EXECUTIONS) / MILLION * EXECUTION_PRICE
        memory = max(0, self.memory * DAYS - FREE_MEMORY) * MEMORY_PRICE
        queue = self.messages * 3 * DAYS / 10_000 * QUEUE_PRICE
        rest = kept * STORAGE_PRICE + runs + memory + queue
        return [
            f"{self.alerts:,}",
            f"{self.in_message}",
            " to ".join(short(each) for each in units),
            " to ".join(dollars(each) for each in cosmos),
            f"{short(kept)} GB: {dollars(kept * STORAGE_PRICE)}",
            f"{short(self.executions)}: {dollars(runs)}",
            f"{short(self.memory)}: {dollars(memory)}",
            dollars(queue),
            " to ".join(dollars(each + rest) for each in cosmos),
        ]


def short(number: float) -> str:
    """Two figures, in thousands or millions where there are as many."""
    for size, name in ((MILLION, " M"), (1_000, " k")):
        if number >= size:
            return f"{float(f'{number / size:.2g}'):,.10g}{name}"
    return f"{float(f'{number:.2g}'):,.10g}"


def dollars(amount: float) -> str:
    """Whole dollars from ten on, else cents."""
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:.2f}"


LOADS: Final = [Load(alerts, n) for alerts in (1_000, 100_000, 10_000_000) for n in (40, 1)]


@pytest.mark.parametrize("load", LOADS, ids=lambda load: f"{load.alerts} by {load.in_message}")
def test_every_row_follows_from_the_figures(load: Load) -> None:
    assert f"| {' | '.join(load.row())} |" in SECTION


def test_memory_and_retention_are_those_of_the_deployment() -> None:
    assert "instanceMemoryMB: 2048" in Bicep.read("resources.bicep").text
    assert "param alertRetentionDays int = 90" in Bicep.read("main.bicep").text


def test_autoscale_is_compared_by_the_stated_price() -> None:
    (price,) = stated("100 request units a second for an hour, autoscale")
    average = 10_000_000 * UNITS[-1] / SECONDS_A_DAY
    month = average / 100 * price * 24 * DAYS
    assert f"{average:,.0f} request units a second" in SECTION
    assert dollars(month) in SECTION
