"""Drive azure-functions-runtime without a host: index an app and invoke its functions.

Runs on Python 3.13 with nothing of this project imported but the app itself. Reads one JSON
command a line and answers each with one line:

    {"do": "index"}
    {"do": "invoke", "function": …, "parameter": …, "kind": "string" | "json" | "http",
     "value": …, "metadata": {name: [kind, value]}, "retry": [count, maximum]}

The worker speaks protocol buffers with its host; objects with the same attributes serve as well.
"""

import asyncio
import json
import os
import sys
import uuid
from types import SimpleNamespace
from typing import Any, TextIO

import azure_functions_runtime as worker  # type: ignore[import-not-found]  # Python 3.13 only


class Message:
    """Stands for a protobuf message: keeps what it is made with."""

    #: The constants that the worker asks the message types for.
    Success, Failure = "Success", "Failure"
    undefined, inout, out = 0, 2, 1

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802 - protobuf's name
        """Return the name of the only field that was set."""
        return next(iter(self.__dict__), None)


class Protos:
    """Every message type is the same."""

    def __getattr__(self, _name: str) -> type[Message]:
        return Message


PROTOS = Protos()


def request(**content: Any) -> SimpleNamespace:
    """Wrap a message as the worker expects it."""
    return SimpleNamespace(
        request=SimpleNamespace(**content), properties={"protos": PROTOS, "host": "127.0.0.1"}
    )


async def index(app: str) -> dict[str, Any]:
    """Load the app and describe its functions."""
    worker.start_threadpool_executor()
    init = SimpleNamespace(capabilities={}, function_app_directory=app)
    answer = await worker.worker_init_request(request(worker_init_request=init))
    if answer.result.status != Message.Success:
        return {"error": answer.result.exception.message}
    metadata = await worker.functions_metadata_request(request())
    return {
        "functions": {
            function.name: {
                "bindings": [json.loads(raw) for raw in function.raw_bindings],
                "retry": describe_retry(function.retry_options),
                "id": function.function_id,
            }
            for function in metadata.function_metadata_results
        }
    }


def describe_retry(options: Any) -> dict[str, Any] | None:
    """Return a retry policy with its times in seconds."""
    if options is None:
        return None
    return {
        name: value.total_seconds() if hasattr(value, "total_seconds") else value
        for name, value in vars(options).items()
    }


def typed(kind: str, value: Any) -> Message:
    """Return data as the host would send it."""
    if kind != "http":
        return Message(**{kind: value})
    fields = {name: value[name] for name in ("method", "url", "headers", "query", "params")}
    return Message(http=Message(**fields, body=Message(bytes=value["body"].encode())))


async def invoke(functions: dict[str, Any], command: dict[str, Any]) -> dict[str, Any]:
    """Invoke a function once."""
    function_id = functions[command["function"]]["id"]
    load = SimpleNamespace(function_id=function_id)
    await worker.function_load_request(request(function_load_request=load))
    count, maximum = command.get("retry", (0, 0))
    invocation = SimpleNamespace(
        invocation_id=str(uuid.uuid4()),
        function_id=function_id,
        input_data=[Message(data=typed(command["kind"], command["value"]))],
        trigger_metadata={name: typed(*pair) for name, pair in command.get("metadata", {}).items()},
        trace_context=SimpleNamespace(trace_parent="", trace_state="", attributes={}),
        retry_context=SimpleNamespace(retry_count=count, max_retry_count=maximum, exception=None),
    )
    invocation.input_data[0].__dict__["name"] = command["parameter"]
    answer = await worker.invocation_request(request(invocation_request=invocation))
    if answer.result.status != Message.Success:
        return {"error": answer.result.exception.message}
    return {
        "outputs": {
            binding.name: next(iter(vars(binding.data).values())) for binding in answer.output_data
        },
        "response": describe_response(answer.return_value),
    }


def describe_response(value: Any) -> dict[str, Any] | None:
    """Return an HTTP response with its header names in lower case."""
    http = getattr(value, "http", None)
    if http is None:
        return None
    return {
        "status": int(http.status_code),
        "headers": {name.lower(): text for name, text in http.headers.items()},
        "body": http.body.bytes.decode(errors="replace"),
    }


async def serve(app: str, replies: TextIO) -> None:
    """Answer commands until the input ends."""
    loop = asyncio.get_running_loop()
    functions: dict[str, Any] = {}
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        if command["do"] == "index":
            answer = await index(app)
            functions = answer.get("functions", {})
        else:
            answer = await invoke(functions, command)
        replies.write(json.dumps(answer) + "\n")
        replies.flush()


def main(app: str) -> None:
    """Serve on standard input and output; what the app prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr
    sys.path.insert(0, app)
    asyncio.run(serve(app, replies))
    worker.stop_threadpool_executor()


if __name__ == "__main__":
    main(sys.argv[1])
