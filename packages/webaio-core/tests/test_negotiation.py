"""Representations: which one a request gets, and that all say the same."""

import csv
import enum
import io
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec
import pydantic
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from webaio.authentication import BaseAuthentication, Identity
from webaio.conditions import idempotent
from webaio.cors import setup as setup_cors
from webaio.decorators import action, operation
from webaio.exceptions import ImproperlyConfigured, NotAcceptable, NotFound
from webaio.middlewares import api_exception_handler
from webaio.openapi import document_of
from webaio.openapi import setup as setup_openapi
from webaio.pagination import LimitOffset, Paging, paginate
from webaio.pagination._page import Page
from webaio.pagination._pydantic_page import Page as PydanticPage
from webaio.permissions import IsAuthenticated
from webaio.renderers import CSV, JSON, BaseRenderer, MessagePack
from webaio.renderers._accept import chooser_of
from webaio.results import Answer, Created
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import ModelViewSet
from webaio.sqlalchemy import setup as setup_sqlalchemy
from webaio.viewsets import BaseViewSet

Connect = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]

TEXT_CSV = "text/csv"
MSGPACK = "application/vnd.msgpack"
JSON_TYPE = "application/json"
OFFERED = [JSON_TYPE, TEXT_CSV, MSGPACK]
ALL = (JSON(), CSV(), MessagePack())


class Artist(Struct):
    id: int
    name: str
    born: int | None = None


class Secret(Artist):
    password: str = "hidden"


Artists = list[Artist]
CHARLY = Artist(7, "Charly")


class ArtistViewSet(BaseViewSet):
    renderers = {"list": ALL, "*": (JSON(), MessagePack())}
    made: ClassVar[list[Artist]] = []

    async def list(self) -> Artists:
        return [CHARLY, Secret(8, "Nina", 1933)]

    async def create(self, body: Artist) -> Artist:
        self.made.append(body)
        return body

    async def detail(self, id: int) -> Artist | None:
        if id == 0:
            raise NotFound
        return None if id == 1 else Artist(id, "Charly")

    @action(detail=True)
    async def answered(self, id: int) -> Answer[Artist]:
        return Answer(CHARLY)

    @action(detail=False)
    async def plain(self, request: web.Request) -> web.Response:
        return web.Response(text="mine")


