import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, make_mocked_request
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct
from multidict import CIMultiDict

from webaio.conditions import IfMatch
from webaio.conditions._entity_tags import opaque_tag, sent_tags
from webaio.conditions._http_date import http_date, sent_date
from webaio.conditions._if_match import TAGS
from webaio.decorators import action
from webaio.exceptions import APIException, BadRequest, ImproperlyConfigured
from webaio.middlewares import api_exception_handler
from webaio.permissions import Anyone, ObjectPermission, Permissions
from webaio.results import Answer, Created
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Connect = Callable[..., Awaitable[Client]]

CHANGED = datetime(2026, 1, 2, 3, 4, 5, 678, UTC)


class ArtistDoesNotExist(APIException):
    status_code = 404
    detail = "Artist does not exist"


class ArtistIn(Struct):
    name: str


class Artist(Struct):
    id: int
    name: str
    version: int = 1
    changed: datetime = CHANGED


class Artists(BaseViewSet):
    """A store in memory, in which nothing of the loop can come between."""

    etag: ClassVar[Any] = "version"
    not_found = ArtistDoesNotExist
    artists: ClassVar[dict[int, Artist]] = {}

    async def get_object(self, id: int) -> Artist | None:
        return self.artists.get(id)

    async def list(self) -> list[Artist]:
        return [*self.artists.values()]

    async def create(self, body: ArtistIn) -> Artist:
        new = len(self.artists) + 1
        self.artists[new] = Artist(new, body.name)
        return self.artists[new]

    async def detail(self, id: int) -> Artist:
        found = self.artists.get(id)
        if found is None:
            raise ArtistDoesNotExist
        return found

    async def partial_update(self, id: int, body: Partial[ArtistIn]) -> Artist:
        found = await self.detail(id)
        for name, value in body.changes.items():
            setattr(found, name, value)
        found.version += 1
        return found

    async def update(self, id: int, body: ArtistIn) -> Artist:
        found = await self.detail(id)
        found.name, found.version = body.name, found.version + 1
        return found

    async def destroy(self, id: int) -> None:
        await self.detail(id)
        del self.artists[id]

    @action(detail=True, method="post")
    async def publish(self, id: int) -> Artist:
        found = await self.detail(id)
        found.version += 1
        return found

    @action(detail=True, methods=["get", "post"])
    async def initials(self, id: int) -> str:
        return (await self.detail(id)).name[:1]

    @action(detail=False)
    async def newest(self) -> Artist:
        return [*self.artists.values()][-1]


@pytest.fixture(autouse=True)
def artists(monkeypatch: pytest.MonkeyPatch) -> dict[int, Artist]:
    """Begin each test with one artist of version 1."""
    found = {1: Artist(1, "Cerati")}
    monkeypatch.setattr(Artists, "artists", found)
    return found


@pytest.fixture(params=[[api_exception_handler], []], ids=["middleware", "alone"])
async def client(connect: Connect, request: pytest.FixtureRequest) -> Client:
    """Serve the artists with the error middleware, and without."""
    return await connect(Artists, middlewares=request.param)


