"""Invoke a function: decode the trigger, call it, send its outputs, log as the real host does."""

import asyncio
import contextvars
import logging
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from azure.functions import Out
from azure.functions.meta import Datum

from local.host import converters
from local.host.bindings import QueueOutput
from local.host.context import THREAD_LOCAL, Failure, InvocationContext, Retry
from local.host.functions import RETURN, IndexedFunction, OutputParameter
from local.host.retry import RetryDelays

log = logging.getLogger("Host")

_PACKAGE = str(Path(__file__).parent)

#: The invocation that the current task or thread serves; the log shows it.
current_invocation: contextvars.ContextVar[str] = contextvars.ContextVar(
    "current_invocation", default=""
)

#: Waits, and returns False when the host stops meanwhile.
Pause = Callable[[float], Awaitable[bool]]


class OutputValue(Out[Any]):
    """A `func.Out` parameter."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, val: Any) -> None:
        """Keep the value; it leaves when the function succeeds."""
        self._value = val

    def get(self) -> Any:
        """Return the value, None when there is none."""
        return self._value


class QueueSender(Protocol):
    """Sends what a queue output binding holds."""

    async def send(self, binding: QueueOutput, datum: Datum) -> None:
        """Send the datum's message or messages; create the queue when it is missing."""


@dataclass(frozen=True, slots=True)
class TriggerData:
    """What set a function off: its data, their metadata, and two lines for the log."""

    datum: Datum
    metadata: Mapping[str, Datum]
    reason: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended: the HTTP response if there is one, or the exception."""

    response: Datum | None = None
    error: BaseException | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the function and its outputs did."""
        return self.error is None


class WorkerRestartedError(Exception):
    """Another function ran too long, and the worker that runs them all is restarted."""


@dataclass(slots=True)
class Invoker:
    """Runs functions: async ones in the event loop, the others in a pool of threads.

    A function that runs too long fails, and every other one that is running fails with it:
    `on_timeout` restarts the worker that they share. Source: `FunctionTimeoutException` in the
    script host's `FunctionExecutor` and `WorkerFunctionInvoker`.
    """

    sender: QueueSender
    timeout_seconds: float | None = None
    on_timeout: Callable[[], None] = lambda: None
    threads: ThreadPoolExecutor = field(default_factory=ThreadPoolExecutor)
    _running: set[asyncio.Timeout] = field(default_factory=set, init=False)
    _too_long: str = field(default="", init=False)

    async def invoke(
        self, function: IndexedFunction, data: TriggerData, retry: Retry | None = None
    ) -> Outcome:
        """Run one attempt. Never raises but for a cancellation: the outcome tells."""
        if self._too_long:
            await _forever()
        invocation_id = str(uuid.uuid4())
        token = current_invocation.set(invocation_id)
        started = time.perf_counter()
        _log_start(function, data, invocation_id)
        error: Exception | None = None
        response: Datum | None = None
        try:
            async with asyncio.timeout(self.timeout_seconds) as limit:
                self._running.add(limit)
                response = await self._run(function, data, retry or _first(function), invocation_id)
        except Exception as raised:  # noqa: BLE001 - whatever a function raises is its outcome
            error = self._interrupted(function) if limit.expired() else raised
        finally:
            self._running.discard(limit)
            current_invocation.reset(token)
        _log_end(function, invocation_id, started, error)
        return Outcome(response, error)

    def _interrupted(self, function: IndexedFunction) -> Exception:
        """What a function that was cut short fails with; the first one restarts the worker."""
        limit = f"functionTimeout ({self.timeout_seconds:.0f} s)"
        if self._too_long:
            return WorkerRestartedError(
                f"the worker was restarted: '{self._too_long}' ran longer than {limit}"
            )
        self._too_long = function.name
        now = asyncio.get_running_loop().time()
        for other in self._running:
            if not other.expired():
                other.reschedule(now)
        self.on_timeout()
        return TimeoutError(f"it ran longer than {limit}")

    async def invoke_with_retries(
        self, function: IndexedFunction, data: TriggerData, pause: Pause
    ) -> Outcome | None:
        """Run attempts until one succeeds or the policy ends; None = the host stops meanwhile."""
        outcome = await self.invoke(function, data)
        policy = function.retry
        if policy is None:
            return outcome
        delays, retries = RetryDelays(policy), 1
        while not outcome.succeeded and policy.allows(retries):
            delay = delays.next_delay().total_seconds()
            _log_retry(function, delay, retries)
            if not await pause(delay):
                return None
            retry = Retry(retries, policy.max_retry_count, _failure(outcome.error))
            outcome = await self.invoke(function, data, retry)
            retries += 1
        return outcome

    async def _run(
        self, function: IndexedFunction, data: TriggerData, retry: Retry, invocation_id: str
    ) -> Datum | None:
        arguments: dict[str, Any] = {
            function.trigger.name: converters.decode(
                function.trigger_converter, data.datum, data.metadata
            )
        }
        if function.requires_context:
            arguments["context"] = InvocationContext(
                invocation_id, function.name, function.directory, retry
            )
        outputs = {name: OutputValue() for name in function.outputs if name != RETURN}
        returned = await self._call(function, {**arguments, **outputs}, invocation_id)
        for name, output in outputs.items():
            if output.get() is not None:
                await self._send(function.outputs[name], output.get())
        return await self._return(function, returned)

    async def _call(
        self, function: IndexedFunction, arguments: Mapping[str, Any], invocation_id: str
    ) -> Any:
        if function.is_async:
            return await function.callable(**arguments)
        context = contextvars.copy_context()

        def call() -> Any:
            THREAD_LOCAL.invocation_id = invocation_id
            return context.run(function.callable, **arguments)

        return await asyncio.get_running_loop().run_in_executor(self.threads, call)

    async def _return(self, function: IndexedFunction, returned: Any) -> Datum | None:
        output = function.outputs.get(RETURN)
        if output is None:
            if returned is not None:
                raise RuntimeError(f"function '{function.name}' returned a value without a binding")
            return None
        return await self._send(output, returned)

    async def _send(self, output: OutputParameter, value: Any) -> Datum | None:
        datum = converters.encode(output.binding.type, value, output.python_type)
        if isinstance(output.binding, QueueOutput):
            await self.sender.send(output.binding, datum)
            return None
        return datum


