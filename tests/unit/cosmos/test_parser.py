import pytest

from local.cosmos.errors import CosmosError
from local.cosmos.sql.ast import (
    Binary,
    InList,
    Literal,
    Logical,
    Member,
    Name,
    Param,
    Query,
    Source,
)
from local.cosmos.sql.parser import alternatives, parse
from local.cosmos.sql.render import render_query
from local.cosmos.sql.values import UNDEFINED

C = Name("c")


def where(text: str) -> object:
    query = f"SELECT * FROM c WHERE {text}"  # noqa: S608 - a query of Cosmos DB
    return parse(query).where


def test_keywords_may_be_in_any_case() -> None:
    assert parse("sElEcT * fRoM c") == parse("SELECT * FROM c")


def test_comments_are_skipped() -> None:
    assert parse("SELECT * -- all\nFROM /* the */ c") == parse("SELECT * FROM c")


@pytest.mark.parametrize("name", ["value", "order", "group", "top", "select", "from", "in"])
def test_a_keyword_is_a_property_name_after_a_dot(name: str) -> None:
    assert where(f"c.{name}") == Member(C, Literal(name))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1", 1, id="integer"),
        pytest.param("1.5e3", 1500.0, id="float"),
        pytest.param("-2", -2, id="negative"),
        pytest.param("0xff", 255, id="hexadecimal"),
        pytest.param("'it\\'s'", "it's", id="escaped quote"),
        pytest.param('"a\\u00e9\\n"', "aé\n", id="escaped letters"),
        pytest.param("null", None, id="null"),
        pytest.param("TRUE", True, id="true"),
        pytest.param("undefined", UNDEFINED, id="undefined"),
    ],
)
def test_literals(text: str, value: object) -> None:
    assert where(text) == Literal(value)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        pytest.param("a OR b AND d", "a OR (b AND d)", id="AND before OR"),
        pytest.param("NOT a AND b", "(NOT a) AND b", id="NOT before AND"),
        pytest.param("NOT a = 1", "NOT (a = 1)", id="comparison before NOT"),
        pytest.param("a + b * d", "a + (b * d)", id="product before sum"),
        pytest.param("a - b - d", "(a - b) - d", id="left to right"),
        pytest.param("a & b = d", "(a & b) = d", id="bits before comparison"),
        pytest.param("a ? b : d ?? e", "a ? b : (d ?? e)", id="?? before ?:"),
        pytest.param("a BETWEEN 1 AND 2 AND b", "(a BETWEEN 1 AND 2) AND b", id="BETWEEN's AND"),
        pytest.param("a <> 1", "a != 1", id="two spellings of unequal"),
        pytest.param("a NOT IN (1)", "NOT (a IN (1))", id="NOT IN"),
        pytest.param("a NOT LIKE 'x'", "NOT (a LIKE 'x')", id="NOT LIKE"),
    ],
)
def test_precedence(text: str, same: str) -> None:
    assert where(text) == where(same)


def test_a_bracket_and_a_dot_name_the_same_property() -> None:
    assert where("c['a'][\"b\"]") == where("c.a.b")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param("FROM c", Source(C, "c", iterate=False), id="name"),
        pytest.param("FROM root AS r", Source(Name("root"), "r", iterate=False), id="alias"),
        pytest.param("FROM root r", Source(Name("root"), "r", iterate=False), id="bare alias"),
        pytest.param(
            "FROM c.list", Source(Member(C, Literal("list")), "list", iterate=False), id="path"
        ),
        pytest.param(
            "FROM t IN c.tags", Source(Member(C, Literal("tags")), "t", iterate=True), id="iterate"
        ),
    ],
)
def test_sources(text: str, source: Source) -> None:
    assert parse(f"SELECT * {text}").sources == (source,)


def test_columns_without_an_alias_are_named_by_path_or_number() -> None:
    query = parse("SELECT c.a, c['b'], 1, c.a + 1, COUNT(1) AS n FROM c")
    assert [item.name for item in query.items] == ["a", "b", "$1", "$2", "n"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT",
        "SELECT * FROM",
        "SELECT * FROM c WHERE",
        "SELECT * FROM c ORDER BY",
        "SELECT * FROM c OFFSET 1",
        "SELECT * FROM c WHERE c.a = 'open",
        "SELECT c.a c.b FROM c",
        "DELETE FROM c",
    ],
)
def test_a_syntax_error_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(CosmosError, match=r"Syntax error .* line \d+, column \d+") as refusal:
        parse(text)
    assert refusal.value.status == 400


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(CosmosError, match="more than once"):
        parse("SELECT c.a, c.b AS a FROM c")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM c",
        "SELECT DISTINCT TOP 5 c.a AS x, c['b c'] FROM c WHERE c.a > @p ORDER BY c.a DESC",
        "SELECT VALUE {'a': [c.x, 1], b: -c.y} FROM root r JOIN t IN r.tags OFFSET 1 LIMIT 2",
        "SELECT c.k, COUNT(1) AS n FROM c GROUP BY c.k",
        "SELECT * FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.l WHERE t IN ('a', 2))",
        "SELECT ARRAY(SELECT * FROM x IN c.l) AS l, (SELECT VALUE 1) AS o FROM c",
        "SELECT * FROM c WHERE c.a LIKE 'x!%%' ESCAPE '!' AND NOT (c.b BETWEEN 1 AND 2)",
        "SELECT VALUE c.a ?? (c.b ? null : undefined) FROM (SELECT * FROM x IN c.y) AS c",
    ],
)
def test_a_tree_rendered_to_text_parses_to_the_same_tree(text: str) -> None:
    tree = parse(text)
    assert parse(render_query(tree)) == tree


def many(count: int) -> str:
    alike = " OR ".join(f"( c.id = @id{n} AND c.pk = @pk{n} )" for n in range(count))
    return f"SELECT * FROM c WHERE ( {alike} )"  # noqa: S608 - a query of Cosmos DB


def test_many_alike_alternatives_are_read_as_a_shape_and_names() -> None:
    first, names = alternatives(many(2)) or ("", [])
    assert first == "SELECT * FROM c WHERE ( c.id = @id0 AND c.pk = @pk0 )"
    assert names == [["@id0", "@pk0"], ["@id1", "@pk1"]]


def test_many_alike_alternatives_give_the_tree_of_the_whole_text() -> None:
    def pair(number: int) -> Logical:
        return Logical(
            "AND",
            (
                Binary("=", Member(C, Literal("id")), Param(f"@id{number}")),
                Binary("=", Member(C, Literal("pk")), Param(f"@pk{number}")),
            ),
        )

    assert parse(many(3)).where == Logical("OR", (pair(0), pair(1), pair(2)))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT * FROM c WHERE ( ( c.a = @a ) OR ( c.b = @b ) )", id="other shapes"),
        pytest.param("SELECT * FROM c WHERE ( ( c.a = @a ) )", id="one alternative"),
        pytest.param("SELECT * FROM c WHERE c.id IN ( @a, @b )", id="a list"),
    ],
)
def test_other_conditions_go_the_usual_way(text: str) -> None:
    assert alternatives(text) is None
    assert isinstance(parse(text), Query)


def test_an_empty_list_is_a_list() -> None:
    assert where("c.a IN ()") == InList(Member(C, Literal("a")), ())
