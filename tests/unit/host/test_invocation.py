"""Invocations: parameters, context, outputs, failures, retries."""

import asyncio
import logging
import threading
import typing
from typing import Any

import azure.functions as func
import pytest
from azure.functions.meta import Datum

from local.host.bindings import QueueOutput
from local.host.indexing import index_app
from local.host.invocation import Invoker, Outcome, TriggerData
from local.host.queues.messages import output_bodies
from tests.unit.host.virtual_time import run, seconds

#: The worker's check takes no builtin list.
TextList = typing.List[str]  # noqa: UP006 - see above

HELLO = TriggerData(Datum("hello", "string"), {"DequeueCount": Datum("3", "json")}, "a test")
DOCUMENTS = TriggerData(Datum('[{"id": "1"}, {"id": "2"}]', "json"), {}, "a test")


class Sent:
    """Stands for the queues: keeps what is sent as (queue, bodies)."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, list[bytes]]] = []

    async def send(self, binding: QueueOutput, datum: Datum) -> None:
        self.messages.append((binding.queue_name, output_bodies(datum)))


def invoke(
    app: func.FunctionApp, data: TriggerData = HELLO, *, timeout: float | None = None
) -> tuple[Outcome, Sent]:
    """Invoke the app's only function once."""
    sent = Sent()
    (function,) = index_app(app).functions
    outcome = asyncio.run(Invoker(sent, timeout).invoke(function, data))
    return outcome, sent


def test_an_async_function_runs_in_the_loop() -> None:
    app, seen = func.FunctionApp(), []

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: func.QueueMessage) -> None:
        seen.append((msg.get_body(), msg.dequeue_count, threading.current_thread().name))

    assert invoke(app)[0].succeeded
    assert seen == [(b"hello", 3, threading.current_thread().name)]


def test_a_plain_function_runs_in_a_thread() -> None:
    app, seen = func.FunctionApp(), []

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    def f(msg: func.QueueMessage) -> None:
        seen.append((msg.get_body(), threading.current_thread() is threading.main_thread()))

    assert invoke(app)[0].succeeded
    assert seen == [(b"hello", False)]


def test_a_text_parameter_gets_the_text() -> None:
    app, seen = func.FunctionApp(), []

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: str) -> None:
        seen.append(msg)

    invoke(app)
    assert seen == ["hello"]


def test_documents_arrive_as_a_document_list() -> None:
    app = func.FunctionApp()
    seen: list[str] = []

    @app.cosmos_db_trigger("docs", "COSMOS", "db", "c")
    async def f(docs: func.DocumentList) -> None:
        seen.extend(document["id"] for document in docs)

    invoke(app, DOCUMENTS)
    assert seen == ["1", "2"]


def test_the_context_tells_the_invocation() -> None:
    app = func.FunctionApp()
    seen: list[tuple[str, func.Context]] = []

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: str, context: func.Context) -> None:
        seen.append((msg, context))

    invoke(app)
    _, context = seen[0]
    assert context.function_name == "f"
    assert len(context.invocation_id) == 36
    assert context.retry_context.retry_count == 0
    assert context.trace_context.trace_parent.startswith("00-")


def output_app(value: Any, annotation: Any) -> func.FunctionApp:
    app = func.FunctionApp()

    async def f(msg: str, out: Any) -> None:
        assert msg
        out.set(value)

    f.__annotations__["out"] = annotation
    app.queue_trigger("msg", "q", "AzureWebJobsStorage")(
        app.queue_output("out", "copies", "AzureWebJobsStorage")(f)
    )
    return app


@pytest.mark.parametrize(
    ("value", "annotation", "bodies"),
    [
        pytest.param("one", func.Out[str], [b"one"], id="text"),
        pytest.param(b"\x00\xff", func.Out[bytes], [b"\x00\xff"], id="bytes"),
        pytest.param(["a", "b"], func.Out[TextList], [b"a", b"b"], id="list of texts"),
        pytest.param('["a"]', func.Out[str], [b'["a"]'], id="text that holds JSON is one message"),
    ],
)
def test_what_a_queue_output_sends(value: Any, annotation: Any, bodies: list[bytes]) -> None:
    outcome, sent = invoke(output_app(value, annotation))
    assert outcome.succeeded
    assert sent.messages == [("copies", bodies)]


def test_an_output_that_is_not_set_sends_nothing() -> None:
    _, sent = invoke(output_app(None, func.Out[str]))
    assert sent.messages == []


def test_a_failed_function_sends_nothing() -> None:
    app = func.FunctionApp()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    @app.queue_output("out", "copies", "AzureWebJobsStorage")
    async def f(msg: str, out: func.Out[str]) -> None:
        out.set("x")
        raise ValueError(msg)

    outcome, sent = invoke(app)
    assert isinstance(outcome.error, ValueError)
    assert sent.messages == []


def test_a_value_without_a_return_binding_is_a_failure() -> None:
    app = func.FunctionApp()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: str) -> str:
        return msg

    outcome, _ = invoke(app)
    assert isinstance(outcome.error, RuntimeError)


def test_a_function_that_runs_too_long_has_failed() -> None:
    app = func.FunctionApp()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: str) -> None:
        await asyncio.sleep(1e6 + len(msg))

    (function,) = index_app(app).functions
    outcome = run(Invoker(Sent(), 300).invoke(function, HELLO))
    assert "functionTimeout (300 s)" in str(outcome.error)


def test_the_log_shows_function_invocation_outcome_and_duration(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = func.FunctionApp()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: str) -> None: ...

    with caplog.at_level(logging.INFO):
        invoke(app)
    first, last = caplog.messages
    invocation = first.removeprefix("Executing 'Functions.f' (Reason='a test', Id=").rstrip(")")
    assert last.startswith(f"Executed 'Functions.f' (Succeeded, Id={invocation}, Duration=")