def choice(accept: str | Sequence[str]) -> str | None:
    headers = [("Accept", each) for each in ([accept] if isinstance(accept, str) else accept)]
    request = make_mocked_request("GET", "/", headers=web.Response(headers=headers).headers)
    try:
        return OFFERED[chooser_of(OFFERED)(request)]
    except NotAcceptable:
        return None


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], JSON_TYPE),
        ("", JSON_TYPE),
        ("*/*", JSON_TYPE),
        (TEXT_CSV, TEXT_CSV),
        ("TEXT/CSV", TEXT_CSV),
        ("text/*", TEXT_CSV),
        ("application/*", JSON_TYPE),
        (MSGPACK, MSGPACK),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", JSON_TYPE),
        ("application/json;q=0.5, text/csv", TEXT_CSV),
        ("text/csv;q=0.5,application/json;q=0.5", JSON_TYPE),
        ("*/*;q=0.5, text/csv;q=0.4", JSON_TYPE),
        ("application/json;q=0.1, */*;q=0.5", TEXT_CSV),
        ("application/json;q=0, application/*;q=0.2, text/csv;q=0.1", MSGPACK),
        ("*/*, application/json;q=0, text/csv;q=0", MSGPACK),
        ("text/csv;q=0.001, image/png", TEXT_CSV),
        ([TEXT_CSV, "application/json;q=0.1"], TEXT_CSV),
        ("text/csv ; q=0.4 , application/json ; q=0.3", TEXT_CSV),
        ("text/csv;q=1.000, application/json;q=0.999", TEXT_CSV),
        ("text/csv;header=absent, application/json;q=0.5", TEXT_CSV),
        ("text/csv;header=absent, text/csv;q=0.3, application/json;q=0.5", JSON_TYPE),
        ("application/json; charset=utf-8", JSON_TYPE),
        ("text/csv;Q=0.1, application/json;q=0.2", JSON_TYPE),
        # What is malformed counts for nothing.
        ("*; q=.2, */*; q=.2", JSON_TYPE),
        ("text/csv;q=2, application/vnd.msgpack;q=0.1", MSGPACK),
        ("text/csv;q=, application/vnd.msgpack;q=0.1", MSGPACK),
        ("text/csv;q=-1, application/vnd.msgpack", MSGPACK),
        ("nonsense", JSON_TYPE),
        ("*/csv", JSON_TYPE),
        (", ,", JSON_TYPE),
        # Nothing fits.
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/*;q=0, text/csv;q=0.0, image/*", None),
    ],
)
def test_choice(accept: str | Sequence[str], chosen: str | None) -> None:
    """The closest range says the weight, the highest wins, and the server's order where equal."""
    assert choice(accept) == chosen


@given(st.text(st.characters(max_codepoint=255)))
def test_any_header_is_read(accept: str) -> None:
    """No header is an error of the server."""
    assert choice(accept) in (*OFFERED, None)


WEIGHTS = st.sampled_from([0, 0.001, 0.2, 0.5, 0.999, 1])


@given(st.lists(st.tuples(st.sampled_from([*OFFERED, "text/*", "*/*"]), WEIGHTS), min_size=1))
def test_choice_is_of_the_best(sent: list[tuple[str, float]]) -> None:
    """Nothing that is offered is wanted more than what is chosen, and nothing unwanted is sent."""
    sent = [*dict(sent).items()]
    wanted = dict(sent)

    def weight(media_type: str) -> float:
        kind = f"{media_type.partition('/')[0]}/*"
        return wanted.get(media_type, wanted.get(kind, wanted.get("*/*", 0)))

    chosen = choice(", ".join(f"{name};q={each}" for name, each in sent))
    if chosen is None:
        assert not any(map(weight, OFFERED))
    else:
        assert weight(chosen) == max(map(weight, OFFERED)) > 0


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        (
            JSON_TYPE,
            JSON_TYPE,
            b'[{"id":7,"name":"Charly","born":null},{"id":8,"name":"Nina","born":1933}]',
        ),
        (TEXT_CSV, "text/csv; charset=utf-8", b"id,name,born\r\n7,Charly,\r\n8,Nina,1933\r\n"),
        (
            MSGPACK,
            MSGPACK,
            msgspec.msgpack.encode([CHARLY, Artist(8, "Nina", 1933)]),
        ),
    ],
)
async def test_representations(
    connect: Connect, accept: str, content_type: str, body: bytes
) -> None:
    """Each has its media type and what is declared, without what a subclass adds; HEAD no body."""
    client = await connect(ArtistViewSet)
    response = await client.get("/artist/", headers={"Accept": accept})
    assert (response.status, await response.read()) == (200, body)
    assert response.headers["Content-Type"] == content_type
    assert response.headers["Vary"] == "Accept"
    head = await client.head("/artist/", headers={"Accept": accept})
    assert (head.headers["Content-Type"], await head.read()) == (content_type, b"")
    assert head.headers["Content-Length"] == str(len(body))


async def test_not_acceptable(connect: Connect) -> None:
    """Nothing is done for who takes none of them, and he is told what there is."""
    client = await connect(ArtistViewSet)
    ArtistViewSet.made.clear()
    headers = {"Accept": "text/csv"}
    response = await client.post("/artist/", json={"id": 1, "name": "x"}, headers=headers)
    assert response.content_type == "application/problem+json"
    assert response.headers["Vary"] == "Accept"
    assert await response.json() == {
        "type": "about:blank",
        "title": "Not Acceptable",
        "status": 406,
        "detail": "Accept one of application/json, application/vnd.msgpack.",
        "code": "not_acceptable",
        "instance": "/artist/",
    }
    assert ArtistViewSet.made == []
    assert (await client.post("/artist/", json={"id": 1, "name": "x"})).status == 201
    assert ArtistViewSet.made == [Artist(1, "x")]


