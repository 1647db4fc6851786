import asyncio
import functools
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ClassVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from pytest_aiohttp import AiohttpClient

from webaio import openapi, permissions, throttling
from webaio.authentication import (
    BaseAuthentication,
    CrossOriginProtection,
    CurrentUser,
    Identity,
    OptionalUser,
    credentials_after,
    identity_of,
)
from webaio.decorators import action, operation
from webaio.exceptions import APIException, Gone, ImproperlyConfigured
from webaio.middlewares import api_exception_handler
from webaio.permissions import (
    Anyone,
    BasePermission,
    HasScope,
    IsAuthenticated,
    ObjectPermission,
    Permission,
    Permissions,
    guarded,
)
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Connect = Callable[..., Awaitable[Client]]


class User(Struct):
    id: str
    is_admin: bool = False


USERS = {"ana": User("ana"), "bob": User("bob"), "root": User("root", is_admin=True)}


class Token(BaseAuthentication):
    """A token is the user's name; a scope may follow it: `ana+artists:write`."""

    scheme_name = "token"
    challenge = "Bearer"
    security_scheme = {"type": "http", "scheme": "bearer"}

    def credentials(self, request: web.Request) -> str | None:
        return credentials_after(request, "Bearer")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        name, _, scope = credentials.partition("+")
        user = USERS.get(name)
        return None if user is None else Identity(user.id, user, frozenset([scope]))


class Key(Token):
    scheme_name = "key"
    challenge = "ApiKey"
    security_scheme = {"type": "apiKey", "in": "header", "name": "X-Key"}

    def credentials(self, request: web.Request) -> str | None:
        return request.headers.get("X-Key")


class Cookie(Token):
    """What a browser sends by itself."""

    scheme_name = "cookie"
    challenge = "Cookie"
    security_scheme = {"type": "apiKey", "in": "cookie", "name": "session"}
    is_ambient = True
    cross_origin = CrossOriginProtection()

    def credentials(self, request: web.Request) -> str | None:
        return request.cookies.get("session")


class IsAdmin(Permission[User]):
    async def allows(self, user: User | None) -> bool:
        return user is not None and user.is_admin


class IsOwner(ObjectPermission[User, Any]):
    async def allows(self, user: User | None, item: Any) -> bool:
        return user is not None and item.owner == user.id


def bearer(name: str | None) -> dict[str, str]:
    """Make the headers of a user; none for nobody."""
    return {} if name is None else {"Authorization": f"Bearer {name}"}


class Artist(Struct):
    id: int
    owner: str


ARTISTS = {1: Artist(1, "ana"), 2: Artist(2, "bob")}


class ArtistDoesNotExist(APIException):
    status_code = 404
    detail = "Artist does not exist"


class ArtistViewSet(BaseViewSet):
    authentication = (Token(), Key())
    permissions = {
        "list": Anyone(),
        "create": HasScope("artists:write"),
        "search": IsAuthenticated(),
        "*": IsOwner() | IsAdmin(),
    }
    not_found = ArtistDoesNotExist

    async def get_object(self, id: int) -> Artist | None:
        return ARTISTS.get(id)

    async def list(self, user: OptionalUser[User]) -> str:
        return "nobody" if user is None else str(user.id)

    async def create(self, body: Artist, user: CurrentUser[User]) -> str:
        return user.id

    async def detail(self) -> Artist:
        assert isinstance(self.object, Artist)
        return self.object

    async def partial_update(self, id: int, body: Artist) -> Artist:
        return ARTISTS[id]

    async def destroy(request: web.Request) -> web.Response:  # type: ignore[misc]  # of the tutorial
        return web.Response(status=204)

    @action(detail=False)
    async def search(self) -> AsyncIterator[Artist]:
        for each in ARTISTS.values():
            yield each

    @action(detail=True, method="post")
    async def publish(self) -> Artist:
        return ARTISTS[self.object.id]

    @action(detail=True, method="post", permissions=IsAdmin())
    async def ban(self) -> Artist:
        return ARTISTS[self.object.id]


BROKEN = b"{"


