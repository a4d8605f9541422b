"""The version of all there is: the same while nothing is written, another one after."""

import pytest

from shared.store.alert_counts import SETTLING
from shared.store.changes import version_of

NOW = 1_773_000_000


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param(([5, 7], NOW), ([5, 7], NOW + 60), True, id="nothing was written"),
        pytest.param(([5, 7], NOW), ([5, 8], NOW), False, id="something was"),
        pytest.param(([5, 7], NOW), ([7, 5], NOW), False, id="of another kind"),
        pytest.param(([NOW], NOW), ([NOW], NOW + 1), False, id="the second may hold more writes"),
        pytest.param(([NOW], NOW), ([NOW], NOW + SETTLING), False, id="it is over: once more"),
        pytest.param(
            ([NOW], NOW + SETTLING), ([NOW], NOW + SETTLING + 1), True, id="and never again"
        ),
        pytest.param(([0], NOW), ([0], NOW + 1), True, id="an empty store"),
    ],
)
def test_two_versions(
    before: tuple[list[int], int], after: tuple[list[int], int], same: bool
) -> None:
    assert (version_of(*before) == version_of(*after)) is same
