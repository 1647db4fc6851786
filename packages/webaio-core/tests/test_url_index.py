"""An index answers as aiohttp does without it."""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from pytest_aiohttp import AiohttpClient
from yarl import URL

from webaio.decorators import action
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.routers._route_def import IndexedRouteDef
from webaio.routers._url_index import URLIndex
from webaio.viewsets import BaseViewSet

Definitions = Iterable[web.AbstractRouteDef]
Client = TestClient[web.Request, web.Application]
SEGMENTS = [
    *("artist", "album", "import", "google-it", "tracks", "tags", "own", "api", "v1"),
    *("5", "a", "t", "", ".", "5.json", "%61rtist", "a%2Fb", "%2F", "%25", "%C3%BC", "{tenant}"),
]
PREFIXES = [
    *("", "/v1", "/ü", "/ü/{tenant}", "/{tenant}", "/v1/{tenant}", "/{tenant}/v1", "/t-{tenant}"),
    *("/{tenant:[a-z]+}", "/{tenant:[^/]+}", "/{tenant:.*}", "/{tenant:(a|t)}", "/{a}/{b:.+}/v1"),
]
LOOKUPS = ["[^{}/]+", "[0-9]+", ".+", r"\d+(/\d+)?", "[+-9]+", "5|a"]
OWN = [
    *("/{tenant}/artist/", "/{tenant}/artist/{id}/", "/{tenant}/own/", "/{tenant}/{own}/5/"),
    *(
        "/artist/{id}/tags/",
        "/artist/{own}/",
        "/artist/",
        "/artist",
        "/{all:.*}",
        "/v1/{own}/artist/",
    ),
]
MOUNTS: list[tuple[str, ...]] = [(), ("/api",), ("/api/v1",), ("/v1", "/api"), ("/{tenant}",)]


async def answer(request: web.Request) -> web.Response:
    """Tell everything that was found out about a request's URL."""
    route = request.match_info.route
    resource = route.resource
    return web.json_response(
        {
            "method": route.method,
            "name": route.name,
            "canonical": resource.canonical if resource else None,
            "variables": dict(request.match_info),
            "apps": len(request.match_info.apps),
        }
    )


class Small(BaseViewSet):
    list = staticmethod(answer)
    detail = staticmethod(answer)


class Large(BaseViewSet):
    """With more URLs than are tried one after another."""

    list = staticmethod(answer)
    create = staticmethod(answer)
    detail = staticmethod(answer)
    destroy = staticmethod(answer)

    @action(detail=False, method="post", url_path="import")
    async def take_in(self, request: web.Request) -> web.Response:
        return await answer(request)

    @action(detail=True)
    async def google_it(self, request: web.Request) -> web.Response:
        return await answer(request)

    @action(detail=True, methods=["get", "put"], url_path="tracks/{track:.*}")
    async def tracks(self, request: web.Request) -> web.Response:
        return await answer(request)

    @action(detail=True, method="put")
    async def tags(self, request: web.Request) -> web.Response:
        return await answer(request)


def unindexed(definitions: Definitions) -> Iterator[web.RouteDef]:
    """Give the same definitions as aiohttp's own, which bring no index along."""
    for each in definitions:
        assert isinstance(each, web.RouteDef)
        yield web.RouteDef(each.method, in_ascii(each.path), each.handler, each.kwargs)


def in_ascii(text: str) -> str:
    """Write `U` for `ü`: by itself aiohttp finds no URL with such a letter beside a variable."""
    return text.replace("%C3%BC", "U").replace("ü", "U")


def mounted(definitions: Definitions, prefixes: Sequence[str]) -> web.Application:
    app = web.Application()
    app.add_routes(definitions)
    for prefix in prefixes:
        outer = web.Application()
        outer.add_subapp(prefix, app)
        app = outer
    return app


def with_lookup(viewset: type[BaseViewSet], regex: str) -> type[BaseViewSet]:
    return type(viewset.__name__, (viewset,), {"lookup_value_regex": regex})