async def send(client: Client, method: str, path: str = "1/", **headers: str) -> Any:
    """Send a request with conditions: `if_match='"1"'`; a body where the method has one."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"name": "Gustavo"} if method in ("PATCH", "PUT") else None
    async with client.request(method, f"/artist/{path}", headers=given, json=body) as response:
        await response.read()
        return response


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", "1/", 200), ("HEAD", "1/", 200), ("POST", "", 201), ("PATCH", "1/", 200)),
        *(("PUT", "1/", 200), ("POST", "1/publish/", 200)),
    ],
)
async def test_answer_has_tag(client: Client, method: str, path: str, status: int) -> None:
    """Each answer with a single item has the tag of the version that it tells."""
    json = {"name": "Gustavo"} if method != "GET" else None
    async with client.request(method, f"/artist/{path}", json=json) as response:
        version = 1 if method == "HEAD" else (await response.json())["version"]
        assert (response.status, response.headers["ETag"]) == (status, f'"{version}"')


@pytest.mark.parametrize("path", ["", "1/initials/", "newest/"])
async def test_other_answers_have_none(client: Client, path: str) -> None:
    """A list, a result that is no item, and an action on the collection have no tag."""
    assert "ETag" not in (await send(client, "GET", path)).headers


SENT = {
    **dict.fromkeys(['"1"', "*", 'W/"1"', '"0", "1"', ',"1" ,'], 304),
    **dict.fromkeys(['"2"', '"0"', 'W/"11"', ""], 200),
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_if_none_match_of_a_read(client: Client, method: str) -> None:
    """Who has the item already gets a 304, compared weakly, with its tag."""
    answers = {sent: await send(client, method, if_none_match=sent) for sent in SENT}
    assert {sent: each.status for sent, each in answers.items()} == SENT
    assert {each.headers["ETag"] for each in answers.values()} == {'"1"'}
    assert (await send(client, method, if_none_match='"1')).status == 400


WRITES = [("PATCH", "1/"), ("PUT", "1/"), ("DELETE", "1/"), ("POST", "1/publish/")]


REFUSED: Any = [
    ({"if_match": '"0"'}, 412),
    ({"if_match": 'W/"1"'}, 412),
    ({"if_match": ""}, 412),
    ({"if_match": '"1'}, 400),
    ({"if_match": "1"}, 400),
    ({"if_match": '*, "1"'}, 400),
    ({"if_match": 'w/"1"'}, 400),
    ({"if_none_match": '"1'}, 400),
    ({"if_none_match": '"1"'}, 412),
    ({"if_none_match": 'W/"1"'}, 412),
    ({"if_none_match": "*"}, 412),
    ({"if_match": '"1"', "if_none_match": '"1"'}, 412),
]
DONE: Any = [
    *({"if_match": each} for each in ('"1"', '"0", "1"', "*", 'W/"0" , ,"1"')),
    *({"if_none_match": each} for each in ('"0"', "")),
    {},
]


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_write_refused(
    client: Client, artists: dict[int, Artist], method: str, path: str
) -> None:
    """A write whose condition does not hold, or is malformed, does nothing, and is a problem."""
    for headers, status in REFUSED:
        response = await send(client, method, path, **headers)
        assert (headers, response.status) == (headers, status)
        assert (await response.json())["status"] == status
    assert artists == {1: Artist(1, "Cerati")}


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_write_done(
    client: Client, artists: dict[int, Artist], method: str, path: str
) -> None:
    """A write whose conditions hold is done, once."""
    for headers in DONE:
        artists[1] = Artist(1, "Cerati")
        assert (headers, (await send(client, method, path, **headers)).ok) == (headers, True)
        assert not artists if method == "DELETE" else artists[1].version == 2


async def test_write_of_nothing(client: Client) -> None:
    """A condition on an item that is not there is the answer of the viewset to that."""
    for method in ("PATCH", "PUT", "DELETE"):
        for sent in ("*", '"1"'):
            response = await send(client, method, "2/", if_match=sent)
            assert response.status == 404
            assert (await response.json())["detail"] == "Artist does not exist"


async def test_weak_tag_names_the_proxy(client: Client) -> None:
    """Who gets a 412 for a tag that was made weak on its way learns by whom."""
    response = await send(client, "PATCH", if_match='W/"1"')
    assert "proxy that compresses" in (await response.json())["detail"]


async def test_parallel_writes(client: Client, artists: dict[int, Artist]) -> None:
    """Of 50 writes of one version at once one is done."""
    tasks = [send(client, "PATCH", if_match='"1"') for _ in range(50)]
    statuses = [each.status for each in await asyncio.gather(*tasks)]
    assert (sorted(statuses), artists[1].version) == ([200] + 49 * [412], 2)


RAW = "{method} /artist/1/ HTTP/1.1\r\nHost: x\r\n{lines}\r\n"


async def raw(client: Client, method: str, *lines: str, body: str = "") -> str:
    """Send the lines of a head as they stand, and give the whole answer."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    ending = [*lines, f"Content-Length: {len(body)}", "Connection: close"]
    head = RAW.format(method=method, lines="".join(f"{each}\r\n" for each in ending))
    writer.write((head + body).encode("utf-8", "surrogateescape"))
    answer = await reader.read()
    writer.close()
    return answer.decode("latin-1")


async def test_304_is_a_head(client: Client) -> None:
    """A 304 has the tag, no body, and tells of none."""
    head, _, body = (await raw(client, "GET", 'If-None-Match: "1"')).partition("\r\n\r\n")
    names = {line.partition(":")[0] for line in head.split("\r\n")[1:]}
    assert head.startswith("HTTP/1.1 304 ")
    assert (body, names) == ("", {"ETag", "Date", "Server", "Connection"})


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (['If-Match: "0"', 'If-Match: "1"'], 200),
        (['If-Match: "0"', 'if-match: "2"'], 412),
        (["If-Match: *", 'If-Match: "1"'], 400),
        (['If-Match: "\udcff"'], 412),
        (["If-Match: \t"], 412),
    ],
)
async def test_lines_are_one_list(client: Client, lines: list[str], status: int) -> None:
    """Several lines of a header are one list, and bytes of no UTF-8 are a tag like others."""
    answer = await raw(client, "PATCH", *lines, "Content-Type: application/json", body="{}")
    assert answer.split()[1] == str(status)


