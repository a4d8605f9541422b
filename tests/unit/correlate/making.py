"""Observations and policies for the tests: small worlds in which everything meets everything."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from correlate.observation import Observation, Subject
from correlate.policy import Policy
from shared.alert import partition_of
from shared.entities import key_id
from shared.killchain import Tactic
from shared.severity import Severity
from shared.times import HOUR, MINUTE

DAY_ONE: Final = 1_700_006_400_000
"""A full hour."""
NOW: Final = DAY_ONE + 30 * 24 * HOUR

SMALL: Final = Policy.model_validate(
    {
        "kinds": {
            "resource": {"gapMinutes": 60},
            "host": {"gapMinutes": 60, "mostResources": 2},
            "account": {"gapMinutes": 120, "mostResources": 3},
            "address": {"gapMinutes": 60, "mostResources": 2},
        },
        "longestAlertHours": 2,
    }
)
"""An hour's pause parts sessions, and a third resource makes a tie common."""


def subject(name: str, kind: str = "resource") -> Subject:
    """A resource."""
    key = f"{kind}:{name}"
    return Subject(key, key_id(key), partition_of(key), f"/{name}", name, kind)


def alert(
    name: str,
    resource: str = "vm1",
    at: float = 0,
    *keys: str,
    minutes: int = 0,
    stages: Sequence[Tactic] = (Tactic.Execution,),
    kind: str = "resource",
    **more: Any,
) -> Observation:
    """An alert `at` so many hours after the start of the first day, lasting so many minutes."""
    about = subject(resource, kind)
    start = DAY_ONE + round(at * HOUR)
    fields: dict[str, Any] = {
        "title": "Something happened",
        "detection": f"D{int(stages[0])}" if stages else "D",
        "severity": Severity.Medium,
        "product": "Product",
        "remediation": ("Look into it",),
    } | more
    return Observation(
        alert_id=f"{about.partition}-{name}",
        subject=about,
        start=start,
        end=start + minutes * MINUTE,
        stages=tuple(stages),
        keys=tuple(sorted(key for key in keys if key != about.key)),
        names=tuple(key.partition(":")[2] for key in sorted(keys) if key != about.key),
        **fields,
    )


KEYS: Final = ("account:ann", "account:bob", "address:10.0.0.1", "address:10.0.0.2", "host:web")
RESOURCES: Final = ("vm1", "vm2", "vm3", "vm4", "vm5")


def random_alerts(chance: Random, most: int) -> list[Observation]:
    """From two to `most` alerts of few resources, with few keys, within a few hours."""
    resources = RESOURCES[: chance.randint(2, 5)]
    keys = chance.sample(KEYS, chance.randint(1, 3))
    hours = chance.randint(2, 8)
    return [
        alert(
            f"{number:02d}",
            chance.choice(resources),
            chance.randint(0, hours * 4) / 4,
            *chance.sample(keys, min(chance.choice((0, 1, 1, 1, 2)), len(keys))),
            minutes=chance.choice((0, 0, 0, 30, 90)),
            stages=(chance.choice(tuple(Tactic)[2:7]),),
            severity=chance.choice(tuple(Severity)),
        )
        for number in range(chance.randint(2, most))
    ]


_COUNT: Final = st.integers(1, 12)
_RESOURCE: Final = st.sampled_from(RESOURCES)
_QUARTERS: Final = st.integers(0, 40)
_SOME_KEYS: Final = st.lists(st.sampled_from(KEYS), max_size=3, unique=True)
_MORE: Final[st.SearchStrategy[dict[str, Any]]] = st.fixed_dictionaries(
    {
        "minutes": st.sampled_from((0, 0, 30, 90, 600)),
        "stages": st.sets(st.sampled_from(tuple(Tactic)), max_size=2).map(sorted),
        "severity": st.sampled_from(tuple(Severity)),
        "title": st.sampled_from(("One", "Two", "Three")),
        "detection": st.sampled_from(("A", "B", "C")),
        "product": st.sampled_from(("P", "Q")),
        "remediation": st.lists(st.sampled_from(("x", "y", "z")), max_size=2).map(tuple),
        "kind": st.sampled_from(("resource", "resource", "host")),
    }
)
"""Made once: to make strategies for each alert takes longer than to draw from them."""


@st.composite
def alerts(draw: st.DrawFn) -> list[Observation]:
    """Alerts of a small world."""
    return [
        alert(
            f"{number:02d}", draw(_RESOURCE), draw(_QUARTERS) / 4, *draw(_SOME_KEYS), **draw(_MORE)
        )
        for number in range(draw(_COUNT))
    ]