async def test_hook_that_asks_for_another(connect: Connect) -> None:
    """A hook may set a request that accepts something else; nothing is done where that is nothing."""

    class Viewed(ArtistViewSet):
        async def before(self) -> None:
            headers = {"Accept": self.request.query["format"], "Content-Type": JSON_TYPE}
            self.request = self.request.clone(headers=headers)

    client = await connect(Viewed)
    response = await client.get("/artist/?format=text/csv")
    assert response.content_type == TEXT_CSV
    Viewed.made.clear()
    response = await client.post("/artist/?format=text/csv", json={"id": 1, "name": "x"})
    assert (response.status, Viewed.made) == (406, [])


@pytest.mark.parametrize("middlewares", [[], [api_exception_handler]])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/artist/0/", 404), ("GET", "/artist/x/", 404), ("POST", "/artist/", 400)],
)
async def test_errors(
    connect: Connect, middlewares: list[Any], method: str, path: str, status: int
) -> None:
    """Errors stay problems, and caches are told of Accept."""
    client = await connect(ArtistViewSet, middlewares=middlewares)
    headers = {"Accept": MSGPACK, "Content-Type": JSON_TYPE}
    response = await client.request(method, path, headers=headers)
    assert (response.status, response.content_type) == (status, "application/problem+json")
    assert response.headers["Vary"] == "Accept"


async def test_what_has_no_representation(connect: Connect) -> None:
    """No content has no media type; a response of one's own is as it is, and nobody negotiates."""
    client = await connect(ArtistViewSet)
    empty = await client.get("/artist/1/", headers={"Accept": MSGPACK})
    assert (empty.status, await empty.read(), empty.headers["Vary"]) == (204, b"", "Accept")
    own = await client.get("/artist/plain/", headers={"Accept": "image/png"})
    assert (await own.text(), "Vary" in own.headers) == ("mine", False)


async def test_one_is_not_negotiated(connect: Connect) -> None:
    """Where there is one, it is given to everybody."""

    class Exported(BaseViewSet):
        async def list(self) -> Artists:
            return [CHARLY]

        @action(detail=False, renderers=(CSV(),))
        async def export(self) -> Artists:
            return [CHARLY]

    client = await connect(Exported)
    for path, media_type in (("/artist/", JSON_TYPE), ("/artist/export/", TEXT_CSV)):
        response = await client.get(path, headers={"Accept": "image/png"})
        assert (response.status, response.content_type) == (200, media_type)
        assert "Vary" not in response.headers


class Genre(enum.Enum):
    JAZZ = "jazz"
    SOUL = "soul"


class Track(Struct, rename="camel", tag=True, tag_field="kind"):
    track_id: int
    long_name: str
    genre: Genre | None = None
    price: Decimal = Decimal("-1.50")
    is_live: bool = False
    length: float = 1.5
    at: datetime | None = None
    cover: bytes = b""
    note: str | msgspec.UnsetType = msgspec.UNSET


@dataclass
class Sung:
    id: int
    name: str | None = None


class Sold(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)

    number: int = pydantic.Field(serialization_alias="soldNumber")
    at: datetime

    @pydantic.computed_field
    def twice(self) -> int:
        return 2 * self.number


NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MODELS: list[tuple[Any, Any]] = [
    (
        list[Track],
        [Track(1, "So, what", Genre.JAZZ, at=NOW, cover=b"\xff", note="x"), Track(2, "-2")],
    ),
    (list[Sung], [Sung(1, "x"), Sung(2)]),
    (tuple[Sung, ...], (Sung(1, "x"),)),
    (list[Sold], [Sold(number=2, at=NOW)]),
    (Page[Sung], Page([Sung(1), Sung(2)], "3", 9)),
    (PydanticPage[Sold], PydanticPage[Sold](items=[Sold(number=2, at=NOW)])),
    (list[Artist], []),
]


@pytest.mark.parametrize("is_checked", [False, True])
@pytest.mark.parametrize(("annotation", "result"), MODELS, ids=lambda each: repr(each)[:40])
async def test_all_say_the_same(
    connect: Connect, annotation: Any, result: Any, is_checked: bool
) -> None:
    """MessagePack says what JSON says; CSV has the items, with the names and the texts of JSON."""

    class Viewed(BaseViewSet):
        renderers = ALL

        async def list(self):  # type: ignore[no-untyped-def]  # of each type
            return result

    Viewed.list.__annotations__["return"] = annotation
    client = await connect(Viewed, check_results=is_checked)
    said = await (await client.get("/artist/")).json()
    packed = await (await client.get("/artist/", headers={"Accept": MSGPACK})).read()
    assert msgspec.msgpack.decode(packed) == said
    text = await (await client.get("/artist/", headers={"Accept": TEXT_CSV})).text()
    lines = [*csv.DictReader(io.StringIO(text, newline=""))]
    items = said["items"] if isinstance(said, dict) else said
    assert len(lines) == len(items)
    for line, item in zip(lines, items, strict=True):
        assert item.keys() <= line.keys()
        assert line == {name: _text(item.get(name)) for name in line}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def csv_of(rows: Sequence[Any], of: Any, renderer: CSV) -> str:
    from webaio.schemas import schema_of

    schema = schema_of(list[of])
    return renderer.writer(schema, schema.encode, "here")(rows).decode()


class Row(Struct):
    text: str | None
    number: float = 0.5


@given(st.lists(st.builds(Row, st.none() | st.text(st.characters(codec="utf-8")))))
def test_csv_is_read_as_it_was_written(rows: list[Row]) -> None:
    """Every text comes back (RFC 4180): lines, quotes and commas in it too."""
    text = csv_of(rows, Row, CSV(escape_formulas=False))
    read = [*csv.reader(io.StringIO(text, newline=""), strict=True)]
    assert read == [["text", "number"], *([each.text or "", "0.5"] for each in rows)]


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_csv_runs_nothing(text: str) -> None:
    """No cell begins as a formula does, but for numbers."""
    _, (cell, number) = csv.reader(
        io.StringIO(csv_of([Row(text, -1.5)], Row, CSV()), newline=""), strict=True
    )
    assert number == "-1.5"
    assert cell in (text, f"'{text}")
    if cell[0] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20":
        float(cell)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", '"\'\r=1"'),
        ("\n=1", '"\'\n=1"'),
        ("\uff1d1", "'\uff1d1"),
        ("=1,2", '"\'=1,2"'),
        ("-12.50", "-12.50"),
        ("+49301234", "+49301234"),
        ("-1E-7", "-1E-7"),  # a Decimal
        ("-1e5", "-1e5"),
        ("-1E+A1", "'-1E+A1"),
        ("-", "'-"),
        ("1=2", "1=2"),
        ('a"b', '"a""b"'),
        ("", ""),
        (None, ""),
    ],
)
def test_csv_cells(text: str | None, cell: str) -> None:
    """What a spreadsheet would run is a text there; the rest is as it is."""
    assert csv_of([Row(text)], Row, CSV()) == f"text,number\r\n{cell},0.5\r\n"


class Nested(Struct):
    id: int
    tags: list[str]


class Loose(Struct):
    id: int
    what: Any


class Other(Struct, tag=True):
    id: int


class Another(Struct, tag=True):
    id: int


class Placed(Struct, array_like=True):
    id: int