@pytest.mark.parametrize(
    ("method", "path", "answers"),
    [
        # nobody, ana, bob, root, wrong
        ("GET", "/artist/", [200, 200, 200, 200, 401]),
        ("GET", "/artist/search/", [401, 200, 200, 200, 401]),
        ("GET", "/artist/1/", [401, 200, 404, 200, 401]),
        ("HEAD", "/artist/1/", [401, 200, 404, 200, 401]),
        ("GET", "/artist/9/", [401, 404, 404, 404, 401]),
        ("GET", "/artist/x/", [401, 404, 404, 404, 401]),
        ("DELETE", "/artist/2/", [401, 404, 204, 204, 401]),
        ("POST", "/artist/2/publish/", [401, 404, 200, 200, 401]),
        ("POST", "/artist/1/ban/", [401, 403, 403, 200, 401]),
        ("POST", "/artist/9/ban/", [401, 403, 403, 404, 401]),
        ("POST", "/artist/", [401, 403, 403, 403, 401]),
        ("PATCH", "/artist/1/", [401, 415, 404, 415, 401]),
        ("OPTIONS", "/artist/1/", [204] * 5),
        ("PUT", "/artist/1/", [405] * 5),
        ("TRACE", "/artist/1/", [405] * 5),
        ("PROPFIND", "/artist/1/", [405] * 5),
    ],
)
@pytest.mark.parametrize("middlewares", [(), (api_exception_handler,)])
async def test_who_may(
    connect: Connect, method: str, path: str, answers: list[int], middlewares: Any
) -> None:
    client = await connect(ArtistViewSet, middlewares=middlewares)
    for user, status in zip((None, "ana", "bob", "root", "eve"), answers, strict=True):
        data = BROKEN if method in ("POST", "PATCH") else None
        response = await client.request(method, path, headers=bearer(user), data=data)
        assert response.status == status, user
        if status == 401:
            assert response.headers["WWW-Authenticate"] == "Bearer, ApiKey"
        if status not in (204, 405):
            assert response.headers["Cache-Control"] == "private"


async def test_missing_and_hidden_are_one_answer(connect: Connect) -> None:
    client = await connect(ArtistViewSet)
    texts = []
    for path in ("/artist/1/", "/artist/9/"):
        response = await client.get(path, headers=bearer("bob"))
        texts.append((await response.text()).replace(path, ""))
    assert texts[0] == texts[1]
    assert "Artist does not exist" in texts[0]


async def test_seen_and_forbidden(connect: Connect) -> None:
    class Public(ArtistViewSet):
        permissions = {"detail": Anyone()}

    client = await connect(Public)
    for user, status in ((None, 401), ("bob", 403), ("ana", 204)):
        response = await client.delete("/artist/1/", headers=bearer(user))
        assert response.status == status
    assert (await client.delete("/artist/9/", headers=bearer("bob"))).status == 404
    assert (await client.get("/artist/9/")).status == 404


async def test_scope(connect: Connect) -> None:
    client = await connect(ArtistViewSet)
    for scope, status in (("artists:write", 201), ("artists", 403), ("", 403)):
        headers = bearer(f"ana+{scope}")
        response = await client.post("/artist/", headers=headers, json={"id": 3, "owner": "ana"})
        assert response.status == status


async def test_two_credentials(connect: Connect) -> None:
    client = await connect(ArtistViewSet)
    assert await (await client.get("/artist/", headers={"X-Key": "bob"})).json() == "bob"
    response = await client.get("/artist/", headers={"X-Key": "bob", **bearer("ana")})
    assert response.status == 400
    twice = [("Authorization", "Bearer ana"), ("Authorization", "Bearer bob")]
    assert (await client.get("/artist/", headers=twice)).status == 400


async def test_what_a_browser_sends_counts_last(connect: Connect) -> None:
    class WithCookie(ArtistViewSet):
        authentication = (Cookie(), Token())  # type: ignore[assignment]  # another tuple's type

    client = await connect(WithCookie)
    cookies = {"Cookie": "session=bob"}
    assert await (await client.get("/artist/", headers=cookies)).json() == "bob"
    both = {**cookies, **bearer("ana")}
    assert await (await client.get("/artist/", headers=both)).json() == "ana"


async def test_parallel_users_are_kept_apart(connect: Connect) -> None:
    client = await connect(ArtistViewSet)

    async def ask(user: str) -> None:
        response = await client.get("/artist/", headers=bearer(user))
        assert await response.json() == user

    await asyncio.gather(*(ask(user) for user in ["ana", "bob"] * 100))


