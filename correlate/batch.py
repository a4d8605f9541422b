"""One batch of the change feed: read what are alerts, set aside what is not, correlate the rest."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from correlate.flush import flush
from correlate.observation import Observation, observe_document
from correlate.policy import Policy, Readings
from correlate.ports import CorrelationStore
from correlate.report import Report, lag_of
from correlate.witness import Witness, witnessed
from correlate.work import Outcome
from shared.telemetry import OFF, Telemetry

_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document of the feed that is not an alert as this service stores it, and why."""

    document: Mapping[str, Any]
    reason: str


def read_batch(
    documents: Iterable[Mapping[str, Any]], readings: Readings
) -> tuple[list[Observation], list[Unreadable]]:
    """The alerts that take part in correlation, and the documents that cannot be read.

    Counters, and alerts that a suppression rule dismissed, are passed over.
    """
    observations: list[Observation] = []
    unreadable: list[Unreadable] = []
    for document in documents:
        if document.get("type") != "alert" or document.get("suppressedBy"):
            continue
        try:
            observation = observe_document(document)
        except (KeyError, TypeError, ValueError) as fault:
            unreadable.append(Unreadable(document, f"{type(fault).__name__}: {fault}"))
            continue
        read = apply(readings, observation)
        if read is not None:
            observations.append(read)
    return observations, unreadable


def apply(readings: Readings, observation: Observation) -> Observation | None:
    """The observation as the policy's mappings read it; None where one says to ignore it.

    The tactics that a source states stand; a mapping gives them only where there are none.
    """
    if not readings:
        return observation
    reading = readings.of(observation.detection, observation.title)
    if reading is None:
        return observation
    if reading.ignore:
        return None
    return replace(
        observation,
        stages=observation.stages or reading.tactics or (),
        severity=observation.severity if reading.severity is None else reading.severity,
    )


async def correlate_batch(
    documents: Sequence[Mapping[str, Any]],
    store: CorrelationStore,
    set_aside: Callable[[list[Unreadable]], Awaitable[None]],
    policy: Policy,
    readings: Readings,
    now: Callable[[], int],
    *,
    telemetry: Telemetry = OFF,
) -> Outcome:
    """Correlate a batch; a document that cannot be read is set aside and does not stop the rest.

    Raises what the store raises: the batch is then delivered again.
    """
    lag = lag_of(documents, now())
    with telemetry.span("correlate batch", documents=len(documents)) as span:
        observations, unreadable = read_batch(documents, readings)
        if unreadable:
            await set_aside(unreadable)
        witness = Witness()
        outcome = await flush(observations, witnessed(store, witness), policy, now)
        report = Report(observations, len(unreadable), lag, outcome, witness)
        report.measure(telemetry, span)
    for told in report.lines():
        _LOG.info(told)
    return outcome
