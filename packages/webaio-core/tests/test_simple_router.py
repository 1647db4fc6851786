# The tutorial's actions have no annotations, and no `self`:
# mypy: no-check-untyped-defs, no-disallow-untyped-defs

import functools
from collections.abc import Callable
from typing import Any, cast

import attrs
import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient
from yarl import URL

from webaio.decorators import action
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.viewsets import BaseViewSet


class TutorialViewSet(BaseViewSet):
    """Actions as the tutorial writes them: no `self`."""

    async def create(request):
        return web.json_response("create", status=201)

    async def list(request):
        return web.json_response("list")

    async def detail(request):
        return web.json_response(f"detail {request.match_info['id']}")

    async def update(request):
        return web.json_response(f"update {request.match_info['id']}")

    async def partial_update(request):
        return web.json_response(f"partial_update {request.match_info['id']}")

    async def destroy(request):
        return web.json_response(f"destroy {request.match_info['id']}")

    @action(detail=True, method="get")
    async def google_it(request):
        return web.json_response(f"google_it {request.match_info['id']}")

    @action(detail=False, method="post", url_path="import")
    async def take_in(request):
        return web.json_response("take_in")


class SelfViewSet(BaseViewSet):
    """The same, as methods."""

    async def create(self, request: web.Request) -> web.Response:
        return web.json_response("create", status=201)

    async def list(self, request: web.Request) -> web.Response:
        return web.json_response("list")

    async def detail(self, request: web.Request) -> web.Response:
        return self._answer(request)

    async def update(self, request: web.Request) -> web.Response:
        return self._answer(request)

    async def partial_update(self, request: web.Request) -> web.Response:
        return self._answer(request)

    async def destroy(self, request: web.Request) -> web.Response:
        return self._answer(request)

    @action(detail=True)
    async def google_it(self, request: web.Request) -> web.Response:
        return self._answer(request)

    @action(detail=False, method="post", url_path="import")
    async def take_in(self, request: web.Request) -> web.Response:
        return web.json_response("take_in")

    def _answer(self, request: web.Request) -> web.Response:
        assert self.request is request
        return web.json_response(f"{self.action} {request.match_info['id']}")


class StaticViewSet(BaseViewSet):
    """Static and class methods."""

    @staticmethod
    async def list(request: web.Request) -> web.Response:
        return web.json_response("list")

    @classmethod
    async def detail(cls, request: web.Request) -> web.Response:
        return web.json_response(f"detail {cls.__name__}")


def application(viewset: type[BaseViewSet], **options: Any) -> web.Application:
    router = SimpleRouter(**options)
    router.register(viewset, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    return app


@pytest.mark.parametrize("viewset", [TutorialViewSet, SelfViewSet])
@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/artist/", "list"),
        ("POST", "/artist/", "create"),
        ("GET", "/artist/7/", "detail 7"),
        ("PUT", "/artist/7/", "update 7"),
        ("PATCH", "/artist/7/", "partial_update 7"),
        ("DELETE", "/artist/7/", "destroy 7"),
        ("GET", "/artist/7/google-it/", "google_it 7"),
        ("POST", "/artist/import/", "take_in"),
    ],
)
async def test_actions(
    aiohttp_client: AiohttpClient,
    viewset: type[BaseViewSet],
    method: str,
    path: str,
    answer: str,
) -> None:
    """Each action answers at its URL and method, with `self` and without."""
    client = await aiohttp_client(application(viewset))
    response = await client.request(method, path)
    assert await response.json() == answer


async def test_static_and_class_methods(aiohttp_client: AiohttpClient) -> None:
    """A static method takes the request; a class method the class and the request."""
    client = await aiohttp_client(application(StaticViewSet))
    assert await (await client.get("/artist/")).json() == "list"
    assert await (await client.get("/artist/7/")).json() == "detail StaticViewSet"


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/artist/", "GET,HEAD,OPTIONS,POST"),
        ("/artist/7/", "DELETE,GET,HEAD,OPTIONS,PATCH,PUT"),
        ("/artist/7/google-it/", "GET,HEAD,OPTIONS"),
        ("/artist/import/", "OPTIONS,POST"),
    ],
)
async def test_other_methods(aiohttp_client: AiohttpClient, path: str, allow: str) -> None:
    """OPTIONS is 204 and any other method 405, with the same Allow; an action beats `{id}`."""
    client = await aiohttp_client(application(TutorialViewSet))
    options = await client.options(path)
    assert (options.status, options.headers["Allow"]) == (204, allow)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"} - set(allow.split(",")):
        response = await client.request(method, path)
        assert (response.status, response.headers["Allow"]) == (405, allow)


