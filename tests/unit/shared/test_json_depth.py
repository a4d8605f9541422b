import json

import pytest

from shared.json_depth import MOST_LEVELS, is_too_deep

MOST = MOST_LEVELS
FLAT = [{"a": [1], "b": {"c": "[[[{{{"}}] * 200


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("[" * MOST + "]" * MOST, id="arrays as deep as may be"),
        pytest.param('{"a":' * MOST + "1" + "}" * MOST, id="objects as deep as may be"),
        pytest.param(json.dumps(FLAT), id="much that is not deep"),
        pytest.param("\n".join(map(json.dumps, FLAT)), id="lines that are not deep"),
        pytest.param(json.dumps("[" * 900 + '\\"' + "[" * 900), id="brackets in a text"),
    ],
)
def test_what_may_be_read(text: str) -> None:
    assert not is_too_deep(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * (MOST + 1) + "]" * (MOST + 1), id="one level more"),
        pytest.param('[{"a":' * 150 + "1" + "}]" * 150, id="arrays and objects"),
        pytest.param("[" * 100_000, id="never closed"),
        pytest.param('{"a":' * 24_000 + "]" * 24_000, id="closed by the wrong bracket"),
        pytest.param(json.dumps(FLAT)[:-1] + "," + "[" * 300 + "]" * 300, id="after much else"),
    ],
)
def test_what_is_too_deep_to_be_read(text: str) -> None:
    assert is_too_deep(text)


@pytest.mark.timeout(2)
@pytest.mark.parametrize("piece", ['"', '\\"', '"\\', "[]", "[", "{}", "x", '"['])
def test_no_text_takes_long(piece: str) -> None:
    is_too_deep(piece * (1_000_000 // len(piece)))
