"""The flush of one worker: any order, any duplication, any division into batches."""

import asyncio
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlate.flush import flush
from correlate.observation import Observation
from correlate.ports import Contents
from local.backtest.memory import MemoryStore
from shared.killchain import Tactic
from tests.unit.correlate.making import NOW, SMALL, alert, alerts, random_alerts
from tests.unit.correlate.state import assert_as_expected


def deliver(store: MemoryStore, batches: list[list[Observation]]) -> None:
    async def all_of_them() -> None:
        for batch in batches:
            for each in batch:
                store.add(each)
            await flush(batch, store, SMALL, lambda: NOW)

    asyncio.run(all_of_them())


@given(alerts(), st.data())
@settings(max_examples=100, deadline=None)
def test_any_order_duplication_and_division_gives_what_the_oracle_says(
    some: list[Observation], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(some + data.draw(st.lists(st.sampled_from(some)))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=4)))
    bounds = [0, *cuts, len(order)]
    store = MemoryStore()
    deliver(store, [order[a:b] for a, b in pairwise(bounds)])
    assert_as_expected(store, some, SMALL)


@pytest.mark.parametrize("block", range(10))
def test_random_worlds(block: int) -> None:
    for seed in range(block * 200, block * 200 + 200):
        chance = Random(seed)  # noqa: S311 - a world told by its seed
        some = random_alerts(chance, 12)
        order = some + chance.sample(some, len(some) // 2)
        chance.shuffle(order)
        batches = []
        while order:
            size = chance.randint(1, 4)
            batches.append(order[:size])
            order = order[size:]
        store = MemoryStore()
        deliver(store, batches)
        try:
            assert_as_expected(store, some, SMALL)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault


class CountingStore(MemoryStore):
    """Counts how often all that lies beside a component is read."""

    whole = 0

    async def read_contents(self, node: str) -> Contents:
        self.whole += 1
        return await super().read_contents(node)


@pytest.mark.parametrize(
    ("resources", "reads"),
    [
        pytest.param(("vm1", "vm2"), 0, id="the batch is on all of its resources"),
        pytest.param(("vm2",), 1, id="one of its resources is not in the batch"),
    ],
)
def test_what_lies_beside_an_opening_incident_is_read_only_for_what_is_missing(
    resources: tuple[str, ...], reads: int
) -> None:
    some = [alert(f"a{name}", name, 0, "account:ann") for name in ("vm1", "vm2")]
    more = [
        alert(f"b{name}", name, 0.25, "account:ann", stages=(Tactic.Impact,)) for name in resources
    ]
    store = CountingStore()
    deliver(store, [some, more])
    assert_as_expected(store, some + more, SMALL)
    assert any(root.visible for root in store.roots())
    assert store.whole == reads
