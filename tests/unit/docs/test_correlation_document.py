"""`docs/correlation.md`: each invariant and each bound names a test that exists."""

import pytest

from tests.unit.docs.named_tests import NAMED, ROOT, assert_test_exists, cited_tests, document

TEXT = document("correlation.md")


@pytest.mark.parametrize(("file", "test"), cited_tests(TEXT))
def test_a_named_test_exists(file: str, test: str) -> None:
    assert_test_exists(file, test)


def rows(head: str) -> list[str]:
    """The rows of the table that starts with this head."""
    assert head in TEXT, head
    return TEXT.partition(head)[2].partition("\n")[2].split("\n\n")[0].splitlines()


@pytest.mark.parametrize(
    "head", ["| invariant | test |\n", "| document | bounded by | figure | test |\n"]
)
def test_every_row_names_a_test(head: str) -> None:
    found = rows(head)
    assert len(found) > 5
    for row in found:
        assert NAMED.search(row.rsplit(" | ", 1)[1]), row


def test_the_modules_that_it_names_exist() -> None:
    names = {word for word in TEXT.split("`") if word.endswith(".py") and "/" not in word}
    assert names
    assert not [name for name in names if not (ROOT / "correlate" / name).exists()]