class Timed(Artists):
    last_modified = "changed"
    require_if_match = True


class OnlyTimed(Artists):
    etag = None
    last_modified = "changed"


SAME, LATER, BEFORE = (http_date(CHANGED + timedelta(seconds=each)) for each in (0, 1, -1))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_modified_since": SAME}, 304),
        ({"if_modified_since": LATER}, 304),
        ({"if_modified_since": BEFORE}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_modified_since": LATER, "if_none_match": '"0"'}, 200),
        ({"if_unmodified_since": BEFORE}, 412),
        ({"if_match": '"0"'}, 412),
    ],
)
async def test_time_of_a_read(connect: Connect, headers: dict[str, str], status: int) -> None:
    """If-Modified-Since counts where no If-None-Match is, in whole seconds."""
    response = await send(await connect(Timed), "GET", **headers)
    assert response.status == status
    if status != 412:
        assert response.headers["Last-Modified"] == SAME


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_unmodified_since": SAME}, 200),
        ({"if_unmodified_since": BEFORE}, 412),
        ({"if_unmodified_since": "yesterday"}, 200),
        ({}, 200),
    ],
)
async def test_time_of_a_write(connect: Connect, headers: dict[str, str], status: int) -> None:
    """If-Unmodified-Since refuses a write of what was changed after it."""
    assert (await send(await connect(OnlyTimed), "PATCH", **headers)).status == status


async def test_time_beside_a_tag(connect: Connect) -> None:
    """If-Unmodified-Since is nothing beside If-Match."""
    headers = {"if_match": '"1"', "if_unmodified_since": BEFORE}
    assert (await send(await connect(Timed), "PATCH", **headers)).status == 200


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_required(connect: Connect, method: str, path: str) -> None:
    """A write without If-Match is a 428 where it must be there, whatever else is sent."""
    client = await connect(Timed)
    assert (await send(client, method, path)).status == 428
    assert (await send(client, method, path, if_unmodified_since=LATER)).status == 428
    assert (await send(client, method, path, if_match="*")).ok
    assert (await send(client, "GET", "")).status == 200


@pytest.mark.parametrize(("line", "status"), [("X: y", "428"), ('If-Match: "1', "400")])
async def test_refused_before_the_body(connect: Connect, line: str, status: str) -> None:
    """What needs no item is refused before the body is sent."""
    client = await connect(Timed)
    reader, writer = await asyncio.open_connection(client.host, client.port)
    lines = f"{line}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
    writer.write(RAW.format(method="PATCH", lines=lines).encode())
    answer = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert answer.split()[1].decode() == status


async def patched_meanwhile(client: Client, artists: dict[int, Artist], line: str) -> str:
    """Give the head of the answer to a PATCH, while whose body arrives the version becomes 2."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    lines = f"{line}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    writer.write(RAW.format(method="PATCH", lines=lines).encode())
    await asyncio.sleep(0.1)
    artists[1].version = 2
    writer.write(b"{}")
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.close()
    return answer.decode()


async def test_compared_after_the_body(client: Client, artists: dict[int, Artist]) -> None:
    """A change that is made while the body arrives is seen."""
    answer = await patched_meanwhile(client, artists, 'If-Match: "1"')
    assert answer.startswith("HTTP/1.1 412 ")


class IsCerati(ObjectPermission[Any, Artist]):
    needs_user = False

    async def allows(self, user: Any, artist: Artist) -> bool:
        return artist.name == "Cerati"


OPEN: Any = dict.fromkeys(("create", "list", "newest"), Anyone())


class Guarded(Artists):
    permissions: ClassVar[Permissions] = {**OPEN, "*": IsCerati()}

    async def get_object(self, id: int) -> Artist | None:
        found = self.artists.get(id)
        return None if found is None else Artist(id, found.name, found.version)

    async def partial_update(self, id: int, body: Partial[ArtistIn]) -> Artist:
        artist: Artist = self.object
        return Artist(id, artist.name, artist.version + 1)


async def test_object_is_the_compared_one(connect: Connect, artists: dict[int, Artist]) -> None:
    """What the permission has loaded before the body is loaded again, and is the action's object."""
    answer = await patched_meanwhile(await connect(Guarded), artists, 'If-Match: "2"')
    head = answer.split("\r\n")
    assert (head[0], 'ETag: "3"' in head) == ("HTTP/1.1 200 OK", True)