async def test_private_below_middlewares(connect: Connect) -> None:
    """Below a middleware of the viewset no shared cache keeps an error either."""

    @web.middleware
    async def transparent(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        return response

    class Wrapped(ArtistViewSet):
        middlewares = (transparent,)

    client = await connect(Wrapped)
    for user, status in ((None, 401), ("bob", 404), ("ana", 200)):
        response = await client.get("/artist/1/", headers=bearer(user))
        assert (response.status, response.headers["Cache-Control"]) == (status, "private")


async def test_what_loads_is_of_the_application(connect: Connect) -> None:
    class Odd(ArtistViewSet):
        async def get_object(self, id: int) -> Artist | None:
            if id == 3:
                raise Gone
            raise ArtistDoesNotExist

    client = await connect(Odd)
    assert (await client.get("/artist/3/", headers=bearer("ana"))).status == 410
    assert (await client.get("/artist/1/", headers=bearer("ana"))).status == 404
    assert (await client.get("/artist/1/")).status == 401


async def test_404_of_aiohttp(connect: Connect) -> None:
    """An item that aiohttp's own 404 says is not there, has the answer of one that is hidden."""

    class Plain(ArtistViewSet):
        async def get_object(self, id: int) -> Artist | None:
            if id not in ARTISTS:
                raise web.HTTPNotFound
            return ARTISTS[id]

    client = await connect(Plain)
    for user, status in ((None, 401), ("bob", 404)):
        responses = [await client.get(f"/artist/{id}/", headers=bearer(user)) for id in (1, 9)]
        assert [each.status for each in responses] == [status, status]
        hidden, missing = [await each.text() for each in responses]
        assert hidden.replace("/1/", "/9/") == missing


class Forgetful(Permission[User]):
    async def allows(self, user: User | None) -> bool:
        return user and user.is_admin  # type: ignore[return-value]  # as people write


class Undecided(BasePermission):
    async def decide(self, identity: Identity | None) -> None:
        return None


@pytest.mark.parametrize("permission", [Forgetful(), Undecided()])
async def test_what_is_no_decision_lets_nobody_in(connect: Connect, permission: Any) -> None:
    class Broken(ArtistViewSet):
        permissions = {"list": permission}

    client = await connect(Broken)
    assert (await client.get("/artist/")).status == 500


# The words


class Base(BaseViewSet):
    authentication = (Token(),)
    permissions: ClassVar[Permissions] = Anyone()

    async def list(self) -> None: ...

    @action(detail=False, permissions=IsAdmin())
    async def marked(self) -> None: ...

    @action(detail=False)
    async def plain(self) -> None: ...


class Narrower(Base):
    permissions: ClassVar[Permissions] = IsAuthenticated()


class ByName(Base):
    permissions: ClassVar[Permissions] = {"marked": Anyone(), "plain": IsAdmin()}


class Overriding(Base):
    async def marked(self) -> None: ...


class ByOperations(Base):
    operations = {"list": operation(permissions=IsAdmin())}


@pytest.mark.parametrize(
    ("viewset", "statuses"),
    [  # of list, marked and plain for ana
        (Base, [204, 403, 204]),
        (Narrower, [204, 403, 204]),
        (ByName, [204, 204, 403]),
        (Overriding, [204, 403, 204]),
        (ByOperations, [403, 403, 204]),
    ],
)
async def test_nearest_word(connect: Connect, viewset: Any, statuses: list[int]) -> None:
    client = await connect(viewset)
    paths = ("/artist/", "/artist/marked/", "/artist/plain/")
    found = [(await client.get(path, headers=bearer("ana"))).status for path in paths]
    assert found == statuses
    is_open = viewset is not Narrower and statuses[0] == 204
    assert (await client.get("/artist/")).status == (204 if is_open else 401)


async def test_mixin_in_two_viewsets(aiohttp_client: AiohttpClient) -> None:
    class Publishing:
        @action(detail=False, method="post")
        async def publish(self) -> None: ...

    class One(Publishing, BaseViewSet):
        authentication = (Token(),)
        permissions = {"publish": IsAdmin()}

    class Other(Publishing, BaseViewSet):
        authentication = (Key(),)
        permissions = {"publish": HasScope("publish")}

    router = SimpleRouter()
    router.register(One, basename="one")
    router.register(Other, basename="other")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    client = await aiohttp_client(app)
    assert (await client.post("/one/publish/", headers=bearer("root"))).status == 204
    assert (await client.post("/other/publish/", headers=bearer("root"))).status == 401
    assert (await client.post("/other/publish/", headers={"X-Key": "ana+publish"})).status == 204
    paths = openapi.document_of(app)["paths"]
    assert paths["/one/publish/"]["post"]["security"] == [{"token": []}]
    assert paths["/other/publish/"]["post"]["security"] == [{"key": ["publish"]}]


async def test_guard_is_outside_of_hooks(connect: Connect) -> None:
    asked = []

    class Hooked(ArtistViewSet):
        destroy = None  # type: ignore[assignment]  # which takes it away

        async def before(self) -> None:
            asked.append(self.action)

    client = await connect(Hooked)
    assert (await client.get("/artist/search/")).status == 401
    assert asked == []
    assert (await client.get("/artist/search/", headers=bearer("ana"))).status == 200
    assert asked == ["search"]


async def test_in_a_sub_application(aiohttp_client: AiohttpClient) -> None:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    inner, app = web.Application(), web.Application()
    inner.add_routes(router.routespatters)
    app.add_subapp("/sub", inner)
    client = await aiohttp_client(app)
    for user, status in ((None, 401), ("bob", 404), ("ana", 200)):
        assert (await client.get("/sub/artist/1/", headers=bearer(user))).status == status


# Three values


class Known(BasePermission):
    """Decides at first as it is told, and later on the object."""

    needs_object = True

    def __init__(self, decided: bool | None, of_object: bool) -> None:
        self.first, self.of_object = decided, of_object

    async def decide(self, identity: Identity | None) -> bool | None:
        return self.first

    async def decide_on(self, identity: Identity | None, item: object) -> bool:
        return self.of_object


PARTS = [
    Known(first, last) for first, last in itertools.product((True, False, None), (True, False))
]
TREES: st.SearchStrategy[BasePermission] = st.recursive(
    st.sampled_from(PARTS),
    lambda inner: st.one_of(
        st.builds(lambda one, other: one & other, inner, inner),
        st.builds(lambda one, other: one | other, inner, inner),
        st.builds(lambda one: ~one, inner),
    ),
    max_leaves=8,
)


def answer_of(permission: BasePermission) -> bool:
    """Ask as a guard does: on an object only what is not decided without it."""

    async def ask() -> bool:
        decided = await permission.decide(None)
        return await permission.decide_on(None, object()) if decided is None else decided

    return asyncio.run(ask())


@given(TREES)
def test_what_is_decided_stays_decided(part: BasePermission) -> None:
    permission = ~part
    assert asyncio.run(permission.decide(None)) in (None, answer_of(permission))
    assert asyncio.run(permission.decide_on(None, object())) is answer_of(permission)


@given(TREES, TREES)
def test_joined_as_in_logic(one: BasePermission, other: BasePermission) -> None:
    """A part that has decided without the object is not asked again, whatever it would say of it."""
    assert answer_of(one & other) is (answer_of(one) and answer_of(other))
    assert answer_of(one | other) is (answer_of(one) or answer_of(other))
    assert answer_of(~one) is not answer_of(one)


@given(TREES, TREES)
def test_the_laws_of_de_morgan(one: BasePermission, other: BasePermission) -> None:
    async def decide(permission: BasePermission) -> tuple[bool | None, bool]:
        return await permission.decide(None), await permission.decide_on(None, object())

    assert asyncio.run(decide(~(one & other))) == asyncio.run(decide(~one | ~other))
    assert asyncio.run(decide(~(one | other))) == asyncio.run(decide(~one & ~other))


class OnlyKnown(IsOwner):
    """Refuses who is not known without a look at the object, and would let him in with one."""

    async def decide(self, identity: Identity | None) -> bool | None:
        return False if identity is None else None

    async def allows(self, user: User | None, item: Any) -> bool:
        return True


@pytest.mark.parametrize(
    ("permission", "user", "decisions"),
    [
        (IsOwner() | IsAdmin(), "bob", (None, False)),
        (IsOwner() | IsAdmin(), "root", (True, True)),
        (~IsOwner(), "ana", (None, False)),
        (IsAuthenticated() & ~IsOwner(), None, (False, False)),
        (OnlyKnown() | IsOwner(), None, (None, False)),
        (OnlyKnown() | IsOwner(), "bob", (None, True)),
    ],
)
async def test_joined(permission: BasePermission, user: str | None, decisions: Any) -> None:
    identity = None if user is None else Identity(user, USERS[user])
    assert await permission.decide(identity) is decisions[0]
    assert await permission.decide_on(identity, ARTISTS[1]) is decisions[1]


def test_words_of_python_join_nothing() -> None:
    for permission in (IsAdmin(), IsOwner() | IsAdmin()):
        with pytest.raises(TypeError, match="neither true nor false"):
            assert permission or IsOwner()
    with pytest.raises(TypeError):
        IsAdmin() | IsOwner
    with pytest.raises(TypeError, match="one text"):
        Identity("ana", None, "artists:write")


# Refused when it is registered


def _viewset(**members: Any) -> type[BaseViewSet]:
    async def list(self: Any) -> None: ...

    async def detail(self: Any, id: int) -> None: ...

    written = {"list": list, "detail": detail, "authentication": (Token(),), **members}
    return type("Viewset", (BaseViewSet,), written)


async def _with_session(self: Any, id: int, session: str) -> None: ...


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"permissions": IsOwner()}, "list: its permission asks for an object"),
        ({"permissions": {"detail": IsOwner()}}, "Define `async def get_object"),
        ({"permissions": IsAdmin}, "Write IsAdmin"),
        ({"permissions": [IsAdmin()]}, "Join them by"),
        ({"permissions": "admin"}, "no permission"),
        ({"permissions": {"lst": IsAdmin(), "*": Anyone()}}, "'lst', which is no action"),
        ({"permissions": {"list": None}}, "no permission"),
        ({"permissions": IsAdmin(), "authentication": ()}, "nothing says how to find out"),
        ({"authentication": Token()}, "no list"),
        ({"authentication": (Token,)}, "no way to authenticate"),
        ({"throttles": ("20/minute",)}, "no Rate"),
        ({"permissions": Anyone(), "get_object": lambda self, id: None}, "it is not async"),
        ({"permissions": Anyone(), "get_object": _with_session}, "variables of the URL alone"),
        ({"permission_classes": [IsAdmin]}, "permissions = IsAuthenticated"),
        ({"permission": IsAdmin()}, "permission: nobody reads it"),
        ({"get_permissions": lambda self: [IsAdmin()]}, "get_permissions: nobody reads it"),
        ({"get_authenticators": lambda self: [Token()]}, "authentication = (jwt,)"),
        ({"get_throttles": lambda self: []}, "throttles = (Rate("),
    ],
)
def test_refused(members: dict[str, Any], message: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        SimpleRouter().register(_viewset(**members), basename="artist")
    assert message in str(caught.value)


def test_words_below_another_decorator() -> None:
    """A decorator that hides the words of a method is refused: it would hide its permission."""

    def keeping(function: Any) -> Any:
        @functools.wraps(function)
        async def call(*args: Any, **options: Any) -> Any:
            return await function(*args, **options)

        return call

    def hiding(function: Any) -> Any:
        async def call(self: Any, request: web.Request) -> web.Response:
            response: web.Response = await function(self, request)
            return response

        return call

    class Kept(ArtistViewSet):
        @keeping
        @operation(permissions=IsAdmin())
        async def update(self, request: web.Request) -> web.Response:
            return web.Response()

    class Above(ArtistViewSet):
        @operation(permissions=IsAdmin())
        @hiding
        async def update(self, request: web.Request) -> web.Response:
            return web.Response()

    class Lost(ArtistViewSet):
        @hiding
        @operation(permissions=IsAdmin())
        async def update(self, request: web.Request) -> web.Response:
            return web.Response()

    router = SimpleRouter()
    router.register(Kept, basename="kept")
    router.register(Above, basename="above")
    with pytest.raises(ImproperlyConfigured, match=r"Lost\.update: a decorator hides"):
        router.register(Lost, basename="lost")


def test_item_of_a_prefix() -> None:
    """A variable of the prefix is not taken for the item: one that was not meant would be asked."""

    class Listing(BaseViewSet):
        authentication = (Token(),)
        permissions = IsOwner()

        async def get_object(self, id: int) -> Artist | None:
            return ARTISTS.get(id)

        async def list(self) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="list: the router's prefix has 'id'"):
        SimpleRouter(prefix="/{id}").register(Listing, basename="artist")


