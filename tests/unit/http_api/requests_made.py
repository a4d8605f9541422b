"""Requests as tests write them."""

from collections.abc import Mapping

from http_api.requests import Request, read_request


def request_for(
    path: str = "/api/incidents",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    values: Mapping[str, str] | None = None,
) -> Request:
    """A request for a path with its query; `values` are those that the route binds."""
    url = f"https://alerts.example{path}"
    return read_request(method, url, values or {}, headers or {}, body)
