"""The built-in functions, by examples."""

from typing import Any

import pytest

from local.cosmos.sql.prepared import prepare


def value(expression: str) -> Any:
    """The value of a constant expression; `...` when it is undefined."""
    results = prepare(f"SELECT VALUE {expression}").program.run((), {})
    return results[0] if results else ...


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IS_DEFINED(undefined)", False),
        ("IS_NULL(null)", True),
        ("IS_BOOL(false)", True),
        ("IS_NUMBER(true)", False),
        ("IS_STRING('')", True),
        ("IS_ARRAY([])", True),
        ("IS_OBJECT({})", True),
        ("IS_PRIMITIVE([])", False),
        ("IS_INTEGER(2.0)", True),
        ("IS_INTEGER(2.5)", False),
        ("ToString(1.5)", "1.5"),
        ("ToString(undefined)", ...),
        ("StringToNumber(' 12 ')", 12),
        ("StringToNumber('x')", ...),
        ("StringToBoolean('true')", True),
        ("StringToNull('null')", None),
        ("StringToArray('[1]')", [1]),
        ("StringToObject('[1]')", ...),
        ("IIF(1 = 1, 'y', 'n')", "y"),
        ("IIF('x', 'y', 'n')", "n"),
    ],
)
def test_types(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CONTAINS('abc', 'B')", False),
        ("CONTAINS('abc', 'B', true)", True),
        ("CONTAINS('abc', 1)", ...),
        ("STARTSWITH('abc', 'ab')", True),
        ("ENDSWITH('abc', 'C', true)", True),
        ("STRINGEQUALS('a', 'A', true)", True),
        ("RegexMatch('Abc', '^a', 'i')", True),
        ("RegexMatch('a', '(')", ...),
        ("LOWER('ÄB')", "äb"),
        ("UPPER('ab')", "AB"),
        ("UPPER(1)", ...),
        ("LENGTH('abc')", 3),
        ("LTRIM('  a ')", "a "),
        ("RTRIM(' a  ')", " a"),
        ("TRIM(' a ')", "a"),
        ("REVERSE('abc')", "cba"),
        ("REPLACE('aba', 'a', 'x')", "xbx"),
        ("REPLICATE('ab', 2)", "abab"),
        ("REPLICATE('ab', 1.5)", ...),
        ("CONCAT('a', 'b', 'c')", "abc"),
        ("CONCAT('a', 1)", ...),
        ("SUBSTRING('abcdef', 1, 2)", "bc"),
        ("INDEX_OF('abcb', 'b', 2)", 3),
        ("INDEX_OF('abc', 'x')", -1),
        ("LEFT('abc', 2)", "ab"),
        ("RIGHT('abc', 2)", "bc"),
        ("RIGHT('abc', 0)", ""),
        ("StringJoin(['a', 'b'], '-')", "a-b"),
        ("StringSplit('a-b', '-')", ["a", "b"]),
    ],
)
def test_strings(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ABS(-2)", 2),
        ("CEILING(1.2)", 2),
        ("FLOOR(-1.2)", -2),
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ROUND(2.345, 2)", 2.35),
        ("TRUNC(-1.9)", -1),
        ("SIGN(-3)", -1),
        ("SQRT(9)", 3),
        ("SQRT(-1)", ...),
        ("SQUARE(3)", 9),
        ("POWER(2, 10)", 1024),
        ("LOG10(100)", 2),
        ("LOG(8, 2)", 3),
        ("EXP('1')", ...),
        ("1 / 0", ...),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("-7 % 3", -1),
        ("5 & 3", 1),
        ("5 | 3", 7),
        ("5 ^ 3", 6),
        ("1 << 3", 8),
        ("-1 >>> 28", 15),
        ("~0", -1),
        ("NumberBin(17, 5)", 15),
        ("IntDiv(-7, 2)", -3),
        ("IntMod(-7, 2)", -1),
        ("IntBitXor(6, 3)", 5),
        ("IntAdd(1.5, 1)", ...),
    ],
)
def test_numbers(expression: str, expected: Any) -> None:
    assert value(expression) == pytest.approx(expected) if expected is not ... else ...


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ARRAY_CONTAINS([1, 2], 2)", True),
        ("ARRAY_CONTAINS([1], true)", False),
        ("ARRAY_CONTAINS('x', 1)", ...),
        ("ARRAY_CONTAINS([{'a': 1, 'b': 2}], {'a': 1})", False),
        ("ARRAY_CONTAINS([{'a': 1, 'b': 2}], {'a': 1}, true)", True),
        ("ARRAY_CONTAINS([{'a': {'x': 1, 'y': 2}}], {'a': {'y': 2}}, true)", True),
        ("ARRAY_CONTAINS_ANY([1, 2], 3, 2)", True),
        ("ARRAY_CONTAINS_ALL([1, 2], 3, 2)", False),
        ("ARRAY_LENGTH([1, 2])", 2),
        ("ARRAY_LENGTH('ab')", ...),
        ("ARRAY_SLICE([1, 2, 3, 4], 1, 2)", [2, 3]),
        ("ARRAY_SLICE([1, 2, 3], -2)", [2, 3]),
        ("ARRAY_CONCAT([1], [2], [3])", [1, 2, 3]),
        ("SetIntersect([1, 2, 2], [2, 3])", [2]),
        ("SetUnion([1, 2], [2, 3])", [1, 2, 3]),
        ("ObjectToArray({'a': 1})", [{"k": "a", "v": 1}]),
        ("CHOOSE(2, 'a', 'b')", "b"),
        ("CHOOSE(3, 'a', 'b')", ...),
    ],
)
def test_arrays_and_objects(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("DateTimeAdd('month', 1, '2020-01-31T00:00:00Z')", "2020-02-29T00:00:00.0000000Z"),
        ("DateTimeAdd('hh', -1, '2020-01-01T00:30:00.5Z')", "2019-12-31T23:30:00.5000000Z"),
        ("DateTimeAdd('moon', 1, '2020-01-01')", ...),
        ("DateTimeDiff('day', '2020-01-01T23:00:00Z', '2020-01-02T01:00:00Z')", 1),
        ("DateTimeDiff('year', '2019-12-31', '2020-01-01')", 1),
        ("DateTimePart('month', '2020-03-04T05:06:07Z')", 3),
        ("DateTimePart('ms', '2020-03-04T05:06:07.1234567Z')", 123),
        ("DateTimeBin('2020-03-04T05:06:07Z', 'hh', 2)", "2020-03-04T04:00:00.0000000Z"),
        ("DateTimeFromParts(2020, 2, 3)", "2020-02-03T00:00:00.0000000Z"),
        ("DateTimeFromParts(2020, 2, 30)", ...),
        ("DateTimeToTicks('1970-01-01T00:00:01Z')", 10_000_000),
        ("DateTimeToTimestamp('1970-01-01T00:00:01.5Z')", 1500),
        ("TicksToDateTime(10000000)", "1970-01-01T00:00:01.0000000Z"),
        ("TimestampToDateTime(1500)", "1970-01-01T00:00:01.5000000Z"),
        ("DateTimeToTicks('yesterday')", ...),
    ],
)
def test_times(expression: str, expected: Any) -> None:
    assert value(expression) == expected


def test_the_current_time_has_the_form_of_the_others() -> None:
    assert value("DateTimeToTicks(GetCurrentDateTime()) > 0") is True
    assert value("GetCurrentTimestamp() * 10000 <= GetCurrentTicks()") is True
