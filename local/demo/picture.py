"""`python -m local.demo.picture`: play the demo, and draw what it printed as a moving picture.

The picture is an SVG that needs nothing else: each part of the output appears when it was printed,
no sooner than one can read the part before it, and after no long wait; the terminal scrolls as one
does. Where motion is not wanted, the end stands still.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.style import Style
from rich.text import Text

from local.demo.cli import perform
from local.project import ROOT

FILE: Final = ROOT / "docs" / "screenshots" / "demo.svg"
COLUMNS: Final = 100
ROWS: Final = 27
READING_SECONDS: Final = 1.4
WAITING_SECONDS: Final = 2.5
"""The least and the most time between two parts."""
HOLD_SECONDS: Final = 5.0
"""How long the end stands before it begins again."""
_SIZE: Final = 13
_LINE: Final = 19
_CHARACTER: Final = 7.83
_MARGIN: Final = 18
_COLOURS: Final = {1: "#ff7b72", 2: "#7ee787", 3: "#e3b341", 6: "#79c0ff"}
"""What the terminal's red, green, yellow and cyan look like."""
_INK: Final = "#d6dde6"
_DIM: Final = "#8b96a3"


@dataclass(frozen=True, slots=True)
class Part:
    """What was printed at once: when, in seconds from the start, and its lines."""

    at: float
    lines: tuple[Text, ...]


class Recorder(StringIO):
    """A terminal's output with the moment of each write."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._started = clock()
        self.writes: list[tuple[float, str]] = []

    def write(self, text: str, /) -> int:
        """Keep a text and when it came."""
        self.writes.append((self._clock() - self._started, text))
        return len(text)


def parts_of(writes: Sequence[tuple[float, str]], together: float = 0.15) -> list[Part]:
    """The writes as parts: those that came within `together` seconds of one another are one."""
    grouped: list[tuple[float, list[str], float]] = []
    for at, text in writes:
        if grouped and at - grouped[-1][2] < together:
            grouped[-1] = (grouped[-1][0], [*grouped[-1][1], text], at)
        else:
            grouped.append((at, [text], at))
    return [Part(at, _lines("".join(texts))) for at, texts, _ in grouped]


def _lines(text: str) -> tuple[Text, ...]:
    return tuple(Text.from_ansi(line) for line in text.removesuffix("\n").split("\n"))


def paced(parts: Sequence[Part]) -> list[Part]:
    """The parts, each late enough for the one before it to be read, and after no long wait."""
    found: list[Part] = []
    before = at = 0.0
    for part in parts:
        if found:
            at += min(max(part.at - before, READING_SECONDS), WAITING_SECONDS)
        before = part.at
        found.append(Part(at, part.lines))
    return found


def draw(parts: Sequence[Part]) -> str:
    """The picture. `parts` are paced."""
    total = parts[-1].at + HOLD_SECONDS
    width = round(COLUMNS * _CHARACTER + 2 * _MARGIN)
    height = ROWS * _LINE + 2 * _MARGIN
    styles, texts = [], []
    row = 0
    for number, part in enumerate(parts):
        styles.append(_appearing(number, part.at / total * 100, total))
        drawn = "".join(_line(line, row + offset) for offset, line in enumerate(part.lines))
        texts.append(f'<g class="p p{number}">{drawn}</g>')
        row += len(part.lines)
    styles.append(_scrolling(parts, total))
    return _FRAME.format(
        width=width,
        height=height,
        inner=height - 2 * _MARGIN,
        margin=_MARGIN,
        size=_SIZE,
        ink=_INK,
        styles="".join(styles),
        texts="\n".join(texts),
        end=_shift(row),
    )


def _appearing(number: int, percent: float, total: float) -> str:
    if not percent:
        return ""
    return (
        f"@keyframes a{number}{{0%,{percent:.2f}%{{opacity:0}}"
        f"{min(percent + 0.4, 100):.2f}%,100%{{opacity:1}}}}"
        f".p{number}{{animation:a{number} {total:.1f}s infinite}}"
    )


def _scrolling(parts: Sequence[Part], total: float) -> str:
    steps, row, shift = ["0%{transform:translateY(0)}"], 0, 0
    for part in parts:
        row += len(part.lines)
        percent = part.at / total * 100
        if _shift(row) != shift:
            steps.append(f"{percent:.2f}%{{transform:translateY(-{shift}px)}}")
            shift = _shift(row)
            steps.append(f"{percent + 0.8:.2f}%{{transform:translateY(-{shift}px)}}")
    steps.append(f"100%{{transform:translateY(-{shift}px)}}")
    return f"@keyframes s{{{''.join(steps)}}}.s{{animation:s {total:.1f}s infinite}}"


def _shift(rows: int) -> int:
    """How far so many rows scroll up for the last to be seen."""
    return max(0, rows - ROWS) * _LINE


def _line(line: Text, row: int) -> str:
    if not line.plain.strip():
        return ""
    spans = "".join(_span(text, style) for text, style in _runs(line))
    return f'<text y="{row * _LINE + _SIZE}">{spans}</text>'


def _runs(line: Text) -> Iterator[tuple[str, Style]]:
    """The stretches of a line that have one style each."""
    console = Console(width=COLUMNS)
    for segment in line.render(console):
        if segment.text:
            yield segment.text, segment.style or Style.null()


def _span(text: str, style: Style) -> str:
    colour = _COLOURS.get(style.color.number or 0) if style.color else None
    marks = [
        f'fill="{colour or _DIM}"' if colour or style.dim else "",
        'font-weight="700"' if style.bold else "",
    ]
    given = " ".join(filter(None, marks))
    return f"<tspan {given}>{escape(text)}</tspan>" if given else escape(text)


_FRAME: Final = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
role="img" aria-label="The demo in a terminal: alerts go in, and two incidents form">
<style>
text{{font:{size}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}}
text{{fill:{ink};white-space:pre}}
@media (prefers-reduced-motion:no-preference){{{styles}}}
@media (prefers-reduced-motion:reduce){{.s{{transform:translateY(-{end}px)}}}}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#0e1420"/>
<svg x="{margin}" y="{margin}" width="{width}" height="{inner}"><g class="s">
{texts}
</g></svg>
</svg>
"""


def main() -> int:
    """Play, draw, and write the picture."""
    parser = argparse.ArgumentParser(prog="python -m local.demo.picture", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="where to (default %(default)s)")
    out = parser.parse_args().out
    recorder = Recorder(time.monotonic)
    recorder.write("\x1b[1m$ make demo\x1b[0m\n")
    console = Console(
        file=recorder, force_terminal=True, color_system="standard", width=COLUMNS, highlight=False
    )
    code = perform(
        argparse.Namespace(stay=False, http_port=0, queue_port=0, cosmos_port=0), console
    )
    if code:
        print(recorder.writes, file=sys.stderr)
        return code
    out.write_text(draw(paced(parts_of(recorder.writes))), encoding="utf-8")
    print(f"{out}: {out.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
