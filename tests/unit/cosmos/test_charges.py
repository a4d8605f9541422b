"""What requests cost: sizes, index terms, and what a query loads to find its answer."""

from typing import Any

import pytest

from local.cosmos.charges import WRITE_BASE, WRITE_PER_TERM
from local.cosmos.messages import Response
from tests.unit.cosmos.emulated import ITEMS, Emulated, header, key_of

NOTHING: dict[str, Any] = {"includedPaths": [], "excludedPaths": [{"path": "/*"}]}


def indexing(*paths: str, orders: tuple[tuple[str, ...], ...] = ()) -> dict[str, Any]:
    """A policy that indexes these paths, and orders ascending."""
    return {
        "includedPaths": [{"path": path} for path in paths],
        "excludedPaths": [{"path": "/*"}],
        "compositeIndexes": [[{"path": path} for path in order] for order in orders],
    }


def emulated(policy: dict[str, Any], path: str = "/pk") -> Emulated:
    made = Emulated()
    made.container(path, indexingPolicy=policy)
    return made


def units(response: Response) -> float:
    assert response.status < 300, response.body
    return response.charge


ITEM: dict[str, Any] = {"id": "1", "pk": "a", "n": 1, "tags": ["x", "y"], "deep": {"er": {"v": 1}}}


@pytest.mark.parametrize(
    ("policy", "terms"),
    [
        pytest.param(NOTHING, 1, id="id alone"),
        pytest.param(indexing("/n/?"), 2, id="one path"),
        pytest.param(indexing("/tags/[]/?"), 3, id="each element of an array"),
        pytest.param(indexing("/deep/*"), 2, id="all below a path"),
        pytest.param(indexing("/n/?", orders=(("/n", "/id"),)), 3, id="composite"),
        pytest.param(indexing("/absent/?"), 1, id="path that the item lacks"),
        pytest.param({}, 6, id="everything, by default"),
        pytest.param({"indexingMode": "none"}, 0, id="no index at all"),
    ],
)
def test_a_write_pays_for_each_index_term(policy: dict[str, Any], terms: int) -> None:
    made = units(emulated(policy).create(ITEM))
    assert made == pytest.approx(WRITE_BASE + WRITE_PER_TERM * terms)


def test_a_large_item_costs_more_to_write() -> None:
    store = emulated(NOTHING)
    small = units(store.create(ITEM))
    large = units(store.create({**ITEM, "id": "2", "text": "x" * 100 * 1024}))
    assert large / small == pytest.approx(10, rel=0.1)


def changed(store: Emulated, how: str) -> Response:
    """Change the item's `n`."""
    document = {**ITEM, "n": 2}
    patch = {"operations": [{"op": "set", "path": "/n", "value": 2}]}
    match how:
        case "replace":
            return store.ask("PUT", f"{ITEMS}/docs/1", document, key_of(ITEM))
        case "upsert":
            return store.upsert(document)
        case _:
            return store.ask("PATCH", f"{ITEMS}/docs/1", patch, key_of(ITEM))


@pytest.mark.parametrize("how", ["replace", "upsert", "patch"])
def test_to_change_an_item_is_about_twice_as_dear_as_to_create_it(how: str) -> None:
    store = emulated(indexing("/n/?"))
    create = units(store.create(ITEM))
    assert units(changed(store, how)) / create == pytest.approx(2, rel=0.1)


def test_a_change_pays_only_for_the_terms_that_change() -> None:
    store = emulated(indexing("/n/?", "/tags/[]/?"))
    store.create(ITEM)
    one = units(changed(store, "replace"))
    two = units(store.upsert({**ITEM, "n": 3, "tags": ["x", "z"]}))
    assert one == pytest.approx(2 * WRITE_BASE + 2 * WRITE_PER_TERM)
    assert two == pytest.approx(2 * WRITE_BASE + 4 * WRITE_PER_TERM)


def test_a_batch_costs_what_its_operations_cost() -> None:
    store = emulated(indexing("/n/?"))
    alone = units(store.create(ITEM)) + units(changed(store, "replace"))
    operations = [
        {"operationType": "Create", "resourceBody": {**ITEM, "id": "2"}},
        {"operationType": "Upsert", "resourceBody": {**ITEM, "id": "2", "n": 2}},
    ]
    headers = {**key_of(ITEM), "x-ms-cosmos-is-batch-request": "True"}
    batch = store.ask("POST", f"{ITEMS}/docs", operations, headers)
    assert units(batch) == pytest.approx(alone)


PARTITIONS, EACH = 20, 5