async def test_head(aiohttp_client: AiohttpClient) -> None:
    """HEAD comes with GET, without a body."""
    client = await aiohttp_client(application(TutorialViewSet))
    response = await client.head("/artist/")
    assert response.status == 200
    assert await response.read() == b""


async def test_head_of_its_own(aiohttp_client: AiohttpClient) -> None:
    """An action that names HEAD gets it, beside one that has GET on the same URL."""

    class Covers(BaseViewSet):
        @action(detail=False, method="get")
        async def cover(self, request: web.Request) -> web.Response:
            return web.Response(status=200)

        @action(detail=False, method="head", url_path="cover")
        async def look(self, request: web.Request) -> web.Response:
            return web.Response(status=202)

    client = await aiohttp_client(application(Covers))
    assert (await client.get("/artist/cover/")).status == 200
    assert (await client.head("/artist/cover/")).status == 202


async def test_one_instance_a_request(aiohttp_client: AiohttpClient) -> None:
    """What an action leaves on `self` is not seen by the next request."""

    class Counters(BaseViewSet):
        count = 0

        async def list(self, request: web.Request) -> web.Response:
            self.count += 1
            return web.json_response(self.count)

    client = await aiohttp_client(application(Counters))
    for _ in range(2):
        assert await (await client.get("/artist/")).json() == 1


def test_names() -> None:
    """Routes are named, so that URLs can be made from names."""
    names = application(TutorialViewSet).router
    assert str(names["artist-list"].url_for()) == "/artist/"
    assert str(names["artist-detail"].url_for(id="7")) == "/artist/7/"
    assert str(names["artist-google-it"].url_for(id="7")) == "/artist/7/google-it/"


@pytest.mark.parametrize(
    ("options", "path", "name"),
    [
        ({"url_path": "log-in"}, "/artist/log-in/", "artist-log_in"),
        ({"url_path": "import"}, "/artist/import/", "artist-import_"),
        ({"url_path": "2fa"}, "/artist/2fa/", "artist-_2fa"),
        ({"url_path": "a/b"}, "/artist/a/b/", "artist-mark_as_read"),
        ({"url_path": "{kind}/b"}, "/artist/x/b/", "artist-mark_as_read"),
        ({"url_name": "read"}, "/artist/mark-as-read/", "artist-read"),
        ({}, "/artist/mark-as-read/", "artist-mark_as_read"),
    ],
)
async def test_paths_and_names_of_marked_actions(
    aiohttp_client: AiohttpClient, options: dict[str, Any], path: str, name: str
) -> None:
    """The URL is `url_path` or the method's name; the route's name follows, mended if need be."""

    class Letters(BaseViewSet):
        @action(detail=False, **options)
        async def mark_as_read(self, request: web.Request) -> web.Response:
            return web.Response()

    app = application(Letters)
    client = await aiohttp_client(app)
    assert (await client.get(path)).status == 200
    assert name in app.router


async def test_own_urls(aiohttp_client: AiohttpClient) -> None:
    """An empty `url_path` is another method of a URL that is there, or is none; others come before."""

    class ArtistViewSet(BaseViewSet):
        lookup_value_regex = ".+"

        async def list(self) -> str:
            return "list"

        @action(detail=False, method="delete", url_path="")
        async def clear(self) -> None: ...

        @action(detail=True, method="post", url_path="")
        async def change(self, id: str) -> str:
            return f"change {id}"

        @action(detail=True, method="post")
        async def sing(self, id: str) -> str:
            return f"sing {id}"

    class AlbumViewSet(BaseViewSet):
        list = None
        clear = ArtistViewSet.clear

    app = application(ArtistViewSet)
    assert str(app.router["artist-list"].url_for()) == "/artist/"
    assert str(app.router["artist-detail"].url_for(id="7")) == "/artist/7/"
    client = await aiohttp_client(app)
    asked = [("GET", "/artist/"), ("POST", "/artist/7/"), ("POST", "/artist/7/sing/")]
    answers = [await (await client.request(*each)).json() for each in asked]
    assert answers == ["list", "change 7", "sing 7"]
    assert (await client.delete("/artist/")).status == 204
    assert (await client.put("/artist/")).headers["Allow"] == "DELETE,GET,HEAD,OPTIONS"
    client = await aiohttp_client(application(AlbumViewSet))
    assert (await client.delete("/artist/")).status == 204
    assert (await client.get("/artist/")).status == 405


