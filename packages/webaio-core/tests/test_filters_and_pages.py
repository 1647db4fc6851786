import datetime
import itertools
import math
from typing import Annotated, Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from pytest_aiohttp import AiohttpClient

from webaio.decorators import operation
from webaio.exceptions import ImproperlyConfigured, NotFound
from webaio.filters import Condition, Filters, FilterSet, Order
from webaio.middlewares import api_exception_handler
from webaio.pagination import Keyset, LimitOffset, Page, PageNumber, Paging, paginate
from webaio.results import Answer
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet


class Artist(Struct):
    id: int
    name: str
    born: datetime.date | None = None


def artist(id: int, name: str, year: int | None = None) -> Artist:
    return Artist(id, name, None if year is None else datetime.date(year, 1, 1))


ARTISTS = [artist(1, "Ada", 1900), artist(2, "Ömer"), artist(3, "Zed", 1901), artist(4, "Ada")]
FILTERS = FilterSet(
    Artist,
    filters={
        "id": ["in", "ne"],
        "name": ["eq", "contains", "startswith"],
        "born": ["gt", "gte", "lt", "lte", "null"],
    },
    ordering=["name", "born"],
    search=["name"],
    default_ordering=["-id"],
)


class ArtistViewSet(BaseViewSet):
    @operation(headers={"Link": str})
    async def list(
        self,
        filters: Annotated[Filters, FILTERS],
        paging: Annotated[Paging, Keyset(3)],
    ) -> Answer[Page[Artist]]:
        return paging.answer(self.request, paginate(ARTISTS, paging, filters))


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Any:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    return await aiohttp_client(app)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [4, 3, 2]),
        ("limit=1", [4]),
        ("id.in=1,3,9", [3, 1]),
        ("id.ne=4", [3, 2, 1]),
        ("name=Ada", [4, 1]),
        ("name.contains=D", [4, 3, 1]),
        ("name.startswith=ö", [2]),
        ("search=ADA", [4, 1]),
        ("search=", [4, 3, 2]),
        ("born.gt=1900-01-01", [3]),
        ("born.gte=1900-01-01", [3, 1]),
        ("born.lt=1901-01-01", [1]),
        ("born.lte=1901-01-01", [3, 1]),
        ("born.null=true", [4, 2]),
        ("order=name", [1, 4, 3]),
        ("order=-name,born", [2, 3, 1]),
        ("order=born", [1, 3, 2]),
        ("order=-born", [4, 2, 3]),
        ("order=-born,born,-born", [4, 2, 3]),
    ],
)
async def test_list_of_python(client: Any, query: str, ids: list[int]) -> None:
    page = await (await client.get(f"/artist/?{query}")).json()
    assert [each["id"] for each in page["items"]] == ids


async def test_next(client: Any) -> None:
    response = await client.get("/artist/?order=-name&limit=2&count=true")
    page = await response.json()
    assert page["total"] == 4
    link = f'</artist/?order=-name&limit=2&count=true&cursor={page["next"]}>; rel="next"'
    assert response.headers["Link"] == link
    last = await client.get(link.partition(">")[0][1:])
    assert "Link" not in last.headers
    page = await last.json()
    assert ([each["id"] for each in page["items"]], page["next"]) == ([4, 1], None)


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("x=1&limit=0", ["/x", "/limit"]),
        ("id=1", ["/id"]),
        ("id.in=1,x", ["/id.in"]),
        ("id.in=" + ",".join("1" * 101), ["/id.in"]),
        ("name=a&name=b", ["/name"]),
        ("born.gt=x", ["/born.gt"]),
        ("born.null=x", ["/born.null"]),
        ("order=id", ["/order"]),
        ("order=", ["/order"]),
        ("order=name,", ["/order"]),
        ("order=" + ",".join(["name"] * 101), ["/order"]),
        ("count=x", ["/count"]),
    ],
)
async def test_faults(client: Any, query: str, faults: list[str]) -> None:
    response = await client.get(f"/artist/?{query}")
    problem = await response.json()
    assert response.status == 422, problem
    assert [each["pointer"] for each in problem["errors"]] == faults


@pytest.mark.parametrize(
    ("cursor", "status"),
    [
        *(("x", 404), ("W10", 404), ("WzFd", 404), ("bnVsbA", 404), ("a" * 6000, 404)),
        *(("é", 422), ("W10=", 422), ("a b", 422), ("a" * 6001, 422)),
    ],
)
async def test_no_cursor(client: Any, cursor: str, status: int) -> None:
    response = await client.get("/artist/", params={"cursor": cursor})
    assert response.status == status


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"filters": {"x": ["eq"]}}, "no field 'x'"),
        ({"filters": {"id": ["like"]}}, "'like' is no lookup"),
        ({"filters": {"id": ["contains"]}}, "'id' is no text"),
        ({"ordering": ["x"]}, "no field 'x'"),
        ({"default_ordering": ["-x"]}, "no field 'x'"),
        ({"search": ["born"]}, "'born' is no text"),
    ],
)
def test_refused_filters(words: Any, message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        FilterSet(Artist, **words)


@pytest.mark.parametrize("sizes", [(0, 10), (11, 10), (-1, 10)])
def test_refused_sizes(sizes: tuple[int, int]) -> None:
    with pytest.raises(ImproperlyConfigured):
        LimitOffset(*sizes)


_ARTISTS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([None, 1900, 1901])), max_size=12
)
_ORDERS = st.lists(
    st.tuples(st.sampled_from(["id", "name", "born"]), st.booleans()),
    max_size=3,
    unique_by=lambda each: each[0],
)


