"""`api_client.log_in` and `assert_guarded`, on an API whose guards are taken out one by one."""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import web
from msgspec import Struct

from webaio import openapi, throttling
from webaio.authentication import (
    APIKey,
    CurrentUser,
    Identity,
    KeyRecord,
    OptionalUser,
    logged_in,
)
from webaio.decorators import action
from webaio.exceptions import PermissionDenied
from webaio.permissions import (
    Anyone,
    HasScope,
    IsAuthenticated,
    ObjectPermission,
    Permission,
    guarded,
)
from webaio.routers import SimpleRouter
from webaio.testing import APIClient, Clock, assert_guarded, assert_matches_openapi
from webaio.testing.fixtures import APIClientFactory
from webaio.throttling import MemoryStore, Rate
from webaio.viewsets import BaseViewSet


class User(Struct):
    id: str
    is_admin: bool = False


class Artist(Struct):
    id: int
    owner: str


OPEN = Anyone()
ANA, BOB, ROOT = User("ana"), User("bob"), User("root", is_admin=True)


async def find_key(id: str) -> KeyRecord | None:
    return None


WAYS = (APIKey(find_key),)


class IsAdmin(Permission[User]):
    async def allows(self, user: User | None) -> bool:
        return user is not None and user.is_admin


class IsOwner(ObjectPermission[User, Artist]):
    async def allows(self, user: User | None, artist: Artist) -> bool:
        return user is not None and artist.owner == user.id


def application(*removed: str) -> web.Application:
    """Make an API; what is named in `removed` has lost its guard."""

    def kept(name: str, permission: Any, instead: Any = OPEN) -> Any:
        return instead if name in removed else permission

    class Publishing:
        @action(detail=True, method="post", permissions=kept("mixin", IsAdmin()))
        async def publish(self) -> None: ...

    class ArtistViewSet(Publishing, BaseViewSet):
        authentication = WAYS
        permissions = {
            "list": Anyone(),
            "create": kept("scope", HasScope("artists:write"), IsAuthenticated()),
            "search": kept("collection", IsAuthenticated()),
            "destroy": kept("admin", IsAdmin(), IsOwner()),
            "partial_update": kept("owner", IsOwner(), IsAuthenticated()),
            "*": kept("others", IsOwner() | IsAdmin()),
        }

        async def get_object(self, id: int) -> Artist | None:
            return Artist(id, BOB.id if "loads" in removed else ANA.id)

        async def list(self, user: OptionalUser[User]) -> str:
            return "nobody" if user is None else str(user.id)

        async def create(self, body: Artist, user: CurrentUser[User]) -> None: ...

        async def detail(self) -> None: ...

        async def partial_update(self, body: Artist) -> None: ...

        async def destroy(self) -> None: ...

        @action(detail=False)
        async def search(self) -> None: ...

    class PlainViewSet(BaseViewSet):
        authentication = WAYS
        permissions = kept("viewset", IsAdmin())

        async def list(self) -> None: ...

    async def report(request: web.Request) -> web.Response:
        return web.Response()

    guard = guarded(IsAuthenticated(), authentication=WAYS)
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(PlainViewSet, basename="plain")
    app, inner = web.Application(), web.Application()
    inner.router.add_get("/report", report if "sub" in removed else guard(report))
    app.router.add_get("/report", report if "handler" in removed else guard(report))
    if "new" in removed:
        app.router.add_get("/new", report)
    app.add_routes(router.routespatters)
    app.add_subapp("/inner", inner)
    return app


OF_ALL = ["GET /artist/"]
OF_USERS = [*OF_ALL, "GET /artist/search/", "GET /report", "GET /inner/report"]
OF_OWNER = [*OF_USERS, "GET /artist/{id}/", "PATCH /artist/{id}/"]
OF_ADMIN = [
    *OF_USERS,
    "GET /artist/{id}/",
    "DELETE /artist/{id}/",
    "POST /artist/{id}/publish/",
    "GET /plain/",
]
WHO_MAY = [
    (None, OF_ALL),
    (ANA, OF_OWNER),
    (BOB, OF_USERS),
    (ROOT, OF_ADMIN),
    (Identity("ana", ANA, ["artists:write"]), [*OF_OWNER, "POST /artist/"]),
]


async def test_guarded(api_client_factory: APIClientFactory) -> None:
    client = await api_client_factory(application())
    await assert_guarded(client, WHO_MAY, parts={"id": 1})
    assert await client.get("/artist/") == "nobody"  # nobody stays logged in


@pytest.mark.parametrize(
    ("removed", "told"),
    [
        ("scope", "POST /artist/ as User(id='bob'"),
        ("collection", "GET /artist/search/ as None: 204"),
        ("admin", "DELETE /artist/{id}/ as User(id='ana'"),
        ("owner", "PATCH /artist/{id}/ as User(id='bob'"),
        ("others", "GET /artist/{id}/ as User(id='bob'"),
        ("mixin", "POST /artist/{id}/publish/ as None"),
        ("viewset", "GET /plain/ as None"),
        ("handler", "GET /report as None"),
        ("sub", "GET /inner/report as None"),
        ("loads", "GET /artist/{id}/ as User(id='ana'"),
        ("new", "GET /new as None"),
    ],
)
async def test_guard_taken_out(
    api_client_factory: APIClientFactory, removed: str, told: str
) -> None:
    client = await api_client_factory(application(removed))
    with pytest.raises(AssertionError, match=re.escape(told)):
        await assert_guarded(client, WHO_MAY, parts={"id": 1})


