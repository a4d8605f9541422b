"""The moving picture of the demo: drawn from what was printed, when it was printed."""

import re
from xml.etree import ElementTree as ET

import pytest
from rich.text import Text

from local.demo.picture import FILE, READING_SECONDS, WAITING_SECONDS, Part, draw, paced, parts_of
from local.demo.story import EXPECTED, acts

SVG = "{http://www.w3.org/2000/svg}"


def shown(svg: str) -> str:
    """What a reader sees in the end."""
    root = ET.fromstring(svg)  # noqa: S314 - drawn here
    return "\n".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))


def test_what_is_printed_at_once_appears_at_once() -> None:
    found = parts_of([(0.0, "a\n"), (0.05, "b\n"), (2.0, "\x1b[31mc\x1b[0m\n")])
    assert [(part.at, [line.plain for line in part.lines]) for part in found] == [
        (0.0, ["a", "b"]),
        (2.0, ["c"]),
    ]


@pytest.mark.parametrize(
    ("printed", "gap"),
    [(0.2, READING_SECONDS), (2.0, 2.0), (60.0, WAITING_SECONDS)],
    ids=["too soon to read", "as it was", "a long wait"],
)
def test_the_pace_is_a_readers(printed: float, gap: float) -> None:
    parts = [Part(0.5, (Text("a"),)), Part(0.5 + printed, (Text("b"),))]
    first, second = paced(parts)
    assert first.at == 0
    assert second.at == pytest.approx(gap)


def test_the_picture_is_whole_and_its_text_is_text() -> None:
    svg = draw([Part(0.0, (Text("<a> & b"),)), Part(2.0, (Text.from_ansi("\x1b[1;31mc\x1b[0m"),))])
    assert shown(svg) == "<a> & b\nc"
    assert "prefers-reduced-motion:reduce" in svg
    assert "#ff7b72" in svg


def test_a_long_output_scrolls() -> None:
    lines = tuple(Text(f"line {number}") for number in range(60))
    assert "translateY(-" not in draw([Part(0.0, lines[:10])]).partition("reduce")[0].replace(
        "translateY(-0px)", ""
    )
    assert "translateY(-627px)" in draw([Part(0.0, lines[:10]), Part(2.0, lines[10:])])


def test_the_picture_in_the_documents_is_of_this_demo() -> None:
    svg = FILE.read_text(encoding="utf-8")
    text = shown(svg)
    assert len(svg) < 60_000
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|<script", svg)
    for act in acts(0):
        assert act.heading in text
    for each in EXPECTED:
        assert each.title_words in text.lower()
    assert "✓" in text
