"""Decisions of people as the change feed delivers them, and carrying them out."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from correlate.by_hand import Request, Result, carry_out
from correlate.decisions import Decision, decision_id
from correlate.policy import Policy
from correlate.ports import CorrelationStore
from shared.store.decisions import ASKED
from shared.times import parse_time

Document: TypeAlias = dict[str, Any]


class Finish(Protocol):
    """Notes what came of a decision."""

    async def __call__(
        self, document: Document, *, incident: str, split_off: tuple[str, ...], refusal: str
    ) -> None:
        """Note it."""


async def carry_out_orders(
    documents: Iterable[Document],
    store: CorrelationStore,
    finish: Finish,
    policy: Policy,
    now: Callable[[], int],
) -> list[tuple[Request, Result]]:
    """Carry out the decisions among documents that wait for it, one after the other.

    Raises what the store raises: the batch is then delivered again.
    """
    done = []
    for document in documents:
        if document.get("type") != "decision" or document.get("state") != ASKED:
            continue
        try:
            request = request_from(document)
        except (KeyError, TypeError, ValueError) as fault:
            refusal = f"It cannot be read: {type(fault).__name__}: {fault}"
            await finish(document, incident="", split_off=(), refusal=refusal)
            continue
        result = await carry_out(request, store, policy, now)
        await finish(
            document,
            incident=result.incident,
            split_off=result.split_off,
            refusal=result.refusal,
        )
        done.append((request, result))
    return done


def request_from(document: Mapping[str, Any]) -> Request:
    """The decision in a document as the API keeps it."""
    at = parse_time(document["atUtc"])
    decision = Decision(
        decision_id(at, document["name"]),
        document["kind"],
        document["by"],
        at,
        document["about"],
        document["comment"],
    )
    others, resources = document.get("with", ()), document.get("resources", ())
    return Request(decision, document["incidentId"], tuple(others), tuple(resources))