@st.composite
def definitions(draw: st.DrawFn) -> list[web.AbstractRouteDef]:
    """Routes of one or two routers, and among them some that the user wrote."""
    parts: list[web.AbstractRouteDef] = []
    for namespace in draw(st.sampled_from([("",), ("", "n")])):
        router = draw(st.sampled_from([SimpleRouter, DefaultRouter]))(
            prefix=draw(st.sampled_from(PREFIXES)),
            trailing_slash=draw(st.booleans()),
            namespace=namespace,
        )
        for basename in draw(st.sampled_from([("artist",), ("artist", "album"), ("5", "artist")])):
            viewset = draw(st.sampled_from([Small, Large]))
            router.register(with_lookup(viewset, draw(st.sampled_from(LOOKUPS))), basename)
        parts += router.routespatters
    for path in draw(st.lists(st.sampled_from(OWN), max_size=3)):
        method = draw(st.sampled_from(["GET", "PUT", "*"]))
        parts.insert(draw(st.integers(0, len(parts))), web.route(method, path, answer))
    left_out = draw(st.sampled_from(["", "*"]))  # without the refusals aiohttp refuses
    return [each for each in parts if each.method != left_out]  # type: ignore[attr-defined]  # all are RouteDef


@st.composite
def paths(draw: st.DrawFn, definitions: Definitions, prefixes: Sequence[str]) -> str:
    """A path that one of the definitions may match, or any."""
    segment = st.sampled_from(SEGMENTS)
    written = draw(st.sampled_from([each.path for each in definitions]))  # type: ignore[attr-defined]  # all are RouteDef
    likely = re.sub(r"\{(?:[^{}]|\{[^{}]*\})*\}", lambda _: draw(segment), written)
    any_path = "/" + "/".join(draw(st.lists(segment, max_size=6)))
    return "".join(reversed(prefixes)) + draw(st.sampled_from([likely, likely, any_path]))


async def found(app: web.Application, method: str, path: str) -> tuple[Any, ...]:
    match_info = await app.router.resolve(make_mocked_request(method, path))
    error = match_info.http_exception
    if error is not None:
        return type(error), getattr(error, "allowed_methods", None), len(match_info.apps)
    route = match_info.route
    resource = route.resource
    assert resource is not None
    return (
        *(route.method, route.handler, route.name, in_ascii(resource.canonical)),
        *({name: in_ascii(value) for name, value in match_info.items()}, len(match_info.apps)),
    )


Requests = list[tuple[str, str]]


async def all_found(
    app: web.Application, requests: Requests, written: Callable[[str], str] = str
) -> dict[tuple[str, str], Any]:
    return {each: await found(app, each[0], written(each[1])) for each in requests}


@given(data=st.data())
def test_an_index_changes_no_answer(data: st.DataObject) -> None:
    """Whatever the routes are, a URL finds what it finds without an index."""
    routes = data.draw(definitions())
    prefixes = data.draw(st.sampled_from(MOUNTS))
    try:
        plain = mounted(unindexed(routes), prefixes)
    except (RuntimeError, ValueError) as error:  # two of the user's own on one URL
        with pytest.raises(type(error)):
            mounted(routes, prefixes)
        return
    app = mounted(routes, prefixes)
    app.freeze()
    plain.freeze()
    urls = data.draw(st.lists(paths(routes, prefixes), min_size=5, max_size=30, unique=True))
    requests = [(method, path) for path in urls for method in ("GET", "PUT", "OPTIONS")]
    expected = asyncio.run(all_found(plain, requests, in_ascii))
    assert asyncio.run(all_found(app, requests)) == expected


SERVED = [
    *("/t/artist/", "/t/artist", "/t/artist//", "/t//artist/", "//artist/", "/t/artist/5/"),
    *(
        "/t/artist/a%2Fb/",
        "/t/%61rtist/5/",
        "/%C3%BC/artist/%C3%BC/",
        "/t/artist/%2F/",
        "/t/none/5/",
    ),
    *("/t/artist/import/", "/t/artist/5/google-it/", "/t/artist/5/tracks/a/b/", "/t%2Fartist/5/"),
    *("/t/artist/%25/", "/t/artist/5/tags/more/", "/", "//", "/t/artist/./", "/t/artist/%7Bid%7D/"),
]


