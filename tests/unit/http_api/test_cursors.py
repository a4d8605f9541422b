"""Cursors: opaque, bound to their question, and not to be forged."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from http_api.cursors import Cursors, cursor_key
from http_api.problems import Problem

QUESTION = ["incidents", {"severity": "High"}]
CURSORS = Cursors(cursor_key("", "AccountKey=one"))


def test_a_cursor_gives_back_its_place() -> None:
    cursor = CURSORS.write(QUESTION, ["2026-11-24T08:00:00.000Z", "i-1"])
    assert CURSORS.read(QUESTION, cursor) == ["2026-11-24T08:00:00.000Z", "i-1"]


def test_a_cursor_fits_in_a_url_as_it_is() -> None:
    cursor = CURSORS.write(QUESTION, ["ÿ" * 50, "i"])
    assert cursor.replace("-", "").replace("_", "").isalnum()


def changed(cursor: str, at: int) -> str:
    return cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("!!!", id="no base64"),
        pytest.param("é", id="no ASCII"),
        pytest.param("A" * 3_000, id="far too long"),
        pytest.param(base64.urlsafe_b64encode(b'["x",["a","b"]]').decode(), id="unsigned"),
        pytest.param(Cursors(b"another key").write(QUESTION, ["a", "b"]), id="of another key"),
    ],
)
def test_what_this_service_has_not_given_is_refused(cursor: str) -> None:
    with pytest.raises(Problem) as caught:
        CURSORS.read(QUESTION, cursor)
    assert caught.value.status == 400
    assert caught.value.errors[0].field == "cursor"


@given(st.data())
def test_no_changed_character_goes_unnoticed(data: st.DataObject) -> None:
    cursor = CURSORS.write(QUESTION, ["2026-11-24T08:00:00.000Z", "i-12"])
    forged = changed(cursor, data.draw(st.integers(0, len(cursor) - 2)))
    with pytest.raises(Problem):
        CURSORS.read(QUESTION, forged)


def test_a_cursor_belongs_to_its_question() -> None:
    cursor = CURSORS.write(QUESTION, ["a", "b"])
    with pytest.raises(Problem, match="other filters"):
        CURSORS.read(["incidents", {"severity": "Low"}], cursor)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(("k", "c"), ("k", "d"), True, id="the setting decides"),
        pytest.param(("", "c"), ("", "c"), True, id="derived from the connection"),
        pytest.param(("", "c"), ("", "d"), False, id="another connection"),
        pytest.param(("k", "c"), ("l", "c"), False, id="another setting"),
    ],
)
def test_the_key_of_cursors(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    assert (cursor_key(*one) == cursor_key(*other)) is same