def test_user_without_a_way_to_know_him() -> None:
    async def list(self: Any, user: CurrentUser[User]) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="nothing says how to find out"):
        SimpleRouter().register(_viewset(list=list, authentication=()), basename="artist")


def test_scope_that_is_async() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Odd.scope: it is async. Write `def scope`"):

        class Odd(ObjectPermission[User, Artist]):
            async def scope(self, user: User | None) -> bool:  # type: ignore[override]  # the mistake
                return True


def test_permission_that_is_not_async() -> None:
    with pytest.raises(ImproperlyConfigured, match="it is not async"):

        class Sync(Permission[User]):
            def allows(self, user: User | None) -> bool:  # type: ignore[override]  # which is refused
                return True

    with pytest.raises(ImproperlyConfigured, match="it cannot be called"):

        class Short(ObjectPermission[User, Artist]):
            async def allows(self, user: User | None) -> bool:  # type: ignore[override]  # which is refused
                return True

    with pytest.raises(ImproperlyConfigured, match="names no scope"):
        HasScope()


# Handlers, and what is not declared


@guarded(IsAuthenticated(), authentication=[Token()])
async def report(request: web.Request) -> web.Response:
    identity = identity_of(request)
    assert identity is not None
    return web.json_response(identity.id)


class View(web.View):
    @guarded(IsAdmin(), authentication=[Token()])
    async def get(self) -> web.Response:
        return web.Response()


