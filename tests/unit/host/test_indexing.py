"""Indexing: what the worker checks, and that a fault names the function and the parameter."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from local.host.bindings import CosmosTrigger, HttpTrigger, QueueTrigger
from local.host.errors import AppError
from local.host.indexing import Index, index_app, load_app

Declare = Callable[[func.FunctionApp], Any]


def index(declare: Declare) -> Index:
    """Index an app with one good function beside what `declare` adds."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    declare(app)

    @app.route("good")
    def good(req: func.HttpRequest) -> str:
        raise NotImplementedError

    return index_app(app)


def queue_function(app: func.FunctionApp) -> None:
    @app.queue_trigger("msg", "alerts", "AzureWebJobsStorage")
    @app.queue_output("copies", "copies", "AzureWebJobsStorage")
    async def ingest(
        msg: func.QueueMessage, copies: func.Out[str], context: func.Context
    ) -> None: ...


def feed_function(app: func.FunctionApp) -> None:
    @app.cosmos_db_trigger(
        arg_name="documents",
        connection="COSMOS",
        database_name="db",
        container_name="alerts",
        lease_container_name="leases",
        create_lease_container_if_not_exists=True,
        start_from_beginning=True,  # type: ignore[arg-type]  # their annotation says time
        max_items_per_invocation=50,
    )
    @app.retry(
        strategy="exponential_backoff",
        max_retry_count="-1",
        minimum_interval="00:00:01",
        maximum_interval="00:01:00",
    )
    async def correlate(documents: func.DocumentList) -> None: ...


def test_a_queue_function() -> None:
    function = index(queue_function).functions[0]
    assert isinstance(function.trigger, QueueTrigger)
    assert function.trigger.queue_name == "alerts"
    assert (function.is_async, function.requires_context) == (True, True)
    assert list(function.outputs) == ["copies"]


def test_a_change_feed_function_with_its_retry_policy() -> None:
    function = index(feed_function).functions[0]
    assert isinstance(function.trigger, CosmosTrigger)
    assert function.trigger.max_items_per_invocation == 50
    assert function.trigger.start_from_beginning
    assert function.retry is not None
    assert function.retry.max_retry_count == -1


def test_functions_of_a_blueprint() -> None:
    blueprint = func.Blueprint()  # type: ignore[no-untyped-call]  # theirs

    @blueprint.route("api/x", methods=["GET"], auth_level="ADMIN")
    def from_blueprint(req: func.HttpRequest) -> func.HttpResponse:
        raise NotImplementedError

    function = index(lambda app: app.register_functions(blueprint)).functions[0]
    assert isinstance(function.trigger, HttpTrigger)
    assert (function.name, function.trigger.methods) == ("from_blueprint", ("GET",))
    assert function.trigger.auth_level == "ADMIN"


@pytest.mark.parametrize("route", [None, ""])
def test_a_function_without_a_route_answers_at_its_name(route: str | None) -> None:
    def declare(app: func.FunctionApp) -> None:
        @app.route(route)
        def named(req: func.HttpRequest) -> str:
            raise NotImplementedError

    trigger = index(declare).functions[0].trigger
    assert isinstance(trigger, HttpTrigger)
    assert trigger.route == "named"


def no_trigger(app: func.FunctionApp) -> None:
    @app.queue_output("out", "q", "AzureWebJobsStorage")
    def f(out: func.Out[str]) -> None: ...


def unbound_parameter(app: func.FunctionApp) -> None:
    @app.route("f")
    def f(req: func.HttpRequest, more: str) -> str:
        raise NotImplementedError


def missing_parameter(app: func.FunctionApp) -> None:
    @app.route("f")
    @app.queue_output("out", "q", "AzureWebJobsStorage")
    def f(req: func.HttpRequest) -> str:
        raise NotImplementedError


def wrong_input_type(app: func.FunctionApp) -> None:
    @app.queue_trigger("msg", "alerts", "AzureWebJobsStorage")
    def f(msg: func.HttpRequest) -> None: ...


def input_as_out(app: func.FunctionApp) -> None:
    @app.queue_trigger("msg", "alerts", "AzureWebJobsStorage")
    def f(msg: func.Out[str]) -> None: ...


def output_without_out(app: func.FunctionApp) -> None:
    @app.route("f")
    @app.queue_output("out", "q", "AzureWebJobsStorage")
    def f(req: func.HttpRequest, out: str) -> str:
        raise NotImplementedError


