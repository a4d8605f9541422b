import subprocess
import sys

import pytest

from ingest_alert.errors import AlertError
from ingest_alert.reading import read_message
from ingest_alert.registry import SOURCES, parse_alert
from tests.unit.ingest import sampling


@pytest.mark.parametrize("name", sampling.NAMES)
def test_a_payload_is_recognised_as_one_format(name: str) -> None:
    for payload in read_message(sampling.body(name)):
        assert isinstance(payload, dict)
        recognised = [source.name for source in SOURCES if source.recognise(payload)]
        assert recognised == [parse_alert(payload).source]


def test_every_format_has_a_sample() -> None:
    sampled = {alert.source for name in sampling.NAMES for alert in sampling.alerts(name)}
    assert sampled == {source.name for source in SOURCES}


@pytest.mark.parametrize("payload", [None, 1, "text", [], True])
def test_what_is_no_object_is_refused(payload: object) -> None:
    with pytest.raises(AlertError, match="an alert is a JSON object") as caught:
        parse_alert(payload)
    assert (caught.value.source, caught.value.reason) == ("", "unknown")


def test_what_no_format_recognises_names_the_fields_that_it_has() -> None:
    with pytest.raises(AlertError, match="no known format has these fields: 'colour', 'size'"):
        parse_alert({"colour": 1, "size": 2})


def test_the_parsers_can_be_used_without_azures_libraries() -> None:
    program = (
        "import sys, ingest_alert.reading, ingest_alert.registry\n"
        "sys.exit(any(name.partition('.')[0] == 'azure' for name in sys.modules))"
    )
    # S603: the program is ours, and run by this same interpreter.
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603