async def test_guarded_handlers(aiohttp_client: AiohttpClient) -> None:
    app = web.Application()
    app.router.add_get("/report", report)
    app.router.add_view("/view", View)
    openapi.setup(app, permission=IsAdmin(), authentication=[Token()])
    client = await aiohttp_client(app)
    for path, statuses in (
        ("/report", [401, 200, 200, 401]),
        ("/view", [401, 403, 200, 401]),
        ("/openapi.json", [401, 403, 200, 401]),
        ("/swagger", [401, 403, 200, 401]),
        ("/swagger/swagger.js", [200] * 4),
    ):
        users = (None, "ana", "root", "eve")
        answers = [await client.get(path, headers=bearer(user)) for user in users]
        assert [each.status for each in answers] == statuses, path
        kept = {each.headers.get("Cache-Control") for each in answers}
        assert path == "/swagger/swagger.js" or kept <= {"private", "no-cache"}, path
    described = openapi.document_of(app)["paths"]
    assert described["/report"]["get"]["security"] == [{"token": []}]
    assert "401" in described["/report"]["get"]["responses"]
    assert "403" in described["/view"]["get"]["responses"]


def test_handler_that_cannot_be_guarded() -> None:
    with pytest.raises(ImproperlyConfigured, match="a handler has none"):
        guarded(IsOwner(), authentication=[Token()])
    with pytest.raises(ImproperlyConfigured, match="nothing says how"):
        guarded(IsAdmin())
    with pytest.raises(ImproperlyConfigured, match="is no handler"):
        guarded(Anyone())(None)  # type: ignore[arg-type]