@pytest.mark.parametrize("mounts", [(), ("/api",), ("/v1", "/api/deep")])
@pytest.mark.parametrize("prefix", ["", "/{tenant}", "/{tenant:.*}"])
async def test_an_index_changes_no_response(
    aiohttp_client: AiohttpClient, prefix: str, mounts: Sequence[str]
) -> None:
    """Odd and escaped URLs get the response that they get without an index."""
    router = SimpleRouter(prefix=prefix)
    router.register(Large, "artist")
    router.register(Small, "album")
    own = [web.get("/{tenant}/artist/{id}/own/", answer), web.get("/{tenant}/none/5/", answer)]
    indexed = await aiohttp_client(mounted([*router.routespatters, *own], mounts))
    plain = await aiohttp_client(mounted([*unindexed(router.routespatters), *own], mounts))
    for path in ("".join(reversed(mounts)) + each for each in SERVED):
        for method in ("GET", "PUT", "OPTIONS"):
            assert await told(indexed, method, path) == await told(plain, method, path), path


async def told(client: Client, method: str, path: str) -> tuple[Any, ...]:
    url = URL(f"http://{client.host}:{client.port}{path}", encoded=True)
    response = await client.session.request(method, url)
    return response.status, response.headers.get("Allow"), await response.text()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[web.AbstractResource]:
    """Give the resources that are asked to resolve a request, each time that one is."""
    asked: list[web.AbstractResource] = []
    resolve = web.Resource.resolve

    async def noted(self: web.Resource, request: web.Request) -> Any:
        asked.append(self)
        return await resolve(self, request)

    monkeypatch.setattr(web.Resource, "resolve", noted)
    return asked


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/artist7/", 1),
        ("/artist0/5/", 1),
        ("/artist7/5/", 1),
        ("/artist7/import/", 1),
        ("/x/5/", 0),
    ],
)
@pytest.mark.parametrize("mounts", [(), ("/api",), ("/v1", "/api/deep")])
async def test_other_viewsets_are_not_asked(
    asked: list[web.AbstractResource], path: str, count: int, mounts: Sequence[str]
) -> None:
    """However many viewsets stand behind a variable, a request asks the resources it can be of."""
    router = SimpleRouter(prefix="/{tenant}")
    for number in range(8):
        router.register(with_lookup(Large, "[0-9a-z]+"), f"artist{number}")
    app = mounted(router.routespatters, mounts)
    app.freeze()
    await found(app, "GET", "".join(reversed(mounts)) + "/t" + path)
    assert len(asked) == count


async def test_other_actions_are_not_asked(asked: list[web.AbstractResource]) -> None:
    """An item's URL tries none of the many actions on items, but those whose names take slashes."""
    router = SimpleRouter()
    router.register(Large, "artist")
    app = mounted(router.routespatters, ())
    app.freeze()
    await found(app, "GET", "/artist/5/")
    assert [each.canonical for each in asked] == ["/artist/{id}/"]


def indexes_in(app: web.Application) -> list[URLIndex]:
    return [each for each in app.router.resources() if isinstance(each, URLIndex)]


@pytest.mark.parametrize(
    ("viewset", "prefix", "count"),
    [(Small, "", 0), (Small, "/v1", 0), (Large, "", 1), (Small, "/{tenant}", 1)],
)
def test_an_index_stands_where_many_begin_alike(
    viewset: type[BaseViewSet], prefix: str, count: int
) -> None:
    """There is one for a prefix with a variable, or for an item's many URLs, and else none."""
    router = SimpleRouter(prefix=prefix)
    router.register(viewset, "artist")
    app = mounted(router.routespatters, ())
    assert len(indexes_in(app)) == count


def test_an_index_is_shared() -> None:
    """Routers share an index, and routes of somebody else end it only where they begin alike."""
    first, second = (
        SimpleRouter(prefix="/{tenant}"),
        SimpleRouter(prefix="/{tenant}", namespace="n"),
    )
    first.register(Small, "artist")
    second.register(Small, "artist")
    app = mounted([*first.routes, web.get("/own/", answer), *second.routes], ())
    assert len(indexes_in(app)) == 1
    app = mounted([*first.routes, web.get("/{own}/", answer), *second.routes], ())
    assert len(indexes_in(app)) == 2