def test_the_log_of_a_failure_begins_its_traceback_in_the_app(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = func.FunctionApp()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def f(msg: str) -> None:
        raise ValueError(msg)

    invoke(app)
    record = caplog.records[-1]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[2] is not None
    assert record.exc_info[2].tb_frame.f_code.co_name == "f"


class Flaky:
    """An app whose function fails a number of times; remembers when and what it saw."""

    def __init__(self, failures: int, **policy: str) -> None:
        self.app = func.FunctionApp()
        self.attempts: list[tuple[float, Any, list[str]]] = []
        f = self._function(failures)
        if policy:
            retry: Any = self.app.retry
            f = retry(**policy)(f)
        self.app.cosmos_db_trigger("docs", "COSMOS", "db", "c")(f)

    def _function(self, failures: int) -> Any:
        async def f(docs: func.DocumentList, context: func.Context) -> None:
            retry = context.retry_context
            self.attempts.append((seconds(), retry, [document["id"] for document in docs]))
            docs.clear()
            if len(self.attempts) <= failures:
                raise ConnectionError(f"attempt {len(self.attempts)}")

        return f

    def play(self, stop_at: float = 1e9) -> Outcome | None:
        (function,) = index_app(self.app).functions

        async def pause(delay: float) -> bool:
            await asyncio.sleep(delay)
            return seconds() < stop_at

        return run(Invoker(Sent()).invoke_with_retries(function, DOCUMENTS, pause))


FIXED = {"strategy": "fixed_delay", "delay_interval": "00:00:10"}


def test_without_a_policy_there_is_one_attempt() -> None:
    flaky = Flaky(1)
    outcome = flaky.play()
    assert outcome is not None
    assert not outcome.succeeded
    assert len(flaky.attempts) == 1


def test_a_policy_of_minus_one_retries_until_it_succeeds() -> None:
    flaky = Flaky(25, **FIXED, max_retry_count="-1")
    outcome = flaky.play()
    assert outcome is not None
    assert outcome.succeeded
    assert [when for when, _, _ in flaky.attempts] == [10 * n for n in range(26)]


def test_a_policy_ends_after_its_number_of_retries() -> None:
    flaky = Flaky(9, **FIXED, max_retry_count="3")
    outcome = flaky.play()
    assert outcome is not None
    assert not outcome.succeeded
    assert len(flaky.attempts) == 4


def test_a_stop_between_two_attempts_decides_nothing() -> None:
    flaky = Flaky(9, **FIXED, max_retry_count="-1")
    assert flaky.play(stop_at=15) is None
    assert len(flaky.attempts) == 2


def test_each_attempt_gets_the_same_batch_afresh() -> None:
    flaky = Flaky(2, **FIXED, max_retry_count="-1")
    flaky.play()
    assert [batch for _, _, batch in flaky.attempts] == [["1", "2"]] * 3


def test_the_retry_context_counts_and_tells_the_exception_before() -> None:
    flaky = Flaky(2, **FIXED, max_retry_count="5")
    flaky.play()
    contexts = [context for _, context, _ in flaky.attempts]
    assert [context.retry_count for context in contexts] == [0, 1, 2]
    assert {context.max_retry_count for context in contexts} == {5}
    assert contexts[2].exception.message == "ConnectionError: attempt 2"


def two(first: typing.Callable[[], typing.Awaitable[None]]) -> func.FunctionApp:
    """An app with a function that does as it is told and one that takes five seconds."""
    app = func.FunctionApp()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def told(msg: func.QueueMessage) -> None:
        assert msg.get_body() == b"hello"
        await first()

    @app.queue_trigger("msg", "q", "AzureWebJobsStorage")
    async def patient(msg: func.QueueMessage) -> None:
        assert msg.get_body() == b"hello"
        await asyncio.sleep(5)

    return app


async def endless() -> None:
    await asyncio.sleep(3600)


def test_a_function_that_runs_too_long_fails_and_all_that_run_beside_it() -> None:
    restarts: list[float] = []
    told, patient = index_app(two(endless)).functions
    invoker = Invoker(Sent(), 10, lambda: restarts.append(seconds()))

    async def later() -> Outcome:
        await asyncio.sleep(7)
        return await invoker.invoke(patient, HELLO)

    async def scenario() -> tuple[Outcome, ...]:
        return await asyncio.gather(
            invoker.invoke(told, HELLO), invoker.invoke(patient, HELLO), later()
        )

    long, early, late = run(scenario())
    assert "functionTimeout (10 s)" in str(long.error)
    assert early.succeeded
    assert "the worker was restarted: 'told' ran longer" in str(late.error)
    assert restarts == [10]


def test_while_the_worker_restarts_nothing_begins() -> None:
    told, patient = index_app(two(endless)).functions
    invoker = Invoker(Sent(), 10)

    async def scenario() -> bool:
        await invoker.invoke(told, HELLO)
        waiting = asyncio.create_task(invoker.invoke(patient, HELLO))
        done, _ = await asyncio.wait([waiting], timeout=60)
        waiting.cancel()
        return bool(done)

    assert not run(scenario())


def test_two_functions_that_run_too_long_restart_the_worker_once() -> None:
    restarts: list[float] = []
    told, _ = index_app(two(endless)).functions
    invoker = Invoker(Sent(), 10, lambda: restarts.append(seconds()))

    async def scenario() -> list[Outcome]:
        return await asyncio.gather(*(invoker.invoke(told, HELLO) for _ in range(2)))

    assert [outcome.succeeded for outcome in run(scenario())] == [False, False]
    assert restarts == [10]