class GuardedOwnWrite(Guarded):
    """An action that compares the item which the permission asked for."""

    async def partial_update(
        self, id: int, body: Partial[ArtistIn], version: IfMatch | None = None
    ) -> Artist:
        if version is not None:
            version.require(self.object.version)
        return await super().partial_update(id, body)


@pytest.mark.parametrize("viewset", [GuardedOwnWrite, type("", (GuardedOwnWrite,), {"etag": None})])
@pytest.mark.parametrize(("tag", "status"), [('"1"', 412), ('"2"', 200), ("*", 200)])
async def test_own_write_of_object(
    connect: Connect, artists: dict[int, Artist], viewset: Any, tag: str, status: int
) -> None:
    """What an action finds in `self.object` is the item as it is when the action compares it."""
    answer = await patched_meanwhile(await connect(viewset), artists, f"If-Match: {tag}")
    assert answer.startswith(f"HTTP/1.1 {status} ")


class OwnWrite(BaseViewSet):
    """An action that compares in its own write."""

    etag = staticmethod(lambda artist: artist.version)

    async def detail(self, id: int) -> Artist:
        return Artists.artists[id]

    async def update(self, id: int, body: ArtistIn, version: IfMatch) -> Artist:
        found = Artists.artists[id]
        version.require(found.version)
        found.version += 1
        return found

    async def partial_update(
        self, id: int, body: Partial[ArtistIn], version: IfMatch | None = None
    ) -> Answer[Artist]:
        found = Artists.artists[id]
        if version is not None and not version.is_any and str(found.version) not in version.tags:
            raise version.failed()
        return Answer(found, headers={"Cache-Control": "no-cache"})


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PUT", {}, 428),
        ("PUT", {"if_match": '"0'}, 400),
        ("PUT", {"if_match": '"0"'}, 412),
        ("PUT", {"if_match": "*"}, 200),
        ("PATCH", {}, 200),
        ("PATCH", {"if_match": '"0"'}, 412),
        ("PATCH", {"if_match": '"1"'}, 200),
    ],
)
async def test_own_write(
    connect: Connect, method: str, headers: dict[str, str], status: int
) -> None:
    """An action that takes If-Match compares itself, and needs no get_object."""
    response = await send(await connect(OwnWrite), method, **headers)
    assert response.status == status
    if status == 200:
        assert "ETag" in response.headers


class OwnMatch(Timed):
    """An action that compares If-Match, and leaves the rest."""

    require_if_match = False

    async def update(self, id: int, body: ArtistIn, version: IfMatch | None = None) -> Artist:
        return await super().update(id, body)


async def test_rest_is_compared(connect: Connect) -> None:
    """What the action does not take is compared all the same."""
    client = await connect(OwnMatch)
    assert (await send(client, "PUT", if_unmodified_since=BEFORE)).status == 412
    assert (await send(client, "PUT", if_none_match='"1"')).status == 412
    assert (await send(client, "PUT", if_match='"0"')).status == 200


class MayCreate(Artists):
    async def update(  # type: ignore[override]  # it gives more
        self, id: int, body: ArtistIn
    ) -> Artist | Created[Artist]:
        known = self.artists.get(id)
        made = self.artists[id] = Artist(id, body.name, 1 if known is None else known.version + 1)
        return Created(made) if known is None else made