def filled(policy: dict[str, Any], path: str = "/pk") -> Emulated:
    """Twenty logical partitions of five items; each has a `head` and items that are a `member`."""
    store = emulated(policy, path)
    store.fill(
        {
            "id": "head" if n == 0 else f"i{n}",
            "pk": f"p{part}",
            "type": "head" if n == 0 else "member",
            "n": n,
        }
        for part in range(PARTITIONS)
        for n in range(EACH)
    )
    return store


def loaded(store: Emulated, text: str, **headers: str) -> int:
    """How many documents a query in the partition `p3` loads."""
    metrics = {"x-ms-documentdb-populatequerymetrics": "True"}
    reply = store.query(text, None, **key_of({"pk": "p3"}), **metrics, **headers)
    units(reply)
    found = header(reply, "x-ms-documentdb-query-metrics") or ""
    return int(dict(part.split("=") for part in found.split(";"))["retrievedDocumentCount"])


KEYED = indexing("/pk/?", "/type/?", "/n/?")
UNKEYED = indexing("/type/?", "/n/?")


@pytest.mark.parametrize(
    ("text", "keyed", "unkeyed"),
    [
        pytest.param("SELECT * FROM c", EACH, PARTITIONS * EACH, id="whole partition"),
        pytest.param(
            "SELECT * FROM c WHERE c.type = 'member'",
            EACH - 1,
            PARTITIONS * (EACH - 1),
            id="value that is equal in all partitions",
        ),
        pytest.param(
            "SELECT * FROM c WHERE c.id = 'head'", 1, PARTITIONS, id="id equal in all partitions"
        ),
        pytest.param(
            "SELECT * FROM c WHERE c.pk = 'p3' AND c.n = 2", 1, PARTITIONS, id="key in the filter"
        ),
        pytest.param("SELECT * FROM c WHERE c.id = 'none'", 0, 0, id="id that no partition has"),
    ],
)
def test_without_an_index_on_the_key_every_partition_is_searched(
    text: str, keyed: int, unkeyed: int
) -> None:
    assert loaded(filled(KEYED), text) == keyed
    assert loaded(filled(UNKEYED), text) == unkeyed


def test_a_key_that_is_the_id_needs_no_index_of_its_own() -> None:
    store = emulated(NOTHING, "/id")
    store.fill({"id": f"i{n}", "pk": f"i{n}"} for n in range(10))
    metrics = {"x-ms-documentdb-populatequerymetrics": "True"}
    reply = store.query("SELECT * FROM c", None, **key_of({"pk": "i3"}), **metrics)
    assert "retrievedDocumentCount=1;" in (header(reply, "x-ms-documentdb-query-metrics") or "")


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        pytest.param("SELECT * FROM c WHERE c.n = 1", EACH, id="nothing that an index serves"),
        pytest.param("SELECT * FROM c WHERE c.type = 'head' AND c.n = 1", 1, id="one of two"),
        pytest.param("SELECT * FROM c WHERE c.type = 'head' OR c.n = 1", EACH, id="either"),
        pytest.param("SELECT * FROM c WHERE NOT (c.n = 1)", EACH, id="negated"),
        pytest.param("SELECT VALUE COUNT(1) FROM c WHERE c.n = 1", EACH, id="counted"),
        pytest.param("SELECT VALUE COUNT(1) FROM c WHERE c.type = 'head'", 0, id="by the index"),
    ],
)
def test_what_has_no_index_is_loaded_to_be_looked_at(text: str, documents: int) -> None:
    assert loaded(filled(indexing("/pk/?", "/type/?")), text) == documents


def test_a_page_pays_for_its_share() -> None:
    store = filled(indexing("/pk/?"))
    half = "SELECT * FROM c WHERE c.n IN (0, 1, 2, 3)"
    assert loaded(store, half, **{"x-ms-max-item-count": "2"}) in (2, 3, 4)
    assert loaded(store, half) == EACH


def test_array_elements_are_served_by_their_index() -> None:
    store = emulated(indexing("/pk/?", "/tags/[]/?"))
    store.fill({"id": f"i{n}", "pk": "p3", "tags": ["a" if n else "b"]} for n in range(4))
    assert loaded(store, "SELECT * FROM c WHERE ARRAY_CONTAINS(c.tags, 'b')") == 1


def test_a_query_that_loads_more_costs_more() -> None:
    text = "SELECT * FROM c WHERE c.type = 'member'"
    keyed = units(filled(KEYED).query(text, None, **key_of({"pk": "p3"})))
    unkeyed = units(filled(UNKEYED).query(text, None, **key_of({"pk": "p3"})))
    assert unkeyed > 2 * keyed