class Sent(pydantic.BaseModel):
    inner: Sold


@pytest.mark.parametrize(
    "annotation",
    [
        Artist,
        list[int],
        dict[str, Artist],
        list[dict[str, int]],
        list[Nested],
        list[Loose],
        list[Other | Another],
        list[Artist | None],
        list[Placed],
        list[Sent],
        Page[Nested],
        tuple[Artist, Artist],
        Any,
        Answer[Artist],
        list[Artist] | Created[Artist],
    ],
    ids=repr,
)
async def test_csv_is_refused(annotation: Any) -> None:
    """What lines cannot hold is refused at registration, with what to do."""

    class Viewed(BaseViewSet):
        renderers = ALL

        async def list(self): ...  # type: ignore[no-untyped-def]  # of each type

    Viewed.list.__annotations__["return"] = annotation
    with pytest.raises(ImproperlyConfigured, match=r"Viewed\.list: .*CSV") as refused:
        SimpleRouter().register(Viewed, basename="artist")
    assert "CSV out" in str(refused.value) or "{'list': (JSON(), CSV())}" in str(refused.value)


def test_large_integers_in_message_pack() -> None:
    """What has more than 64 bits is a text, and so nobody gets a 500 or another number."""
    data = {"in": [2**64 - 1, -(2**63), True], "out": {"a": [2**64, -(2**63) - 1]}}
    written = msgspec.msgpack.decode(MessagePack().render(data))
    out = {"a": ["18446744073709551616", "-9223372036854775809"]}
    assert written == {"in": data["in"], "out": out}


class Twice(MessagePack):
    media_type = "application/x-msgpack"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((), r"renderers: \(\) is no list of renderers"),
        (JSON(), "is no list of renderers"),
        ("text/csv", "'text/csv' is no list of renderers"),
        ((JSON,), r"JSON is a class. Write JSON\(\)"),
        ((JSON(), "csv"), "'csv' is no renderer"),
        ((MessagePack(), JSON(), MessagePack()), "it has application/vnd.msgpack twice"),
        ({"lst": ALL}, "it has 'lst', which is no action"),
        ({"destroy": ALL}, r"renderers\['destroy'\]: it says how the result is written"),
        ({"own": ALL}, r"renderers\['own'\]: it says how the result is written"),
        ({"lines": ALL}, r"renderers\['lines'\]: it says how the result is written"),
    ],
)
async def test_words_that_are_refused(said: Any, message: str) -> None:
    """What is no list of renderers, or would do nothing, is refused at registration."""
    from collections.abc import AsyncIterator

    class Viewed(BaseViewSet):
        renderers = said

        async def list(self) -> Artists:
            return []

        async def destroy(self, id: int) -> None: ...

        @action(detail=False)
        async def own(self, request: web.Request) -> web.Response:
            return web.Response()

        @action(detail=False)
        async def lines(self) -> AsyncIterator[Artist]:
            yield CHARLY

    with pytest.raises(ImproperlyConfigured, match=message):
        SimpleRouter().register(Viewed, basename="artist")


@pytest.mark.parametrize(
    "media_type", ["", "yaml", "text/csv; header=present", "*/*", "Text/CSV", 7]
)
def test_media_types_that_are_refused(media_type: Any) -> None:
    """A renderer has a media type as it is registered."""
    with pytest.raises(ImproperlyConfigured, match="is no media type"):
        type("Own", (BaseRenderer,), {"media_type": media_type})


class Nothing(BaseRenderer):
    media_type = "text/plain"


class Later(BaseRenderer):
    media_type = "text/plain"

    async def render(self, data: Any) -> bytes:  # type: ignore[override]  # that is the mistake
        return b""