class HalfGuarded(View):
    async def post(self) -> web.Response:
        return web.Response()


class OfNoMethod(web.View):
    def __await__(self) -> Any:
        return _plain(self.request).__await__()


async def test_views(aiohttp_client: AiohttpClient) -> None:
    """A view is declared where each of its methods is; one that is not is named."""
    app = web.Application()
    app.router.add_view("/view", View)
    permissions.setup(app)
    client = await aiohttp_client(app)
    assert (await client.get("/view", headers=bearer("root"))).status == 200
    for view, name in ((HalfGuarded, "HalfGuarded.post"), (OfNoMethod, "OfNoMethod")):
        app = web.Application()
        app.router.add_view("/view", view)
        permissions.setup(app)
        with pytest.raises(ImproperlyConfigured, match=rf"declared for /view \({name}\)\."):
            await _started(app)


async def _plain(request: web.Request) -> web.Response:
    return web.Response()


async def _started(app: web.Application) -> None:
    async with TestServer(app):
        pass


async def test_undeclared_routes(tmp_path: Any) -> None:
    class Undeclared(BaseViewSet):
        authentication = (Token(),)

        async def list(self) -> None: ...

        @action(detail=False, permissions=IsAdmin())
        async def declared(self) -> None: ...

    app, inner, of_host = web.Application(), web.Application(), web.Application()
    router = DefaultRouter()
    router.register(Undeclared, basename="artist")
    router.register(ArtistViewSet, basename="other")
    app.add_routes(router.routespatters)
    inner.router.add_get("/plain", _plain)
    inner.router.add_get("/open", guarded(Anyone())(_plain))
    of_host.router.add_get("/host", _plain)
    app.add_subapp("/inner", inner)
    app.add_domain("music.example", of_host)
    app.router.add_static("/static", tmp_path)
    openapi.setup(app)
    permissions.setup(app, undeclared="refuse")
    with pytest.raises(ImproperlyConfigured) as caught:
        await _started(app)
    message = str(caught.value)
    for each in (
        " / ",
        "/artist/ ",
        "/inner/plain ",
        "/host ",
        "/static ",
        "/openapi.json ",
        "/swagger ",
    ):
        assert each in message
    for each in ("Undeclared.declared", "/other/", "/inner/open", "OPTIONS"):
        assert each not in message


