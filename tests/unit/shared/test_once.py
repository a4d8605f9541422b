"""Something that is opened by whoever needs it first, and by nobody twice."""

import asyncio

import pytest

from correlate.services import process_services as of_the_engine
from http_api.services import process_services as of_the_api
from ingest_alert.bootstrap import process_services as of_the_queue
from shared.once import Once
from shared.store import process


async def test_callers_at_the_same_time_share_one_opening() -> None:
    opened: list[object] = []

    async def opening() -> object:
        await asyncio.sleep(0)
        opened.append(object())
        return opened[-1]

    once = Once(opening)
    found = await asyncio.gather(*(once() for _ in range(5)))
    assert len(opened) == 1
    assert set(found) == {opened[0]}


async def test_an_opening_that_fails_is_tried_anew_by_the_next_caller() -> None:
    faults = [OSError("down")]

    async def opening() -> str:
        if faults:
            raise faults.pop()
        return "open"

    once = Once(opening)
    with pytest.raises(OSError, match="down"):
        await once()
    assert await once() == "open"


@pytest.mark.parametrize(
    "services",
    [
        pytest.param(of_the_queue, id="ingest_alert"),
        pytest.param(of_the_engine, id="correlate"),
        pytest.param(of_the_api, id="http_api"),
    ],
)
async def test_every_function_works_on_the_one_database_of_the_process(
    services: Once[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening the services asks for that database, and for no other."""

    async def refuse() -> None:
        raise OSError("the process's database")

    monkeypatch.setenv("COSMOS", "AccountEndpoint=https://localhost:1;AccountKey=a2V5;")
    monkeypatch.setattr(process.process_database, "_opening", refuse)
    with pytest.raises(OSError, match="the process's database"):
        await services()
