"""Uniting components with more members than one atomic step removes, and dying in between."""

import asyncio
from collections.abc import Sequence

import pytest

from correlate.flush import flush
from correlate.observation import Observation
from correlate.policy import Policy
from correlate.ports import MOST_BESIDE, MemberRecord, NodeRecord, Redirect
from local.backtest.memory import MemoryStore
from tests.unit.correlate.making import NOW, alert
from tests.unit.correlate.state import assert_as_expected

WIDE = Policy.model_validate(
    {
        "kinds": {
            "resource": {"gapMinutes": 60},
            "account": {"gapMinutes": 60, "mostResources": 1_000},
            "host": {"gapMinutes": 60, "mostResources": 1_000},
        },
        "longestAlertHours": 2,
    }
)
SIZES = (2 * MOST_BESIDE + 5, 2 * MOST_BESIDE + 6)
"""Members of the two components that are united."""


class DyingStore(MemoryStore):
    """A store whose worker dies right after it has linked a node so many times."""

    left: int

    def __init__(self, links: int) -> None:
        MemoryStore.__init__(self)
        self.left = links

    async def link(
        self,
        loser: NodeRecord | str,
        parent: str,
        *,
        add: Sequence[MemberRecord] = (),
        drop: Sequence[str] = (),
    ) -> Redirect:
        redirect = await MemoryStore.link(self, loser, parent, add=add, drop=drop)
        if drop:
            self.left -= 1
            if not self.left:
                raise ConnectionError
        return redirect


def two_components() -> list[list[Observation]]:
    return [
        [alert(f"{number:04d}", f"vm-{key}-{number}", 0, f"{key}:shared") for number in range(size)]
        for key, size in zip(("account", "host"), SIZES, strict=True)
    ]


@pytest.mark.parametrize("links", [1, 2], ids=["after the link", "while it removes the rest"])
@pytest.mark.parametrize(
    "after",
    [
        pytest.param([], id="delivered again"),
        pytest.param([alert("9998", "late", 0, "host:shared")], id="after another alert"),
    ],
)
def test_a_worker_that_dies_leaves_nothing_beside_a_redirect(
    links: int, after: list[Observation]
) -> None:
    store = DyingStore(links)
    both = [alert("9999", "bridge", 0, "account:shared", "host:shared")]
    first, second = two_components()
    deliver(store, first)
    deliver(store, second)
    store.left = links
    with pytest.raises(ConnectionError):
        deliver(store, both)
    assert any(store.members.get(node) for node in redirects(store))
    for batch in (after, both):
        deliver(store, batch)
    assert_as_expected(store, [*first, *second, *both, *after], WIDE)


def deliver(store: MemoryStore, batch: Sequence[Observation]) -> None:
    for each in batch:
        store.add(each)
    asyncio.run(flush(batch, store, WIDE, lambda: NOW))


def redirects(store: MemoryStore) -> list[str]:
    return [node for node, record in store.nodes.items() if isinstance(record, Redirect)]
