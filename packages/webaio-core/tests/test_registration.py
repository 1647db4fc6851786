import abc
import functools
import keyword
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from unittest.mock import Mock

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from webaio.decorators import action
from webaio.exceptions import ImproperlyConfigured
from webaio.parameters import Depends, Query
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.viewsets import BaseViewSet


class ListViewSet(BaseViewSet):
    async def list(self, request: web.Request) -> web.Response:
        return web.Response()


class AbstractViewSet(ListViewSet, abc.ABC):
    @abc.abstractmethod
    def find(self) -> object: ...


class OtherViewSet(ListViewSet):
    pass


def test_refused_registration_leaves_no_trace() -> None:
    """What a refused registration would have taken is free for the next."""
    router = SimpleRouter()
    with pytest.raises(ImproperlyConfigured):
        router.register(viewset_of(list=one, look=ALIAS), basename="artist")
    router.register(ListViewSet, basename="artist")


def keep_signature(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


def hide_signature(function: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    return wrapper


def viewset_of(**members: Any) -> type[BaseViewSet]:
    return type("Broken", (BaseViewSet,), members)


async def one(request: web.Request) -> web.StreamResponse:
    return web.Response()


async def two(first, second): ...  # type: ignore[no-untyped-def]  # refused for it


async def three(self, request, third): ...  # type: ignore[no-untyped-def]  # likewise


async def streaming(request: web.Request) -> Any:
    yield b""


def needs_an_argument(self: object, database: object) -> None: ...


ALIAS = action(detail=False, url_name="import")(keep_signature(one))

BROKEN: dict[str, tuple[object, str]] = {
    "instance": (ListViewSet(), "not a viewset"),
    "function": (one, "not a viewset"),
    "another class": (dict, "not a viewset"),
    "no action": (viewset_of(), "no action"),
    "not async": (viewset_of(list=lambda request: web.Response()), "not an async function"),
    "not a function": (viewset_of(list=["a"]), "not an async function"),
    "an async generator": (viewset_of(list=streaming), "does not say of which type"),
    "hidden signature": (
        viewset_of(list=staticmethod(hide_signature(one))),
        "nothing can be bound",
    ),
    "two parameters": (viewset_of(list=two), "it has no type"),
    "three parameters": (viewset_of(list=three), "it has no type"),
    "constructor": (
        viewset_of(list=ListViewSet.list, __init__=needs_an_argument),
        "cannot be called without arguments",
    ),
    "known action marked": (
        viewset_of(list=action(detail=True)(keep_signature(one))),
        "known action is marked",
    ),
    "one URL and method twice": (
        viewset_of(
            first=action(detail=True, url_path="cover")(keep_signature(one)),
            second=action(detail=True, url_path="cover")(keep_signature(one)),
        ),
        "both answer GET",
    ),
    "the own URL and method twice": (
        viewset_of(list=one, look=action(detail=False, url_path="")(keep_signature(one))),
        "both answer GET",
    ),
    "one URL with two names": (
        viewset_of(
            first=action(detail=True, url_path="cover", url_name="a")(keep_signature(one)),
            second=action(detail=True, url_path="cover", method="put")(keep_signature(one)),
        ),
        "two names",
    ),
    "two patterns of one shape": (
        viewset_of(
            detail=one, by_slug=action(detail=False, url_path="{slug}")(keep_signature(one))
        ),
        "match the same URLs",
    ),
    "a keyword as url_name": (
        viewset_of(look=action(detail=False, url_name="import")(keep_signature(one))),
        "aiohttp refuses",
    ),
    "a broken path": (
        viewset_of(look=action(detail=False, url_path="{id")(keep_signature(one))),
        "no URL can match",
    ),
    "a broken lookup": (viewset_of(detail=one, lookup_url_kwarg="7 x"), "cannot name a part"),
    "no lookup": (viewset_of(detail=one, lookup_url_kwarg=""), "not a string with something"),
    "no lookup value": (viewset_of(detail=one, lookup_value_regex=None), "not a string with"),
    "two patterns that are the same": (
        viewset_of(
            lookup_url_kwarg="slug",
            detail=one,
            by_slug=action(detail=False, url_path="{slug}")(keep_signature(one)),
        ),
        "match the same URLs",
    ),
    "abstract": (
        type("Broken", (AbstractViewSet,), {}),
        "it is abstract",
    ),
    "a broken regex": (viewset_of(detail=one, lookup_value_regex="["), "aiohttp refuses"),
    "a lookup that is no pattern by itself": (
        viewset_of(detail=one, lookup_value_regex="5)|(a"),
        "'5)|(a', of 'id' in /artist/{id:5)|(a}/, is no pattern by itself",
    ),
    "a lookup that ends its variable": (
        viewset_of(detail=one, lookup_value_regex="5}/{x"),
        "is no pattern by itself",
    ),
    "a variable that is no pattern by itself": (
        viewset_of(look=action(detail=False, url_path="{a:5)|(a}")(keep_signature(one))),
        "is no pattern by itself",
    ),
    "two that are a pattern together": (
        viewset_of(look=action(detail=False, url_path="{a:[x}/{b:y]}")(keep_signature(one))),
        "is no pattern by itself",
    ),
}


@pytest.mark.parametrize(("viewset", "what"), BROKEN.values(), ids=BROKEN.keys())
def test_refused_viewsets(viewset: Any, what: str) -> None:
    """What cannot work is refused at registration, says what, where and the fix, and adds nothing."""
    router = SimpleRouter()
    with pytest.raises(ImproperlyConfigured) as caught:
        router.register(viewset, basename="artist")
    assert what in caught.value.what
    assert caught.value.where
    assert caught.value.fix
    assert router.routespatters == []


@pytest.mark.parametrize(
    "basename", ["", "my artist", "künstler", "art/ist", "artist/", "{id}", "a.b", "a?b", None, 7]
)
def test_refused_basenames(basename: Any) -> None:
    """A basename is a plain segment of a URL."""
    with pytest.raises(ImproperlyConfigured, match="no URL can match the basename"):
        SimpleRouter().register(ListViewSet, basename)


def test_basename_twice() -> None:
    """A second viewset under one basename is refused, and names the first."""
    router = SimpleRouter()
    router.register(ListViewSet, basename="artist")
    before = list(router.routespatters)
    with pytest.raises(ImproperlyConfigured, match="'artist' is used by ListViewSet"):
        router.register(OtherViewSet, basename="artist")
    assert router.routespatters == before


def test_name_taken_across_basenames() -> None:
    """A name that two viewsets would give is refused too."""
    router = SimpleRouter()
    router.register(ListViewSet, basename="log-in")
    with pytest.raises(ImproperlyConfigured, match="the name 'log_in-list' is taken"):
        router.register(ListViewSet, basename="log_in")


@pytest.mark.parametrize(
    "url_path",
    [
        "/google",
        "google/",
        "google it",
        "what?",
        "a#b",
        "a//b",
        "/{a}",
        "{a}/",
        "%20",
        "a?b{c}",
        "a b/{c}",
        "a//{b}",
        "..",
        "a/./b",
        "{a",
        "a}",
        7,
    ],
)
def test_refused_paths(url_path: Any) -> None:
    """A `url_path` is what stands between two slashes."""
    viewset = viewset_of(look=action(detail=True, url_path=url_path)(keep_signature(one)))
    with pytest.raises(ImproperlyConfigured, match=r"Broken\.look: no URL can match url_path="):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize(
    "prefix",
    ["api", "/api/", "/", "/a b", "/a?b", "//a", "/a//b", "/{a}/", "/a?{b}", "/..", 7, None],
)
def test_refused_prefixes(prefix: Any) -> None:
    """A prefix begins with a slash and does not end with one."""
    with pytest.raises(ImproperlyConfigured, match="prefix="):
        SimpleRouter(prefix=prefix)


@pytest.mark.parametrize(
    "register",
    [
        lambda prefix: SimpleRouter(prefix=prefix).register(ListViewSet, "artist"),
        lambda prefix: DefaultRouter(prefix=prefix),
    ],
)
def test_prefix_that_is_no_pattern_by_itself(register: Callable[[str], object]) -> None:
    """A pattern that ends its variable too early is refused in a prefix too."""
    with pytest.raises(ImproperlyConfigured, match="is no pattern by itself"):
        register("/{tenant:5)|(a}")


@pytest.mark.parametrize("namespace", ["v 1", "import", "1", "v1/"])
def test_refused_namespaces(namespace: str) -> None:
    """A namespace can begin a route's name."""
    with pytest.raises(ImproperlyConfigured, match="namespace="):
        SimpleRouter(namespace=namespace)


def test_attributes_of_any_kind() -> None:
    """What else stands in a viewset is no concern of the router."""

    class Proxy:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    router = SimpleRouter()
    router.register(viewset_of(list=one, service=Mock(), settings=Proxy()), basename="artist")
    router.register(type("Text", (ListViewSet, str), {}), basename="text")


@given(st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True), st.sampled_from(keyword.kwlist))
def test_every_plain_basename_works(basename: str, word: str) -> None:
    """Whatever plain segment is a basename or a url_path, its URLs are served and named."""
    viewset = viewset_of(list=one, look=action(detail=False, url_path=word)(keep_signature(one)))
    router = SimpleRouter()
    router.register(viewset, basename=basename)
    app = web.Application()
    app.add_routes(router.routespatters)
    assert f"/{basename}/" in {resource.canonical for resource in app.router.resources()}


@pytest.mark.parametrize("name", ["before", "after", "request", "action", "app"])
def test_actions_named_like_a_part_of_every_viewset(name: str) -> None:
    """It would be both at once."""

    async def own(self: BaseViewSet, request: web.Request) -> web.Response:
        return web.Response()

    viewset = type("Artists", (BaseViewSet,), {name: action(detail=False)(own)})
    with pytest.raises(ImproperlyConfigured, match="every viewset has something of that name"):
        SimpleRouter().register(viewset, basename="artist")


def timed(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


class Timed(BaseViewSet):
    @timed
    async def list(self, request: web.Request) -> web.Response:
        return web.Response()


def test_decorator_that_is_not_async() -> None:
    """The message names what is to be mended: the decorator."""
    with pytest.raises(ImproperlyConfigured, match="the action is async, and its decorator is not"):
        SimpleRouter().register(Timed, basename="artist")


def test_action_that_names_what_comes_later() -> None:
    """A viewset within a function may use what has no value until it is registered."""

    class Later(BaseViewSet):
        async def list(self) -> int:
            return found

    SimpleRouter().register(Later, basename="artist")
    found = 1


class Asking(BaseViewSet):
    async def detail(self, pk: int) -> int:
        return pk


class Marked(BaseViewSet):
    async def detail(self, pk: Annotated[int, Query]) -> int:
        return pk + int(self.request.match_info["id"])


class Unread(BaseViewSet):
    @staticmethod
    async def list() -> int:
        return 1

    @staticmethod
    async def detail() -> int:
        return 1


class Hooked(Asking):
    async def before(self) -> None: ...


class Taking(BaseViewSet):
    async def detail(self, request: web.Request, pk: int) -> int:
        return pk


def load(id: int) -> int:
    return id


class Helped(BaseViewSet):
    def get(self) -> str:
        return self.request.match_info["id"]

    async def detail(self, year: int) -> str:
        return self.get()


class Depending(BaseViewSet):
    async def detail(self, pk: int, loaded: Annotated[int, Depends(load)]) -> int:
        return loaded


@pytest.mark.parametrize(
    ("viewset", "message"),
    [
        (Asking, "its URL has 'id', which nobody reads, and 'pk' is asked for in the query. Give"),
        (Unread, "its URL has 'id', which nobody reads. Give it a parameter of that name"),
    ],
)
def test_variables_that_nobody_reads(viewset: type[BaseViewSet], message: str) -> None:
    """A parameter that has another name than the variable of the URL is asked for in the query."""
    with pytest.raises(ImproperlyConfigured, match=message):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize("viewset", [Marked, Hooked, Taking, Depending, Helped])
def test_variables_that_somebody_may_read(viewset: type[BaseViewSet]) -> None:
    """Who takes the request, a hook, or a function may read it; and a mark says what is meant."""
    SimpleRouter().register(viewset, basename="artist")


def test_variable_of_a_prefix() -> None:
    """It is a middleware's, or the application's."""
    router = SimpleRouter(prefix="/{tenant}")
    router.register(type("Artists", (BaseViewSet,), {"list": Limited.list}), basename="artist")
    router.register(type("Albums", (BaseViewSet,), {"list": Unread.list}), basename="album")


class Limited(BaseViewSet):
    async def list(self, limit: int) -> int:
        return limit


def test_two_routers_of_one_name() -> None:
    """The message says what tells them apart."""
    app = web.Application()
    for prefix in ("/v1", "/v2"):
        router = SimpleRouter(prefix=prefix)
        router.register(Limited, basename="artist")
        if prefix == "/v1":
            app.add_routes(router.routespatters)
    message = (
        "/v2/artist/: its name 'artist-list' is that of /v1/artist/. Give one of the routers a"
    )
    with pytest.raises(ImproperlyConfigured, match=message):
        app.add_routes(router.routespatters)


class WithAlbums(BaseViewSet):
    async def detail(self, id: int) -> int:
        return id

    @action(detail=True, url_path="album")
    async def albums(self, id: int) -> int:
        return id


def test_url_that_another_router_answers() -> None:
    """One of both would never be reached."""
    app = web.Application()
    outer, nested = SimpleRouter(), SimpleRouter(prefix="/artist/{artist_id}")
    outer.register(WithAlbums, basename="artist")
    nested.register(Limited, basename="album")
    app.add_routes(outer.routespatters)
    message = (
        "/artist/{artist_id}/album/: /artist/{id:[^{}/]+}/album/ answers its URLs. Give one of"
    )
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        app.add_routes(nested.routespatters)
    web.Application().add_routes(nested.routespatters)
