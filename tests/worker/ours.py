"""Answer the driver's commands with this project's host; beside them, convert HTTP requests.

    {"do": "convert", "method": …, "path": …, "headers": {…}, "body": …}

is routed and converted by the host; the answer is the command that invokes the function with it.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from azure.functions.meta import Datum

from local.host.bindings import QueueOutput
from local.host.context import Retry
from local.host.functions import IndexedFunction
from local.host.http.messages import Request, Response, read_request, response_from
from local.host.http.site import route_table
from local.host.indexing import index_app, load_app
from local.host.invocation import Invoker, TriggerData


class Outputs:
    """Keeps what would be sent to queues, by parameter."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def send(self, binding: QueueOutput, datum: Datum) -> None:
        """Keep it."""
        self.values[binding.name] = datum.value


class Ours:
    """The app, indexed and ready to be invoked."""

    def __init__(self, app: Path) -> None:
        self.index = index_app(load_app(app))
        self.functions = {function.name: function for function in self.index.functions}
        self.outputs = Outputs()
        self.invoker = Invoker(self.outputs)
        self.routes, _ = route_table(self.index.functions, "")

    def describe(self) -> dict[str, Any]:
        """Describe the functions as the driver does."""
        if self.index.faults:
            return {"error": "; ".join(map(str, self.index.faults))}
        return {
            "functions": {
                name: {"bindings": function.config["bindings"], "retry": _retry(function)}
                for name, function in self.functions.items()
            }
        }

    async def invoke(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke a function once."""
        metadata = {
            name: Datum(value, kind) for name, (kind, value) in command.get("metadata", {}).items()
        }
        datum = Datum(command["value"], command["kind"])
        if command["kind"] == "http":
            datum = _http_datum(command["value"])
        data = TriggerData(datum, metadata, "a comparison")
        retry = Retry(*command["retry"]) if "retry" in command else None
        return await self._run(self.functions[command["function"]], data, retry)

    async def convert(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Route and convert a request; return the command that invokes its function."""
        request = await _request(command)
        found = self.routes.find(request.method, request.raw_path)
        if found is None:
            return {"error": f"no route for {request.method} {request.raw_path}"}
        target, values = found
        return {
            "do": "invoke",
            "function": target.function.name,
            "parameter": target.trigger.name,
            "kind": "http",
            "value": {
                "method": request.method,
                "url": request.url,
                "headers": dict(request.headers),
                "query": dict(request.query),
                "params": values,
                "body": request.body.decode(),
            },
        }

    async def _run(
        self, function: IndexedFunction, data: TriggerData, retry: Retry | None
    ) -> dict[str, Any]:
        self.outputs.values = {}
        outcome = await self.invoker.invoke(function, data, retry)
        if outcome.error is not None:
            return {"error": f"{type(outcome.error).__name__}: {outcome.error}"}
        response = response_from(outcome.response) if outcome.response else None
        return {"outputs": self.outputs.values, "response": _described(response)}


def _http_datum(value: Mapping[str, Any]) -> Datum:
    return Request(
        method=value["method"],
        raw_path="",
        url=value["url"],
        headers=value["headers"],
        query=value["query"],
        body=value["body"].encode(),
    ).datum(value["params"])


async def _request(command: Mapping[str, Any]) -> Request:
    path, _, query = command["path"].partition("?")
    body = (command.get("body") or "").encode()
    headers = {"host": "localhost", **command.get("headers", {})}
    if body:
        headers["content-length"] = str(len(body))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    scope = {
        "type": "http",
        "scheme": "http",
        "method": command["method"],
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    return await read_request(scope, receive)


def _retry(function: IndexedFunction) -> dict[str, Any] | None:
    policy = function.retry
    if policy is None:
        return None
    described = {"max_retry_count": policy.max_retry_count}
    if policy.fixed:
        times = {"delay_interval": policy.minimum.total_seconds()}
    else:
        times = {
            "minimum_interval": policy.minimum.total_seconds(),
            "maximum_interval": policy.maximum.total_seconds(),
        }
    strategy = "fixed_delay" if policy.fixed else "exponential_backoff"
    return {**described, **times, "retry_strategy": strategy}


def _described(response: Response | None) -> dict[str, Any] | None:
    if response is None:
        return None
    return {
        "status": response.status,
        "headers": {name.lower(): value for name, value in response.headers},
        "body": response.body.decode(errors="replace"),
    }


async def _serve(ours: Ours, replies: TextIO) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        match command["do"]:
            case "index":
                answer = ours.describe()
            case "invoke":
                answer = await ours.invoke(command)
            case _:
                answer = await ours.convert(command)
        replies.write(json.dumps(answer) + "\n")
        replies.flush()


def main(app: Path) -> None:
    """Serve on standard input and output; what the app prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr
    asyncio.run(_serve(Ours(app), replies))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