async def test_lookup(aiohttp_client: AiohttpClient) -> None:
    """A viewset names the item's part of the URL, and says what it may look like."""

    class Albums(BaseViewSet):
        lookup_url_kwarg = "number"
        lookup_value_regex = r"[0-9]{1,4}"

        async def detail(self, request: web.Request) -> web.Response:
            return web.json_response(request.match_info["number"])

    client = await aiohttp_client(application(Albums))
    assert await (await client.get("/artist/1983/")).json() == "1983"
    for path in ("/artist/x/", "/artist/12345/"):
        assert (await client.get(path)).status == 404


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"trailing_slash": False}, "/artist/7/google-it"),
        ({"prefix": "/api/v1"}, "/api/v1/artist/7/google-it/"),
        ({"prefix": "/{tenant}"}, "/sur/artist/7/google-it/"),
    ],
)
async def test_router_options(
    aiohttp_client: AiohttpClient, options: dict[str, Any], path: str
) -> None:
    """The router's options hold for all its URLs."""
    client = await aiohttp_client(application(TutorialViewSet, **options))
    assert await (await client.get(path)).json() == "google_it 7"
    other = path[:-1] if path.endswith("/") else f"{path}/"
    assert (await client.get(other)).status == 404


async def test_slashes_in_an_item(aiohttp_client: AiohttpClient) -> None:
    """An item whose value may hold slashes leaves its actions reachable."""

    class Files(TutorialViewSet):
        lookup_value_regex = ".+"

    client = await aiohttp_client(application(Files))
    assert await (await client.get("/artist/a/b/")).json() == "detail a/b"
    assert await (await client.get("/artist/a/b/google-it/")).json() == "google_it a/b"


async def test_two_versions(aiohttp_client: AiohttpClient) -> None:
    """With namespaces two routers with the same basenames live in one application."""
    app = web.Application()
    for version in ("v1", "v2"):
        router = DefaultRouter(prefix=f"/{version}", namespace=version)
        router.register(TutorialViewSet, basename="artist")
        app.add_routes(router.routespatters)
    assert str(app.router["v2:artist-detail"].url_for(id="7")) == "/v2/artist/7/"
    assert str(app.router["v1:api-root"].url_for()) == "/v1/"
    client = await aiohttp_client(app)
    assert await (await client.get("/v2/")).json() == {"artist": "/v2/artist/"}


@pytest.mark.parametrize("detail", [True, 1, False, 0])
def test_detail_may_be_any_truth(detail: Any) -> None:
    """`detail` is read as true or false."""

    class Letters(BaseViewSet):
        @action(detail=detail)
        async def read(self, request: web.Request) -> web.Response:
            return web.Response()

    path = application(Letters).router["artist-read"].canonical
    assert path == ("/artist/{id}/read/" if detail else "/artist/read/")


async def test_optional_parameters(aiohttp_client: AiohttpClient) -> None:
    """Behind the request there may be optional parameters, which get nothing but what the URL has."""

    class Many(BaseViewSet):
        async def list(self, request: web.Request, *args: Any, **kwargs: Any) -> web.Response:
            return web.json_response([args, kwargs])

        async def detail(self, request: web.Request, page: int = 1) -> web.Response:
            return web.json_response(page)

        async def update(self, request: web.Request, id=None) -> web.Response:  # type: ignore[no-untyped-def]  # that is the point
            return web.json_response([request.method, id])

    client = await aiohttp_client(application(Many))
    assert await (await client.get("/artist/")).json() == [[], {}]
    assert await (await client.get("/artist/7/")).json() == 1
    assert await (await client.put("/artist/7/")).json() == ["PUT", "7"]


