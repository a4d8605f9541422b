"""Writing a root with what lies beside it, in as many atomic writes as its size asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from correlate.assessment import Verdict
from correlate.members import Change, counting
from correlate.ports import MOST_BESIDE, MemberRecord, Note, Root, Write
from correlate.work import Work

Beside: TypeAlias = Change | MemberRecord | Mapping[str, Any]


@dataclass(slots=True)
class Rewrite:
    """What becomes of a root.

    `interim` is what it is while documents beside it are still to be written, `final` what it is
    with the last of them; both with the ETag and the counts that were read. `changes` are members
    to write, `removed` members that go, `carried` history to take over.
    """

    interim: Root
    final: Root
    verdict: Verdict
    changes: list[Change] = field(default_factory=list)
    removed: list[MemberRecord] = field(default_factory=list)
    carried: list[Mapping[str, Any]] = field(default_factory=list)
    notes: tuple[Note, ...] = ()


async def write_root(work: Work, rewrite: Rewrite) -> Root:
    """Write a root and what lies beside it; returns the root as it was written last.

    Each atomic write counts in the root what it adds beside it, so the counts are right after any
    of them. Raises Conflict when the root, or a member, moved since it was read.
    """
    parts = list(_parts(rewrite))
    root = rewrite.interim
    for part in parts[:-1]:
        root = await _write(work, root, rewrite.verdict, part)
    final = replace(
        rewrite.final,
        alerts=root.alerts,
        involved=root.involved,
        resources=root.resources,
        etag=root.etag,
    )
    written = await _write(work, final, rewrite.verdict, parts[-1], rewrite.notes)
    work.outcome.written += 1
    return written


def _parts(rewrite: Rewrite) -> Iterator[list[Beside]]:
    """What goes beside the root, as many as one atomic write takes; one part at least."""
    beside: list[Beside] = [*rewrite.changes, *rewrite.removed, *rewrite.carried]
    for start in range(0, max(len(beside), 1), MOST_BESIDE):
        yield beside[start : start + MOST_BESIDE]


async def _write(
    work: Work, root: Root, verdict: Verdict, beside: list[Beside], notes: tuple[Note, ...] = ()
) -> Root:
    changes = [each for each in beside if isinstance(each, Change)]
    removed = [each for each in beside if isinstance(each, MemberRecord)]
    return await work.store.write_component(
        Write(
            counting(root, changes, removed),
            verdict,
            tuple(change.after for change in changes),
            notes,
            tuple(each for each in beside if isinstance(each, Mapping)),
            tuple(member.id for member in removed),
            work.now(),
        )
    )