def _pages(artists: list[Artist], filters: Filters, size: int, key: Any) -> list[list[int]]:
    """Read all pages, as a client does."""
    found: list[list[int]] = []
    paging = Paging(size, key)
    for _ in range(len(artists) + 2):
        page = paginate(artists, paging, filters)
        found.append([each.id for each in page.items])
        if page.next is None:
            return found
        if key == "cursor":
            paging = Paging(size, key, cursor=page.next)
        else:
            offset = int(page.next) if key == "offset" else (int(page.next) - 1) * size
            paging = Paging(size, key, offset)
    raise AssertionError("the pages have no end")


@given(artists=_ARTISTS, orders=_ORDERS, size=st.integers(1, 5), data=st.data())
def test_pages_are_the_list(artists: Any, orders: Any, size: int, data: st.DataObject) -> None:
    """Together they are the list in its order, each but the last full, whatever the pagination."""
    made = [artist(id, *each) for id, each in enumerate(artists)]
    filters = Filters(ordering=tuple(Order(*each) for each in orders))
    expected = made
    for name, is_descending in reversed([*orders, ("id", bool(orders) and orders[-1][1])]):
        nulls = [each for each in expected if getattr(each, name) is None]
        rest = [each for each in expected if getattr(each, name) is not None]
        rest = sorted(rest, key=lambda each: getattr(each, name), reverse=is_descending)
        expected = [*nulls, *rest] if is_descending else [*rest, *nulls]
    key = data.draw(st.sampled_from(["cursor", "offset", "page"]))
    pages = _pages(data.draw(st.permutations(made)) if orders else made, filters, size, key)
    assert [*itertools.chain(*pages)] == [each.id for each in expected]
    assert all(len(each) == size for each in pages[:-1])


@given(artists=_ARTISTS.filter(bool), size=st.integers(1, 3), data=st.data())
def test_what_stays_is_told_once(artists: Any, size: int, data: st.DataObject) -> None:
    """Between pages others come and go: by cursor no item that stays is lost or doubled."""
    made = [artist(id, *each) for id, each in enumerate(artists)]
    filters = Filters(ordering=(Order("born", data.draw(st.booleans())), Order("name")))
    first = paginate(made, Paging(size, "cursor"), filters)
    gone = data.draw(st.sets(st.sampled_from([each.id for each in made])))
    others = [artist(100 + id, *each) for id, each in enumerate(data.draw(_ARTISTS))]
    later = [each for each in made if each.id not in gone] + others
    told = [each.id for each in first.items]
    cursor = first.next
    while cursor is not None:
        page = paginate(later, Paging(size, "cursor", cursor=cursor), filters)
        told += [each.id for each in page.items]
        cursor = page.next
    stays = {each.id for each in made} - gone
    assert len(told) == len({*told})
    assert stays <= {*told}


@pytest.mark.parametrize("is_descending", [False, True])
def test_pages_of_what_json_has_no_number_for(is_descending: bool) -> None:
    """NaN comes after all numbers, and before null."""
    values = [1.5, math.nan, None, math.inf, -math.inf, math.nan]
    rows: list[dict[str, Any]] = [{"id": id, "value": each} for id, each in enumerate(values)]
    filters, told = Filters(ordering=(Order("value", is_descending),)), list[int]()
    cursor: Any = ""
    while cursor is not None:
        page = paginate(rows, Paging(1, "cursor", cursor=cursor or None), filters)
        told += [each["id"] for each in page.items]
        cursor = page.next
    assert told == ([2, 5, 1, 3, 0, 4] if is_descending else [4, 0, 3, 1, 5, 2])


def test_cursor_of_another_order() -> None:
    cursor = paginate(ARTISTS, Paging(1, "cursor"), Filters(ordering=(Order("name"),))).next
    others = [
        Filters(),
        Filters(ordering=(Order("name", True),)),
        Filters((Condition("id", "ne", 9),), (Order("name"),)),
        Filters(ordering=(Order("name"),), search="a"),
    ]
    for filters in others:
        with pytest.raises(NotFound):
            paginate(ARTISTS, Paging(1, "cursor", cursor=cursor), filters)


@pytest.mark.parametrize("pagination", [Keyset, LimitOffset, PageNumber])
async def test_alone(aiohttp_client: AiohttpClient, pagination: Any) -> None:
    """Without filters, whatever else is in the query is passed by, as it is by other parameters."""

    class ViewSet(BaseViewSet):
        async def list(self, paging: Annotated[Paging, pagination(2)]) -> Page[Artist]:
            return paginate(ARTISTS, paging)

    router = SimpleRouter()
    router.register(ViewSet, basename="artist")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    page = await (await client.get("/artist/?x=1")).json()
    assert [each["id"] for each in page["items"]] == [1, 2]
    query = {pagination.key: page["next"]}
    page = await (await client.get("/artist/", params=query)).json()
    assert [each["id"] for each in page["items"]] == [3, 4]
    assert page["next"] is None