async def test_list_of_definitions(aiohttp_client: AiohttpClient) -> None:
    """`routespatters` is a list of aiohttp's definitions, to be added to other lists and sub-apps."""
    router = SimpleRouter()
    router.register(TutorialViewSet, basename="artist")
    patterns: list[web.AbstractRouteDef] = []
    patterns += router.routespatters
    assert router.routes is router.routespatters
    app, api = web.Application(), web.Application()
    api.add_routes(patterns)
    app.add_subapp("/api/", api)
    client = await aiohttp_client(app)
    assert await (await client.get("/api/artist/7/")).json() == "detail 7"


def test_annotations_are_not_read() -> None:
    """An action named `list` hides the builtin in its class, and no annotation is looked up there."""

    class Names(BaseViewSet):
        async def list(self, request: web.Request) -> list[str]:
            return []

    assert "artist-list" in application(Names).router


def test_inherited_and_removed_actions() -> None:
    """A subclass has its base's actions, and `None` takes one away."""

    class ReadOnly(TutorialViewSet):
        create = None  # type: ignore[assignment]  # it takes the action away
        take_in = None  # type: ignore[assignment]  # it too

    names = {route.name for route in application(ReadOnly).router.routes()}
    assert names == {"artist-list", "artist-detail", "artist-google-it"}
    methods = {route.method for route in application(ReadOnly).router["artist-list"]}
    assert methods == {"GET", "HEAD", "*"}


async def test_default_router(aiohttp_client: AiohttpClient) -> None:
    """The root lists the collections, in a sub-app and behind a variable prefix too."""

    class NoCollection(BaseViewSet):
        list = None

        async def detail(self, request: web.Request) -> web.Response:
            return web.Response()

        @action(detail=False, url_path="by/{slug}", url_name="list")
        async def by_slug(self, request: web.Request) -> web.Response:
            return web.Response()

    router = DefaultRouter(prefix="/{tenant}")
    router.register(TutorialViewSet, basename="artist")
    router.register(TutorialViewSet, basename="log-in")
    router.register(NoCollection, basename="none")
    app, api = web.Application(), web.Application()
    api.add_routes(router.routespatters)
    app.add_subapp("/api/", api)
    client = await aiohttp_client(app)
    response = await client.get(URL("/api/a%20b%2Fc/", encoded=True))
    links = await response.json()
    assert links == {"artist": "/api/a%20b%2Fc/artist/", "log-in": "/api/a%20b%2Fc/log-in/"}
    assert (await client.get(URL(links["artist"], encoded=True))).status == 200


def keep_signature(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


async def test_decorated_actions(aiohttp_client: AiohttpClient) -> None:
    """A decorator that keeps the signature works, with `self` and without."""

    class Decorated(BaseViewSet):
        @keep_signature
        async def list(self, request: web.Request) -> web.Response:
            return web.json_response(self.action)

        @keep_signature
        async def detail(request):
            return web.json_response("detail")

    client = await aiohttp_client(application(Decorated))
    assert await (await client.get("/artist/")).json() == "list"
    assert await (await client.get("/artist/7/")).json() == "detail"


async def test_the_other_slash(aiohttp_client: AiohttpClient) -> None:
    """aiohttp's own middleware redirects to it, with the query and the method."""
    router = SimpleRouter()
    router.register(TutorialViewSet, basename="artist")
    slashes = web.normalize_path_middleware(append_slash=True, merge_slashes=False)
    app = web.Application(middlewares=[slashes])
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    for path in ("/artist", "/artist/7"):
        response = await client.get(f"{path}?a=1", allow_redirects=False)
        assert (response.status, response.headers["Location"]) == (308, f"{path}/?a=1")
    assert (await client.get("/nothing")).status == 404


async def test_evolved_definitions(aiohttp_client: AiohttpClient) -> None:
    """They are attrs classes, as aiohttp's: a copy may have another path."""
    router = SimpleRouter()
    router.register(TutorialViewSet, basename="artist")
    app = web.Application()
    routes = cast(list[web.RouteDef], router.routespatters)
    app.add_routes([attrs.evolve(each, path=f"/v2{each.path}") for each in routes])
    client = await aiohttp_client(app)
    assert await (await client.get("/v2/artist/7/")).json() == "detail 7"