async def _forever() -> None:
    """Wait to be cancelled: there is no worker to run anything until the host has restarted it."""
    await asyncio.get_running_loop().create_future()


def _first(function: IndexedFunction) -> Retry:
    return Retry(0, function.retry.max_retry_count if function.retry else 0)


def _failure(error: BaseException | None) -> Failure:
    if error is None:
        return Failure()
    trace = "".join(traceback.format_exception(error))
    return Failure(type(error).__module__, trace, f"{type(error).__name__}: {error}")


def _log_start(function: IndexedFunction, data: TriggerData, invocation_id: str) -> None:
    log.info(
        "Executing 'Functions.%s' (Reason='%s', Id=%s)", function.name, data.reason, invocation_id
    )
    if data.details:
        log.info("Trigger Details: %s", data.details)


def _log_end(
    function: IndexedFunction,
    invocation_id: str,
    started: float,
    error: BaseException | None = None,
) -> None:
    milliseconds = (time.perf_counter() - started) * 1000
    outcome = "Succeeded" if error is None else "Failed"
    log.log(
        logging.INFO if error is None else logging.ERROR,
        "Executed 'Functions.%s' (%s, Id=%s, Duration=%.0fms)",
        function.name,
        outcome,
        invocation_id,
        milliseconds,
        exc_info=error and (type(error), error, _own_traceback(error)),
    )


def _own_traceback(error: BaseException) -> TracebackType | None:
    """Return the traceback from where the app's code begins; whole if the host itself failed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        trace = trace.tb_next
    return trace or error.__traceback__


def _log_retry(function: IndexedFunction, delay: float, retry: int) -> None:
    log.warning(
        "Waiting for `%.1fs` before retry %d of 'Functions.%s'", delay, retry, function.name
    )