def test_an_index_is_not_seen() -> None:
    """It adds neither route nor name, and cannot be taken for a URL."""
    router = SimpleRouter(prefix="/{tenant}")
    router.register(Large, "artist")
    app, plain = mounted(router.routes, ()), mounted(unindexed(router.routes), ())
    assert [repr(each) for each in app.router.routes()] == [
        repr(each) for each in plain.router.routes()
    ]
    assert list(app.router) == list(plain.router)
    (index,) = indexes_in(app)
    assert (len(index), list(index), index.name, index.get_info()) == (0, [], None, {})
    assert repr(index) == "<URLIndex />"
    with pytest.raises(RuntimeError, match="no URL of its own"):
        index.url_for()


async def test_definitions_are_added_one_by_one() -> None:
    """Some of the definitions, one by one, in several applications: each works by itself."""
    router = SimpleRouter(prefix="/{tenant}")
    router.register(Small, "artist")
    for part in (router.routes, router.routes[:2], router.routes[3:]):
        app = web.Application()
        for definition in part:
            app.add_routes([definition])
        plain = mounted(unindexed(part), ())
        app.freeze()
        plain.freeze()
        for path in ("/t/artist/", "/t/artist/5/"):
            assert await found(app, "GET", path) == await found(plain, "GET", path)


async def test_routes_are_found_before_the_start(asked: list[web.AbstractResource]) -> None:
    """An application that still takes routes finds those that it has, and then all at once."""
    app = web.Application()
    for namespace in ("first", "second"):
        router = SimpleRouter(prefix="/{tenant}", namespace=namespace)
        router.register(Large, namespace)
        app.add_routes(router.routes)
        assert (await found(app, "GET", f"/t/{namespace}/"))[2] == f"{namespace}:{namespace}-list"
    app.freeze()
    asked.clear()
    assert (await found(app, "GET", "/t/second/5/"))[2] == "second:second-detail"
    assert len(asked) == 1


async def test_a_sub_application_is_mounted_after_a_request() -> None:
    """A sub-application that has answered already can be mounted once more."""
    router = SimpleRouter(prefix="/{tenant}")
    router.register(Large, "artist")
    app = mounted(router.routes, ("/v1",))
    await found(app, "GET", "/v1/t/artist/5/")
    outer = web.Application()
    outer.add_subapp("/api", app)
    for _ in range(2):
        assert (await found(outer, "GET", "/api/v1/t/artist/5/"))[2] == "artist-detail"
        assert (await found(outer, "GET", "/v1/t/artist/5/"))[0] is web.HTTPNotFound


async def test_a_sub_application_of_a_host_has_indexes(aiohttp_client: AiohttpClient) -> None:
    """`add_domain` leads to a sub-application whose indexes answer."""
    router = SimpleRouter(prefix="/{tenant}")
    router.register(Large, "artist")
    app = web.Application()
    app.add_domain("webaio.test", mounted(router.routes, ()))
    client = await aiohttp_client(app)
    response = await client.get("/t/artist/5/", headers={"Host": "webaio.test"})
    assert (await response.json())["name"] == "artist-detail"
    assert (await client.get("/t/artist/5/")).status == 404


@pytest.mark.parametrize("words", [{"name": "artist-list"}, {}])
def test_a_resource_of_the_user_s_is_used(words: dict[str, Any]) -> None:
    """Routes go to a resource of their name and path that is there already, as aiohttp does it."""
    router = SimpleRouter(prefix="/{tenant}")
    router.register(Small, "artist")
    made = router.routes[-1]
    assert isinstance(made, IndexedRouteDef)
    app = web.Application()
    own = app.router.add_route("LOCK", made.path, answer, **words)
    app.add_routes([IndexedRouteDef(made.method, made.path, made.handler, words)])
    assert own.resource is not None
    assert {each.method for each in own.resource} == {"LOCK", "*"}
