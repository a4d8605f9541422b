"""A test app in which a message `stuck` never ends, and others take a second.

GET /seen gives the bodies that were done with since the process began, with when it did.
"""

import asyncio
import json
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

BEGAN = time.monotonic_ns()
DONE: list[str] = []


@app.queue_trigger("msg", "%STUCK_QUEUE%", "AzureWebJobsStorage")
async def work(msg: func.QueueMessage) -> None:
    """Do nothing for a second, or for ever."""
    body = msg.get_body().decode()
    await asyncio.sleep(3600 if body == "stuck" else 1)
    DONE.append(f"{body} {msg.dequeue_count}")


@app.route("seen", methods=["GET"])
async def seen(req: func.HttpRequest) -> func.HttpResponse:
    """Give the record."""
    record = {"began": BEGAN, "done": DONE} if req.method == "GET" else {}
    return func.HttpResponse(json.dumps(record))
