"""`.funcignore`, as Core Tools read it."""

from pathlib import PurePosixPath

import pytest

from local.package.ignoring import Ignored, PatternError


@pytest.mark.parametrize(
    ("pattern", "path", "left_out"),
    [
        pytest.param("tests", "tests/unit/test_it.py", True, id="a folder"),
        pytest.param("tests", "http_api/tests", True, id="a name at any depth"),
        pytest.param("tests", "contests/a.py", False, id="not a part of a name"),
        pytest.param("tests/", "tests/a.py", True, id="a slash at the end"),
        pytest.param("/docs", "http_api/docs", False, id="a slash at the start: at the root only"),
        pytest.param("a/b.txt", "a/b.txt", True, id="a path"),
        pytest.param("a/b.txt", "c/a/b.txt", False, id="a path is from the root"),
        pytest.param("*.md", "http_api/page/notes.md", True, id="an ending"),
        pytest.param("a/*.md", "a/b/c.md", False, id="a star stops at a slash"),
        pytest.param(".*", "http_api/.gitignore", True, id="hidden files"),
        pytest.param(".*", "host.json", False, id="a dot is no wildcard"),
        pytest.param("?.py", "a.py", True, id="one character"),
        pytest.param("?.py", "ab.py", False, id="one character only"),
        pytest.param("# tests", "tests", False, id="a comment"),
        pytest.param("", "local.settings.json", True, id="secrets, whatever the file says"),
    ],
)
def test_what_a_pattern_leaves_out(pattern: str, path: str, left_out: bool) -> None:
    assert Ignored.read(f"\n{pattern}\n").covers(PurePosixPath(path).parts) is left_out


@pytest.mark.parametrize("pattern", ["!keep", "**/x", "[ab].py", r"\#a"])
def test_a_pattern_that_is_not_read_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError, match="is not read here"):
        Ignored.read(pattern)
