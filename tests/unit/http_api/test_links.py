"""Links to the next page: on which host they lead, and what they leave out."""

import pytest

from http_api.paging import next_link
from http_api.settings import read_api_settings
from shared.settings import SettingError
from tests.unit.http_api.requests_made import request_for

REQUEST = request_for("/api/alerts?limit=5&code=secret&cursor=old&q=a%20b")


def test_a_link_keeps_the_query_and_leaves_keys_and_the_old_cursor_out() -> None:
    link = next_link(REQUEST, "", "new")
    assert link == "https://alerts.example/api/alerts?limit=5&q=a+b&cursor=new"


def test_a_link_begins_with_the_configured_origin_whatever_the_host_header_says() -> None:
    link = next_link(REQUEST, "https://soc.example:8443", "new")
    assert link.startswith("https://soc.example:8443/api/alerts?")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("", ""),
        ("https://soc.example", "https://soc.example"),
        (" https://soc.example/ ", "https://soc.example"),
        ("http://localhost:7071", "http://localhost:7071"),
    ],
)
def test_an_origin_is_read(text: str, origin: str) -> None:
    assert read_api_settings({"PUBLIC_URL": text}).origin == origin


@pytest.mark.parametrize(
    "text",
    ["soc.example", "ftp://soc.example", "https://", "https://a/b", "https://a?b", "https://u@a"],
)
def test_what_is_no_origin_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingError, match="PUBLIC_URL"):
        read_api_settings({"PUBLIC_URL": text})
