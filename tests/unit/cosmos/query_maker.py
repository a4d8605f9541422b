"""Random documents and queries over them, for holding SQLite's answers against Python's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

MISSING = object()
VALUES = [None, True, False, 0, 1, 2, 2.5, -1, "a", "b", "ab", "", "é", "B", [1], ["a"], {"x": 1}]
LITERALS = ["null", "true", "false", "0", "1", "2.5", "-1", "'a'", "'ab'", "''", "'é'", "@p"]
PATHS = ["c.a", "c.b", "c.c", "c.id", "c.pk", "c.a.x", "c.a[0]"]
COMPARE = ["=", "!=", "<", "<=", ">", ">="]
TYPES = ["DEFINED", "NULL", "STRING", "NUMBER", "BOOL", "ARRAY", "OBJECT", "PRIMITIVE"]
KEYS = ["p", "q", 1, None]
SELECTS = [
    "*",
    "VALUE c.id",
    "c.id, c.a",
    "VALUE c.a",
    "VALUE COUNT(1)",
    "VALUE COUNT(c.a)",
    "TOP 7 *",
]
COMPOSITES = [
    [{"path": f"/{first}", "order": one}, {"path": f"/{second}", "order": two}]
    for first in "abc"
    for second in ("a", "b", "c", "id")
    if first != second
    for one in ("ascending", "descending")
    for two in ("ascending", "descending")
]


def document(rng: random.Random, number: int) -> dict[str, Any]:
    """A document whose properties are of any type, or missing."""
    made: dict[str, Any] = {"id": f"i{number}", "pk": rng.choice(KEYS)}
    for name in "abc":
        value = rng.choice([*VALUES, MISSING])
        if value is not MISSING:
            made[name] = value
    made["tags"] = rng.sample(["a", "b", 1, 2], rng.randint(0, 3))
    return made


def query(rng: random.Random) -> str:
    """A query with a random condition, and maybe an order and bounds."""
    select = rng.choice(SELECTS)
    text = f"SELECT {select} FROM c WHERE {_condition(rng, 0)}"  # noqa: S608 - a query of Cosmos DB
    if "COUNT" in select:
        return text
    text += rng.choice(["", "", _order(rng)])
    return text if "TOP" in select else text + rng.choice(["", "", " OFFSET 3 LIMIT 5"])


def _order(rng: random.Random) -> str:
    first, second = rng.sample(["a", "b", "c"], 2)
    keys = [f"c.{first}{rng.choice(['', ' DESC'])}"]
    if rng.random() < 0.5:
        keys.append(f"c.{rng.choice([second, 'id'])}{rng.choice(['', ' DESC'])}")
    return " ORDER BY " + ", ".join(keys)


def _condition(rng: random.Random, depth: int) -> str:
    choice = rng.randint(0, 5)
    if depth > 2 or choice < 2:
        return _atom(rng)
    if choice == 2:
        return f"NOT ({_condition(rng, depth + 1)})"
    parts = [_condition(rng, depth + 1) for _ in range(rng.randint(2, 3))]
    return "(" + rng.choice([" AND ", " OR "]).join(parts) + ")"


def _atom(rng: random.Random) -> str:
    path, literal = rng.choice(PATHS), rng.choice(LITERALS)
    others = [rng.choice(LITERALS) for _ in range(2)]
    negation = rng.choice(["", "NOT "])
    return rng.choice(
        [
            f"{path} {rng.choice(COMPARE)} {literal}",
            f"{path} {rng.choice(COMPARE)} {literal}",
            f"{literal} {rng.choice(COMPARE)} {path}",
            f"{path} {negation}IN ({literal}, {others[0]}, {others[1]})",
            f"{path} {negation}BETWEEN {literal} AND {others[0]}",
            f"IS_{rng.choice(TYPES)}({path}){rng.choice(['', ' = false', ' != true'])}",
            f"STARTSWITH({path}, {rng.choice(['0', literal])}{rng.choice(['', ', true'])})",
            f"CONTAINS({path}, {literal})",
            f"ARRAY_CONTAINS(c.tags, {literal})",
            f"{path} LIKE {rng.choice(LIKE)}",
            f"(c.a ?? c.b) = {literal}",
            f"LOWER({path}) = 'a'",
            path,
        ]
    )


LIKE = ["'a%'", "'%b%'", "'i_'", "'%'", "'i1%'"]
