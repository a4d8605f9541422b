import pytest

from shared.severity import Severity, parse_severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("High", Severity.High),
        (" informational ", Severity.Informational),
        ("INFO", Severity.Informational),
        ("warning", Severity.Low),
        ("moderate", Severity.Medium),
        ("fatal", Severity.Critical),
        ("urgent", None),
        ("", None),
    ],
)
def test_words_are_mapped_onto_the_scale(word: str, severity: Severity | None) -> None:
    assert parse_severity(word) == severity


def test_worse_is_greater() -> None:
    assert sorted(Severity) == [
        Severity.Informational,
        Severity.Low,
        Severity.Medium,
        Severity.High,
        Severity.Critical,
    ]
