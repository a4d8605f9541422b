"""Faults on demand: which requests fail, and how, by seeded rules.

A rule says what goes wrong (`fault`), for which requests (`kinds`, `container`), and how often:
a `share` of them, or each `every`-th, at most `limit` times. Rules are tried in order and the
first that strikes decides. The same seed and the same requests give the same faults.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .errors import PARTITION_KEY_RANGE_GONE, CosmosError, bad_request
from .kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STATUSES: Final = {
    "429": (429, 3200, "The request rate is too large."),
    "449": (449, 0, "Retry the request: a concurrent change was in the way."),
    "503": (503, 0, "The service is unavailable."),
    "410": (410, PARTITION_KEY_RANGE_GONE, "The partition is gone from this address."),
    "408": (408, 0, "The request timed out."),
}
RESET: Final = "reset"
LOST_REPLY: Final = "lost-reply"
FAULTS: Final = (*STATUSES, RESET, LOST_REPLY)
RETRY_AFTER: Final = b"x-ms-retry-after-ms"
FIELDS: Final = {"fault", "kinds", "container", "share", "every", "waitMs", "substatus", "limit"}


@dataclass(slots=True)
class Rule:
    """One rule, with its counters.

    Attributes:
        fault: one of `FAULTS`.
        kinds: the kinds of request it is for; empty is all.
        container: the container it is for; None is any.
        share: the probability with which a matching request fails.
        every: each so-manieth matching request fails; 0 leaves it to `share`.
        wait_ms: how long a throttled client is told to wait.
        substatus: overrides the fault's own.
        limit: how often it strikes at most; None is without end.
        seen, struck: matching requests, and those that failed.
    """

    fault: str
    kinds: frozenset[str] = frozenset()
    container: str | None = None
    share: float = 0.0
    every: int = 0
    wait_ms: int = 10
    substatus: int | None = None
    limit: int | None = None
    seen: int = 0
    struck: int = 0

    def strikes(self, kind: str, container: str | None, rng: random.Random) -> bool:
        """Whether the rule makes this request fail; counts it."""
        if (self.kinds and kind not in self.kinds) or self.container not in (None, container):
            return False
        if self.limit is not None and self.struck >= self.limit:
            return False
        self.seen += 1
        hit = self.seen % self.every == 0 if self.every else rng.random() < self.share
        self.struck += hit
        return hit

    def error(self) -> CosmosError:
        """The refusal of a status fault."""
        status, substatus, message = STATUSES[self.fault]
        chosen = substatus if self.substatus is None else self.substatus
        error = CosmosError(status, f"{message} (a fault on demand)", substatus=chosen)
        if status == 429:
            error.headers[RETRY_AFTER] = b"%d" % self.wait_ms
        return error

    def describe(self) -> dict[str, Any]:
        """The rule as the admin endpoint shows it, with its counters."""
        return {
            "fault": self.fault,
            "kinds": sorted(self.kinds),
            "container": self.container,
            "share": self.share,
            "every": self.every,
            "waitMs": self.wait_ms,
            "substatus": self.substatus,
            "limit": self.limit,
            "seen": self.seen,
            "struck": self.struck,
        }


class Faults:
    """The rules in force; none at first."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.seed = 0
        self._rng = random.Random(0)  # noqa: S311 - repeatable, not secret

    def configure(self, rules: Sequence[Mapping[str, Any]], seed: int) -> None:
        """Replace the rules and start the random sequence anew.

        Raises:
            CosmosError: 400 that names the rule and the field at fault; nothing changes then.
        """
        self.rules = [_parse(number, rule) for number, rule in enumerate(rules)]
        self.seed = seed
        self._rng = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def pick(self, kind: str, container: str | None) -> Rule | None:
        """The rule that makes this request fail, if any."""
        for rule in self.rules:
            if rule.strikes(kind, container, self._rng):
                return rule
        return None


def _parse(number: int, fields: Any) -> Rule:
    if not isinstance(fields, dict):
        raise _wrong(number, "must be an object")
    unknown = set(fields) - FIELDS
    if unknown:
        raise _wrong(number, f"has unknown fields {sorted(unknown)}; known are {sorted(FIELDS)}")
    fault = str(fields.get("fault"))
    if fault not in FAULTS:
        raise _wrong(number, f"needs a 'fault' out of {list(FAULTS)}")
    kinds = fields.get("kinds") or []
    if not isinstance(kinds, list) or set(kinds) - set(KINDS):
        raise _wrong(number, f"takes 'kinds' out of {list(KINDS)}")
    share, every = fields.get("share", 0.0), fields.get("every", 0)
    if not _number(share) or not 0 <= share <= 1:
        raise _wrong(number, "takes a 'share' from 0 to 1")
    if not _count(every) or (every > 0) == (share > 0):
        raise _wrong(number, "needs either a 'share' over 0 or an 'every' of at least 1")
    wait, limit, substatus = fields.get("waitMs", 10), fields.get("limit"), fields.get("substatus")
    if not _count(wait) or not (limit is None or _count(limit)):
        raise _wrong(number, "takes whole numbers for 'waitMs' and 'limit'")
    if not (substatus is None or _count(substatus)):
        raise _wrong(number, "takes a whole number for 'substatus'")
    return Rule(
        fault, frozenset(kinds), fields.get("container"), share, every, wait, substatus, limit
    )


def _wrong(number: int, what: str) -> CosmosError:
    return bad_request(f"Fault rule {number} {what}.")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
