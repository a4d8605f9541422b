"""Which leases a host should take, so that all hosts get an equal share.

The rule is the `EqualPartitionsBalancingStrategy` of the .NET SDK: take free or expired leases up
to one's share; when there are none, take one from the host that has the most, if it has too many.
"""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from local.host.change_feed.leases import Lease


def select_leases(
    leases: Sequence[Lease], owner: str, now: datetime, expiration: timedelta
) -> list[Lease]:
    """Return the leases that `owner` should try to acquire now."""
    free = [lease for lease in leases if not lease.owner or lease.timestamp + expiration < now]
    taken = [lease for lease in leases if lease not in free]
    counts = Counter(str(lease.owner) for lease in taken)
    counts.setdefault(owner, 0)
    needed = math.ceil(len(leases) / len(counts)) - counts[owner]
    if needed <= 0:
        return []
    if free:
        return free[:needed]
    return _steal(taken, counts, target=counts[owner] + needed, needed=needed)


def _steal(taken: Sequence[Lease], counts: Counter[str], target: int, needed: int) -> list[Lease]:
    """Take one lease of the richest host, unless that would only swap the roles."""
    richest, count = max(counts.items(), key=lambda item: item[1])
    if count <= target - (1 if needed > 1 else 0):
        return []
    return [next(lease for lease in taken if lease.owner == richest)]