@pytest.mark.parametrize(
    ("renderer", "message"),
    [
        (Nothing(), r"Nothing: it writes nothing. Define render"),
        (Later(), r"Later: its render is async"),
    ],
)
def test_a_renderer_that_writes_nothing(renderer: BaseRenderer, message: str) -> None:
    """It is refused at registration, and not at the first request."""

    class Viewed(BaseViewSet):
        renderers = (JSON(), renderer)

        async def list(self) -> Artists:
            return []

    with pytest.raises(ImproperlyConfigured, match=message):
        SimpleRouter().register(Viewed, basename="artist")


async def test_own_renderer(connect: Connect) -> None:
    """A class with a media type and `render` is all; what it raises is a 500, and told in the log."""

    class Text(BaseRenderer):
        media_type = "text/plain"

        def render(self, data: Any) -> bytes:
            if data["id"] == 3:
                raise ValueError("three")
            return f"{data['name']} ø".encode()

    class Viewed(BaseViewSet):
        renderers = (JSON(), Text(), Twice())

        async def detail(self, id: int) -> Artist:
            return Artist(id, "Charly")

    client = await connect(Viewed)
    response = await client.get("/artist/1/", headers={"Accept": "text/plain"})
    assert (await response.text(), response.charset) == ("Charly ø", "utf-8")
    packed = await client.get("/artist/1/", headers={"Accept": "application/x-msgpack"})
    assert msgspec.msgpack.decode(await packed.read(), type=Artist) == Artist(1, "Charly")
    assert (await client.get("/artist/3/", headers={"Accept": "text/plain"})).status == 500
    assert (await client.get("/artist/3/")).status == 200


async def test_an_action_says_for_itself(connect: Connect) -> None:
    """The nearest word of an action comes before what is said of all; a base's is taken back."""

    class Parent(BaseViewSet):
        renderers = {"*": (JSON(), MessagePack())}

        @operation(renderers=(CSV(), JSON()))
        async def list(self) -> Artists:
            return [CHARLY]

        async def detail(self, id: int) -> Artist:
            return CHARLY

    class Child(Parent):
        operations = {"list": operation(renderers=(JSON(),))}
        renderers = {"detail": (MessagePack(), JSON())}

    parent, child = await connect(Parent), await connect(Child)
    types = [
        (await client.get(path)).content_type
        for client in (parent, child)
        for path in ("/artist/", "/artist/1/")
    ]
    assert types == [TEXT_CSV, JSON_TYPE, JSON_TYPE, MSGPACK]


async def test_headers_statuses_and_hooks(connect: Connect) -> None:
    """What an answer carries beside its result, it carries in each representation."""

    class Viewed(BaseViewSet):
        renderers = (JSON(), MessagePack())

        @operation(headers={"X-Total": int, "Vary": str})
        async def list(self) -> Answer[Artists]:
            return Answer([CHARLY], headers={"X-Total": "1", "Vary": "Cookie, accept-language"})

        async def create(self, body: Artist) -> Artist:
            return body

        async def update(self, id: int, body: Artist) -> Artist | Created[Artist]:
            answer = Created(body)
            answer.set_cookie("a", "b")
            return answer

        async def after(self, response: web.StreamResponse) -> None:
            response.headers["X-After"] = response.content_type

        async def detail(self, id: int) -> Artist:
            return CHARLY

    client = await connect(Viewed)
    headers = {"Accept": MSGPACK}
    listed = await client.get("/artist/", headers=headers)
    assert (listed.headers["X-Total"], listed.headers["X-After"]) == ("1", MSGPACK)
    assert listed.headers["Vary"] == "Cookie, accept-language, Accept"
    body = {"id": 1, "name": "x"}
    made = await client.post("/artist/", json=body, headers=headers)
    assert (made.status, made.headers["Location"]) == (201, "/artist/1/")
    put = await client.put("/artist/1/", json=body, headers=headers)
    assert (put.status, put.cookies["a"].value, put.content_type) == (201, "b", MSGPACK)
    assert msgspec.msgpack.decode(await put.read()) == {**body, "born": None}