def builtin_list_output(app: func.FunctionApp) -> None:
    @app.route("f")
    @app.queue_output("out", "q", "AzureWebJobsStorage")
    def f(req: func.HttpRequest, out: func.Out[list[str]]) -> str:
        raise NotImplementedError


def wrong_return_type(app: func.FunctionApp) -> None:
    @app.route("f")
    def f(req: func.HttpRequest) -> int:
        raise NotImplementedError


def wrong_context_type(app: func.FunctionApp) -> None:
    @app.route("f")
    def f(req: func.HttpRequest, context: str) -> str:
        raise NotImplementedError


def wrong_retry(app: func.FunctionApp) -> None:
    @app.queue_trigger("msg", "alerts", "AzureWebJobsStorage")
    @app.retry(strategy="exponential", max_retry_count="3")
    def f(msg: func.QueueMessage) -> None: ...


def unknown_trigger(app: func.FunctionApp) -> None:
    @app.blob_trigger("blob", "container/{name}", "AzureWebJobsStorage")
    def f(blob: func.InputStream) -> None: ...


def wrong_interval(app: func.FunctionApp) -> None:
    @app.cosmos_db_trigger(
        arg_name="documents",
        connection="COSMOS",
        database_name="db",
        container_name="alerts",
        feed_poll_delay=-1,
    )
    def f(documents: func.DocumentList) -> None: ...


@pytest.mark.parametrize(
    ("declare", "parameter", "words"),
    [
        pytest.param(no_trigger, None, "does not have a trigger", id="no trigger"),
        pytest.param(unbound_parameter, "more", "has no binding", id="unbound parameter"),
        pytest.param(missing_parameter, "out", "does not take it", id="missing parameter"),
        pytest.param(wrong_input_type, "msg", "does not give HttpRequest", id="input type"),
        pytest.param(input_as_out, "msg", "its annotation is Out", id="input as Out"),
        pytest.param(output_without_out, "out", "annotate it as", id="output without Out"),
        pytest.param(builtin_list_output, "out", "does not take list", id="Out of builtin list"),
        pytest.param(wrong_return_type, "$return", "does not take int", id="return type"),
        pytest.param(wrong_context_type, "context", "azure.functions.Context", id="context"),
        pytest.param(wrong_retry, None, "exponential_backoff", id="retry spelling"),
        pytest.param(unknown_trigger, "blob", "does not run 'blobTrigger'", id="trigger type"),
        pytest.param(wrong_interval, "documents", "feedPollDelay", id="field of a binding"),
    ],
)
def test_a_fault_names_function_and_parameter_and_the_rest_load(
    declare: Declare, parameter: str | None, words: str
) -> None:
    indexed = index(declare)
    (fault,) = indexed.faults
    assert (fault.function, fault.parameter) == ("f", parameter)
    assert words in str(fault)
    assert [function.name for function in indexed.functions] == ["good"]


def test_of_two_functions_with_one_name_the_first_loads() -> None:
    def declare(app: func.FunctionApp) -> None:
        for route in ("a", "b"):

            @app.function_name("twin")
            @app.route(route)
            def twin(req: func.HttpRequest) -> str:
                raise NotImplementedError

    indexed = index(declare)
    assert [function.name for function in indexed.functions] == ["twin", "good"]
    assert [fault.function for fault in indexed.faults] == ["twin"]


@pytest.fixture
def fresh_app_module() -> Iterator[None]:
    """Leave no trace of the app modules that a test loads."""
    path, module = list(sys.path), sys.modules.pop("function_app", None)
    yield
    sys.path[:] = path
    sys.modules.pop("function_app", None)
    if module is not None:
        sys.modules["function_app"] = module


@pytest.mark.usefixtures("fresh_app_module")
@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param(None, r"has no function_app\.py", id="no file"),
        pytest.param("import nowhere", "No module named 'nowhere'", id="import error"),
        pytest.param("app = 1", "must hold one FunctionApp at its top level, not 0", id="no app"),
        pytest.param(
            """
            import azure.functions as func
            one, two = func.FunctionApp(), func.FunctionApp()
            """,
            "not 2",
            id="two apps",
        ),
    ],
)
def test_an_app_that_cannot_be_loaded(tmp_path: Path, source: str | None, words: str) -> None:
    if source is not None:
        (tmp_path / "function_app.py").write_text(textwrap.dedent(source))
    with pytest.raises(AppError, match=words):
        load_app(tmp_path)
