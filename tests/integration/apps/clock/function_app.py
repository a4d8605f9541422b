"""A test app with two timers: one fires every second, the other every midnight.

GET /seen gives what each was told, firing by firing.
"""

import json
from collections import defaultdict
from typing import Any

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

SEEN: dict[str, list[dict[str, Any]]] = defaultdict(list)


@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
async def tick(timer: func.TimerRequest) -> None:
    """Record a firing, and fail: that changes nothing about the schedule."""
    _record("tick", timer)
    raise ValueError("told to fail")


@app.timer_trigger(arg_name="timer", schedule="0 0 0 * * *")
async def midnight(timer: func.TimerRequest) -> None:
    """Record a firing."""
    _record("midnight", timer)


@app.route("seen", methods=["GET"])
async def seen(req: func.HttpRequest) -> func.HttpResponse:
    """Give the record."""
    return func.HttpResponse(json.dumps(SEEN if req.method == "GET" else {}))


def _record(name: str, timer: func.TimerRequest) -> None:
    SEEN[name].append({"pastDue": timer.past_due, "status": timer.schedule_status})  # type: ignore[attr-defined]  # not in their ABC