async def test_cors(aiohttp_client: Any) -> None:
    """Accept stands beside the origin in Vary."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    setup_cors(app, ["https://app.example"])
    client = await aiohttp_client(app)
    response = await client.get("/artist/", headers={"Origin": "https://app.example"})
    assert response.headers["Vary"] == "Accept, Origin"


class Versioned(Struct):
    id: int
    version: int = 1
    at: datetime = NOW


async def test_tags(connect: Connect) -> None:
    """Two representations never have one tag (RFC 9110, 8.8.3.3): the first one has it."""

    class Viewed(BaseViewSet):
        renderers = (JSON(), MessagePack())
        etag = "version"
        last_modified = "at"

        async def get_object(self, id: int) -> Versioned:
            return Versioned(id)

        async def detail(self, id: int) -> Versioned:
            return Versioned(id)

        async def update(self, id: int, body: Versioned) -> Versioned:
            return body

    client = await connect(Viewed)
    json_, packed = {"Accept": JSON_TYPE}, {"Accept": MSGPACK}
    first = await client.get("/artist/1/", headers=json_)
    other = await client.get("/artist/1/", headers=packed)
    assert (first.headers["ETag"], "ETag" in other.headers) == ('"1"', False)
    assert first.headers["Last-Modified"] == other.headers["Last-Modified"]
    known = {"If-None-Match": '"1"'}
    unchanged = await client.get("/artist/1/", headers={**json_, **known})
    assert (unchanged.status, unchanged.headers["Vary"]) == (304, "Accept")
    assert (await client.get("/artist/1/", headers={**packed, **known})).status == 200
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    for each in (json_, packed):
        assert (await client.get("/artist/1/", headers={**each, **since})).status == 304
    for tag, status in (('"1"', 200), ('"2"', 412)):
        body = {"id": 1, "version": 2}
        headers = {**packed, "If-Match": tag}
        assert (await client.put("/artist/1/", json=body, headers=headers)).status == status


async def test_guards(connect: Connect) -> None:
    """Who is not let in is told so, whatever he accepts; what is for one user is private."""

    class Key(BaseAuthentication):
        scheme_name = "key"
        challenge = "ApiKey"
        security_scheme = {"type": "apiKey", "in": "header", "name": "X-Key"}

        def credentials(self, request: web.Request) -> str | None:
            return request.headers.get("X-Key")

        async def authenticate(self, request: web.Request, credentials: str) -> Identity:
            return Identity(credentials, None)

    class Viewed(BaseViewSet):
        renderers = (JSON(), CSV())
        authentication = (Key(),)
        permissions = IsAuthenticated()

        async def list(self) -> Artists:
            return [CHARLY]

    client = await connect(Viewed)
    refused = await client.get("/artist/", headers={"Accept": "image/png"})
    assert (refused.status, refused.headers["Vary"]) == (401, "Accept")
    headers = {"Accept": TEXT_CSV, "X-Key": "right"}
    response = await client.get("/artist/", headers=headers)
    assert (response.content_type, response.headers["Cache-Control"]) == (TEXT_CSV, "private")
    headers["Accept"] = "image/png"
    assert (await client.get("/artist/", headers=headers)).status == 406


async def test_replays(connect: Connect) -> None:
    """A repeated request gets the answer of the first, in its representation; a 406 takes no key."""

    class Viewed(BaseViewSet):
        renderers = (JSON(), MessagePack())
        count = 0

        @idempotent()
        async def create(self, body: Artist) -> Artist:
            Viewed.count += 1
            return body

    client = await connect(Viewed)

    async def send(accept: str) -> tuple[int, bytes]:
        headers = {"Idempotency-Key": "a" * 16, "Accept": accept}
        response = await client.post("/artist/", json={"id": 1, "name": "x"}, headers=headers)
        assert response.headers["Vary"] == "Accept"
        return response.status, await response.read()

    assert (await send("image/png"))[0] == 406
    first = await send(MSGPACK)
    assert first == (201, msgspec.msgpack.encode(Artist(1, "x")))
    assert await send(MSGPACK) == first
    assert await send(JSON_TYPE) == first
    assert Viewed.count == 1


async def test_pages(connect: Connect) -> None:
    """Of a page CSV has the items; the next one is in Link."""

    class Viewed(BaseViewSet):
        renderers = ALL

        @operation(headers={"Link": str})
        async def list(
            self, paging: Annotated[Paging, LimitOffset(page_size=1)]
        ) -> Answer[Page[Artist]]:
            return paging.answer(self.request, paginate([CHARLY, Artist(8, "Nina")], paging))

    client = await connect(Viewed)
    response = await client.get("/artist/", headers={"Accept": TEXT_CSV})
    assert await response.text() == "id,name,born\r\n7,Charly,\r\n"
    link = response.headers["Link"].partition(">")[0].removeprefix("<")
    response = await client.get(link, headers={"Accept": TEXT_CSV})
    assert await response.text() == "id,name,born\r\n8,Nina,\r\n"


class Model(MappedAsDataclass, DeclarativeBase): ...


class ArtistRow(Model):
    __tablename__ = "artist"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)


class ArtistOut(Struct):
    id: int
    name: str
    version: int


class ArtistIn(Struct):
    name: str


class RowViewSet(ModelViewSet[ArtistRow, ArtistOut, ArtistIn]):
    renderers = {"list": ALL, "*": (JSON(), MessagePack())}
    version = "version"


async def test_model_viewset(aiohttp_client: Any, database_url: str) -> None:
    """The six actions of a database have them, with versions."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Model.metadata.create_all)
    await engine.dispose()
    router = SimpleRouter()
    router.register(RowViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    setup_sqlalchemy(app, database_url)
    client = await aiohttp_client(app)
    packed = {"Accept": MSGPACK}
    made = await client.post("/artist/", json={"name": "=Charly"}, headers=packed)
    assert (made.status, made.content_type) == (201, MSGPACK)
    key = msgspec.msgpack.decode(await made.read())["id"]
    listed = await client.get("/artist/", headers={"Accept": TEXT_CSV})
    assert await listed.text() == f"id,name,version\r\n{key},'=Charly,1\r\n"
    tag = (await client.get(f"/artist/{key}/")).headers["ETag"]
    headers = {**packed, "If-Match": tag}
    for status in (200, 412):
        body = {"name": "Nina"}
        response = await client.put(f"/artist/{key}/", json=body, headers=headers)
        assert (response.status, "ETag" in response.headers) == (status, False)
    assert (await client.delete(f"/artist/{key}/", headers=packed)).status == 204


async def test_document() -> None:
    """It tells each representation with its schema, and 406 where there are several."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    setup_openapi(app, title="Artists")
    paths: Mapping[str, Any] = document_of(app)["paths"]
    listed = paths["/artist/"]["get"]["responses"]
    artists = {"type": "array", "items": {"$ref": "#/components/schemas/Artist"}}
    assert listed["200"]["content"] == {
        JSON_TYPE: {"schema": artists},
        TEXT_CSV: {"schema": {"type": "string"}},
        MSGPACK: {"schema": artists},
    }
    told = {
        operation["operationId"]: "406" in operation["responses"]
        for path in paths.values()
        for operation in path.values()
    }
    assert told == {
        "artist_list": True,
        "artist_create": True,
        "artist_detail": True,
        "artist_answered": True,
        "artist_plain": False,
    }
    answered = paths["/artist/{id}/answered/"]["get"]["responses"]["200"]["content"]
    assert [*answered] == [JSON_TYPE, MSGPACK]
    assert [*paths["/artist/"]["post"]["responses"]["201"]["content"]] == [JSON_TYPE, MSGPACK]