async def test_declared_routes(aiohttp_client: AiohttpClient, tmp_path: Any) -> None:
    app = web.Application()
    router = DefaultRouter(permission=IsAuthenticated(), authentication=[Token()])
    router.register(ArtistViewSet, basename="artist")
    app.add_routes(router.routespatters)
    app.router.add_static("/static", tmp_path)
    openapi.setup(app, permission=Anyone())
    permissions.setup(app, open_paths=["/static"])
    client = await aiohttp_client(app)
    assert (await client.get("/")).status == 401
    assert (await client.get("/", headers=bearer("ana"))).status == 200


async def test_misspelt_open_path() -> None:
    app = web.Application()
    permissions.setup(app, open_paths=["/sttic"])
    with pytest.raises(ImproperlyConfigured, match="'/sttic', which no route has"):
        await _started(app)
    with pytest.raises(ImproperlyConfigured, match="Call it once"):
        permissions.setup(app)
    with pytest.raises(ImproperlyConfigured, match="is unknown"):
        permissions.setup(web.Application(), undeclared="deny")  # type: ignore[arg-type]


# The document


async def test_documented() -> None:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    described = openapi.document_of(app)
    both: list[dict[str, list[str]]] = [{"token": []}, {"key": []}]
    told = {
        (path, method): (sorted(each["responses"]), each.get("security"))
        for path, methods in described["paths"].items()
        for method, each in methods.items()
    }
    assert told[("/artist/", "get")] == (["200", "400", "401"], [{}, *both])
    assert told[("/artist/search/", "get")] == (["200", "400", "401"], both)
    writing = [{"token": ["artists:write"]}, {"key": ["artists:write"]}]
    refused = ["400", "401", "403"]
    assert told[("/artist/", "post")] == (["201", *refused, "413", "415", "422"], writing)
    assert told[("/artist/{id}/", "get")] == (["200", *refused, "404"], both)
    assert "Artist does not exist" in json.dumps(described["paths"]["/artist/{id}/"]["get"])
    assert [*described["components"]["securitySchemes"]] == ["token", "key"]
    assert "security" not in described


async def test_errors_of_ways_are_documented() -> None:
    class Broken(Token):
        errors = (503,)

    router = SimpleRouter()
    ways = (Broken(), Cookie())
    router.register(_viewset(permissions=IsAuthenticated(), authentication=ways), basename="one")
    router.register(_viewset(permissions=Anyone(), authentication=()), basename="open")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    throttling.setup(app, failures="10/minute")
    paths = openapi.document_of(app)["paths"]
    guarded = sorted(paths["/one/"]["get"]["responses"])
    assert guarded == ["204", "400", "401", "403", "429", "503"]
    assert [*paths["/open/"]["get"]["responses"]] == ["204"]


async def test_two_schemes_of_one_name() -> None:
    class Other(Token):
        security_scheme = {"type": "http", "scheme": "basic"}

    router = SimpleRouter()
    router.register(_viewset(permissions=IsAdmin()), basename="one")
    router.register(_viewset(permissions=IsAdmin(), authentication=(Other(),)), basename="other")
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False)
    with pytest.raises(ImproperlyConfigured, match="another scheme_name"):
        openapi.document_of(app)
