"""Access keys: which opens what, and that they are kept."""

from pathlib import Path

import pytest

from local.host.http.keys import AuthLevel, HostKeys, presented_key

KEYS = HostKeys("master", "host", {"f": "of-f", "g": "of-g"})


@pytest.mark.parametrize(
    ("level", "opening"),
    [
        pytest.param(
            "ANONYMOUS", {None, "wrong", "of-f", "of-g", "host", "master"}, id="anonymous"
        ),
        pytest.param("FUNCTION", {"of-f", "host", "master"}, id="function"),
        pytest.param("ADMIN", {"master"}, id="admin"),
    ],
)
def test_which_keys_open_a_function(level: AuthLevel, opening: set[str | None]) -> None:
    keys = [None, "wrong", "of-f", "of-g", "host", "master"]
    assert {key for key in keys if KEYS.allow(key, level, "f")} == opening


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        pytest.param({"x-functions-key": "a"}, {"code": "b"}, "a", id="the header comes first"),
        pytest.param({}, {"code": "b"}, "b", id="then the parameter"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_which_key_a_request_carries(
    headers: dict[str, str], query: dict[str, str], key: str | None
) -> None:
    assert presented_key(headers, query) == key


def test_keys_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "host" / "keys.json"
    first, made = HostKeys.open(path, ["f"])
    again, made_again = HostKeys.open(path, ["f"])
    assert (made, made_again) == (True, False)
    assert again == first
    assert path.stat().st_mode & 0o077 == 0


def test_a_new_function_gets_a_key_and_the_others_keep_theirs(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before, _ = HostKeys.open(path, ["f"])
    after, made = HostKeys.open(path, ["f", "g"])
    assert made
    assert (after.master, after.functions["f"]) == (before.master, before.functions["f"])
    assert after.functions["g"] not in {before.master, before.host, before.functions["f"]}
