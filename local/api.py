"""A small client of the app's own API, for the local commands."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, Final

TIMEOUT_SECONDS: Final = 30


class Api:
    """Reads from the app at a base address such as `http://127.0.0.1:7071`, with a key or none."""

    def __init__(self, base: str, key: str = "") -> None:
        self._base = base
        self._headers = {"Accept": "application/json"} | ({"x-functions-key": key} if key else {})

    def get(self, path: str) -> Any:
        """The JSON that a GET answers. Raises OSError when there is no answer or not a 200."""
        url = path if path.startswith("http") else f"{self._base}{path}"
        request = urllib.request.Request(url, headers=self._headers)  # noqa: S310 - the caller's address
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the caller's address
            return json.load(answer)

    def all(self, path: str) -> Iterator[Any]:
        """Every item of a list, page after page."""
        link: str | None = path
        while link:
            page = self.get(link)
            yield from page["value"]
            link = page.get("nextLink")