class MayCreateSafely(MayCreate):
    require_if_match = True


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("1/", {}, 200),
        ("1/", {"if_none_match": "*"}, 412),
        ("1/", {"if_match": '"0"'}, 412),
        ("1/", {"if_match": '"1"'}, 200),
        ("2/", {}, 201),
        ("2/", {"if_none_match": "*"}, 201),
        ("2/", {"if_match": '"1"'}, 412),
        ("2/", {"if_match": "*"}, 412),
    ],
)
async def test_put_may_create(
    connect: Connect,
    artists: dict[int, Artist],
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    """A PUT that declares a 201 makes the item, unless a condition asks for one that is there."""
    before = dict(artists)
    response = await send(await connect(MayCreate), "PUT", path, **headers)
    assert response.status == status
    if status == 201:
        assert (response.headers["Location"], response.headers["ETag"]) == ("/artist/2/", '"1"')
    if status == 412:
        assert artists == before


async def test_put_that_must_say_what_it_saw(connect: Connect) -> None:
    """Where If-Match must be there, `If-None-Match: *` is the condition of what is new."""
    client = await connect(MayCreateSafely)
    assert (await send(client, "PUT", "2/")).status == 428
    assert (await send(client, "PUT", "2/", if_none_match='"1"')).status == 428
    assert (await send(client, "PUT", "2/", if_none_match="*")).status == 201


class Hidden(MayCreate):
    permissions: ClassVar[Permissions] = {**OPEN, "create": ~Anyone(), "*": IsCerati()}


async def test_put_asks_what_create_asks(connect: Connect, artists: dict[int, Artist]) -> None:
    """A PUT makes nothing for who may not create, and nothing over what is hidden."""

    class Open(Hidden):
        permissions: ClassVar[Permissions] = {**OPEN, "*": IsCerati()}

    artists[3] = Artist(3, "Hidden")
    closed, opened = await connect(Hidden), await connect(Open)
    assert (await send(closed, "PUT", "2/")).status in (401, 403)
    assert (await send(opened, "PUT", "2/")).status == 201
    assert (await send(opened, "PUT", "3/")).status == 401  # nobody is known
    assert artists[3] == Artist(3, "Hidden")


class Untyped(BaseViewSet):
    """Actions of the tutorial's kind, which make their own responses."""

    etag = "version"

    async def get_object(self, id: int) -> Artist | None:
        return Artists.artists.get(id)

    async def destroy(request: web.Request) -> web.Response:  # type: ignore[misc]  # no self
        return web.Response(status=204)


async def test_untyped_action(connect: Connect) -> None:
    """A plain handler is compared, too."""
    client = await connect(Untyped)
    assert (await send(client, "DELETE", if_match='"0"')).status == 412
    assert (await send(client, "DELETE", if_match='"1"')).status == 204


class Streaming(Artists):
    @action(detail=True, method="post")
    async def songs(self, id: int) -> AsyncIterator[str]:
        yield self.artists[id].name


async def test_streaming_write(connect: Connect) -> None:
    """An action that streams is compared before its first line."""
    client = await connect(Streaming)
    assert (await send(client, "POST", "1/songs/", if_match='"0"')).status == 412
    async with client.post("/artist/1/songs/", headers={"If-Match": '"1"'}) as response:
        assert (response.status, await response.text()) == (200, '"Cerati"\n')


async def test_answer_with_headers(connect: Connect) -> None:
    """A 304 has what its answer says to caches."""

    class Answering(Artists):
        async def detail(self, id: int) -> Answer[Artist]:  # type: ignore[override]  # it gives more
            return Answer(self.artists[id], headers={"Cache-Control": "max-age=5", "X-Own": "1"})

    response = await send(await connect(Answering), "GET", if_none_match="*")
    assert (response.status, response.headers["Cache-Control"]) == (304, "max-age=5")
    assert "X-Own" not in response.headers


def refused(**members: Any) -> Any:
    return type("Refused", (Artists,), members)


async def of_self(self: Any, id: int) -> Artist:
    return Artist(1, "")


class NoLoader(BaseViewSet):
    etag = "version"

    async def destroy(self, id: int) -> None: ...


class NoVersion(BaseViewSet):
    require_if_match = True

    async def destroy(self, id: int) -> None: ...


class Default(BaseViewSet):
    async def destroy(self, id: int, version: IfMatch = 1) -> None: ...  # type: ignore[assignment]  # refused


class Undeclared(MayCreate):
    permissions: ClassVar[Permissions] = {"update": Anyone()}


class OfObjects(MayCreate):
    create = None  # type: ignore[assignment]  # which then says nothing of itself
    permissions: ClassVar[Permissions] = {"list": Anyone(), "newest": Anyone(), "*": IsCerati()}


@pytest.mark.parametrize(
    ("viewset", "words"),
    [
        (NoLoader, r"NoLoader\.destroy.*Define `async def get_object\(self, id: int\)`"),
        (NoVersion, r"NoVersion\.destroy.*require_if_match"),
        (Default, r"version.*None"),
        (Undeclared, r"Undeclared\.update.*no permission"),
        (OfObjects, r"OfObjects\.update"),
        (refused(etag="verison"), r"etag.*verison"),
        (refused(etag="verison", detail=None), r"etag.*verison"),
        (refused(etag=None, last_modified="changed", require_if_match=True), "have no tag"),
        (refused(last_modified="change"), r"last_modified.*change"),
        (refused(etag=3), r"etag.*3"),
        (refused(etag=of_self), r"etag"),
        (refused(etag=lambda self, item: 1), r"etag.*self"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_refused_at_registration(viewset: type[BaseViewSet], words: str) -> None:
    """What cannot be compared, or names nothing, is refused at registration, with the fix."""
    with pytest.raises(ImproperlyConfigured, match=f"(?s){words}"):
        SimpleRouter().register(viewset, basename="artist")


async def test_item_without_version(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An item that was loaded without its version is a mistake: 500, and nothing is written."""
    monkeypatch.setattr(Artists, "artists", {1: Artist(1, "", version=None)})  # type: ignore[arg-type]  # as a store may have it
    client = await connect(Artists)
    assert (await send(client, "DELETE", if_match='"1"')).status == 500
    assert "no version" in caplog.text


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        *((3, "3"), (-1, "-1"), ("a1", "a1"), ("", ""), ('a "b"%', "a%20%22b%22%25")),
        *(("é", "%C3%A9"), (UUID(int=1), "00000000-0000-0000-0000-000000000001")),
        *((b"\0", "AA=="), (CHANGED, "2026-01-02T03:04:05.000678Z")),
    ],
)
def test_tag_of_version(version: Any, tag: str) -> None:
    """A tag is made of the version and nothing else, of characters that may stand in one."""
    assert opaque_tag(version) == tag


@pytest.mark.parametrize("version", [object(), True, [1], None])
def test_no_version(version: Any) -> None:
    """What is no version has no tag."""
    with pytest.raises(TypeError, match=r"no version|unsupported"):
        opaque_tag(version)


@given(st.text() | st.integers())
def test_tag_comes_back(version: str | int) -> None:
    """The tag of any version is one that a header may have, and is that of this version alone."""
    sent = asked(f'"{opaque_tag(version)}"')
    assert sent is not None
    assert IfMatch(*sent).matches(version)
    assert not IfMatch(*sent).matches(f"{version}x")


class Asked(Struct):
    headers: CIMultiDict[str]


def asked(*lines: str) -> Any:
    """Read a header as aiohttp gives it; its mocked request takes no bytes of no UTF-8."""
    request: Any = Asked(CIMultiDict([("If-Match", each) for each in lines]))
    return sent_tags(request, "If-Match")


CHARACTERS = st.sampled_from(
    ['"', "W", "/", "*", ",", " ", "\t", "a", "1", "é", "\udcff", "!", "~"]
)
GRAMMAR = re.compile(
    r'[ \t]*(?:\*|(?:(?:W/)?"[!\x23-~\x80-\uffff]*")?'
    r'(?:[ \t]*,[ \t]*(?:(?:W/)?"[!\x23-~\x80-\uffff]*")?)*)[ \t]*'
)
"""That of RFC 9110, 8.8.3 and 5.6.1.2: what a recipient must take."""


@given(st.lists(CHARACTERS, max_size=12).map("".join))
@example('"a","b"')
@example('W/"a" , "b",')
@example("")
def test_parser_agrees_with_the_grammar(text: str) -> None:
    """A header is taken where the grammar takes it, and is a 400 otherwise."""
    try:
        asked(text)
    except BadRequest:
        assert not GRAMMAR.fullmatch(text)
    else:
        assert GRAMMAR.fullmatch(text)


@given(st.from_regex(TAGS, fullmatch=True))
def test_pattern_of_the_document(text: str) -> None:
    """What the document asks for is taken."""
    assert asked(text) is not None


def test_parser_is_linear() -> None:
    """A header as long as aiohttp takes it is read at once."""
    with pytest.raises(BadRequest):
        asked(f'"a"{" " * 8000}x')
    with pytest.raises(BadRequest):
        asked("," * 8000 + "x")


@given(
    st.text(max_size=40)
    | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
)
@example("Mon, 01 Jan 99999999999999999999 00:00:00 GMT")
@example("Fri, 31 Feb 2026 00:00:00 GMT")
def test_date_never_fails(text: str) -> None:
    """What is no date counts as none."""
    request = make_mocked_request("GET", "/", headers={"If-Modified-Since": text})
    found = sent_date(request, "If-Modified-Since")
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_forms_of_a_date(text: str) -> None:
    """The three forms of a date are read (RFC 9110, 5.6.7)."""
    request = make_mocked_request("GET", "/", headers={"If-Modified-Since": text})
    assert sent_date(request, "If-Modified-Since") == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