async def test_guard_behind_the_body(api_client_factory: APIClientFactory) -> None:
    """What is asked when the body was read needs one that fits, and then is found to be guarded."""

    class LateViewSet(BaseViewSet):
        permissions = Anyone()

        async def create(self, body: Artist) -> None:
            if body.owner == "ana":
                raise PermissionDenied

    router = SimpleRouter()
    router.register(LateViewSet, basename="late")
    app = web.Application()
    app.add_routes(router.routespatters)
    client = await api_client_factory(app)
    with pytest.raises(AssertionError, match=r"400 Bad Request\. Give a body that fits in bodies="):
        await assert_guarded(client, [(BOB, [])])
    with pytest.raises(AssertionError, match="204 No Content"):
        await assert_guarded(client, [(BOB, [])], bodies={"POST /late/": {"id": 1, "owner": "b"}})
    bodies = {"POST /late/": {"id": 1, "owner": "ana"}}
    await assert_guarded(client, [(BOB, [])], bodies=bodies)
    await assert_guarded(client, [(BOB, ["POST /late/"])], bodies=bodies)  # who may does nothing
    with pytest.raises(ValueError, match="has no POST /early/"):
        await assert_guarded(client, [(BOB, [])], bodies={"POST /early/": {}})


async def test_operation_that_there_is_not(api_client_factory: APIClientFactory) -> None:
    client = await api_client_factory(application())
    with pytest.raises(ValueError, match=r"has no GET /artists/\. It has: GET /report"):
        await assert_guarded(client, [(None, ["GET /artists/"])], parts={"id": 1})


async def test_log_in(api_client_factory: APIClientFactory) -> None:
    app = application()
    ana, bob = await api_client_factory(app), await api_client_factory(app)
    ana.log_in(ANA)
    bob.log_in(BOB)
    assert await ana.get("/artist/") == "ana"
    assert await bob.get("/artist/") == "bob"
    ana.log_in(ROOT)
    assert await ana.get("/artist/") == "root"
    await bob.post("/artist/", expect=403)
    bob.log_in(BOB, scopes=["artists:write"])
    await bob.post("/artist/", json={"id": 1, "owner": "bob"}, expect=204)
    headers = dict(bob.headers)
    bob.log_in(None)
    assert await bob.get("/artist/") == "nobody"
    await bob.get("/report", headers=headers, expect=401)  # who logged out is not known any more


@pytest.mark.parametrize(
    ("client", "error", "message"),
    [
        (lambda session, app: APIClient(session), LookupError, "only an address"),
        (lambda session, app: APIClient(session, app), TypeError, "has no id"),
    ],
)
async def test_log_in_of_nobody(
    api_client_factory: APIClientFactory,
    client: Callable[..., APIClient],
    error: type[Exception],
    message: str,
) -> None:
    app = application()
    session = (await api_client_factory(app)).session
    with pytest.raises(error, match=message):
        client(session, app).log_in("ana")


async def test_login_holds_in_its_application(api_client_factory: APIClientFactory) -> None:
    one, other = await api_client_factory(application()), await api_client_factory(application())
    one.log_in(ANA)
    await other.get("/report", headers=dict(one.headers), expect=401)


# What the document says of it


ROOTS_KEY = {"X-Key": "root.secret"}


async def find_root(id: str) -> KeyRecord | None:
    return (
        KeyRecord(Identity("root", ROOT), sha256(b"secret").hexdigest()) if id == "root" else None
    )


def documented() -> web.Application:
    """Make an API of two ways to be known, with its document."""

    class ArtistViewSet(BaseViewSet):
        authentication = (*WAYS, APIKey(find_root, header="X-Key", scheme_name="key"))
        permissions = {"list": IsAuthenticated(), "*": IsOwner() | IsAdmin()}

        async def get_object(self, id: int) -> Artist | None:
            return Artist(id, "ana") if id < 10 else None

        async def list(self, user: CurrentUser[User]) -> list[Artist]:
            return []

        async def partial_update(self, body: Artist) -> Artist:
            return body

    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, permission=Anyone(), swagger=False)
    return app


async def test_document_for_who_is_logged_in() -> None:
    """The document holds for who is logged in, and for real credentials, with no others beside them."""
    app = documented()
    with logged_in(app, Identity("root", ROOT)) as headers:
        await assert_matches_openapi(app, examples=5, headers=headers)
    await assert_matches_openapi(documented(), examples=5, headers=ROOTS_KEY)


async def test_document_of_a_lost_guard() -> None:
    """An operation that needs credentials, says its document, and answers without them is found."""

    @web.middleware
    async def let_in(request: web.Request, handler: Any) -> web.StreamResponse:
        headers = {**request.headers, **ROOTS_KEY}
        response: web.StreamResponse = await handler(request.clone(headers=headers))
        return response

    app = documented()
    app.middlewares.append(let_in)
    with pytest.raises(AssertionError, match="accepts requests without authentication"):
        await assert_matches_openapi(app, examples=5, headers=ROOTS_KEY)


async def test_clock(api_client_factory: APIClientFactory) -> None:
    class Counted(BaseViewSet):
        throttles = (Rate("1/minute", by="address"),)

        async def list(self) -> None: ...

    clock, app, router = Clock(), web.Application(), SimpleRouter()
    router.register(Counted, basename="counted")
    app.add_routes(router.routespatters)
    throttling.setup(app, store=MemoryStore(clock=clock))
    client = await api_client_factory(app)
    await client.get("/counted/", expect=204)
    clock.advance(59)
    await client.get("/counted/", expect=429)
    clock.advance(1)
    await client.get("/counted/", expect=204)


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_clock_never_goes_back(seconds: float) -> None:
    with pytest.raises(ValueError, match="cannot go on"):
        Clock().advance(seconds)
