"""The document of an application: what its routes, signatures and docstrings say."""

import datetime
import functools
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypedDict
from unittest.mock import AsyncMock

import msgspec
import pytest
from aiohttp import web
from msgspec import Meta
from openapi_spec_validator import OpenAPIV31SpecValidator

from webaio import openapi
from webaio.decorators import action, operation
from webaio.exceptions import APIException, ImproperlyConfigured
from webaio.middlewares import exception_handler
from webaio.parameters import Body, Cookie, Header, Query
from webaio.results import Event
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

PROBLEM = {"$ref": "#/components/schemas/Problem"}


class Cover(msgspec.Struct):
    url: str
    width: int = 0


class Artist(msgspec.Struct):
    """Somebody who sings."""

    id: int
    name: Annotated[str, Meta(min_length=1)]
    cover: Cover | None = None


class Filters(msgspec.Struct):
    name: Annotated[str, Meta(description="A part of the name")]
    tags: list[str] = []
    page: int = 1


class Gone(APIException):
    """Not told, since it has a detail."""

    status_code = 410
    code = "gone"
    detail = "The artist is gone."


class Paid(web.HTTPPaymentRequired):
    """The artist costs something."""


Artists = list[Artist]


class ArtistViewSet(BaseViewSet):
    """Artists.

    And what they did.
    """

    async def create(self, body: Artist) -> Artist:
        """Add an
        artist.

        The name is *free*.

        The rest too.
        """
        return body

    async def list(
        self,
        filters: Annotated[Filters, Query],
        page: int = 2,
        key: Annotated[str, Header("X-Key")] = "k",
        accept: Annotated[str, Header] = "",
        session: Annotated[str | None, Cookie] = None,
    ) -> Artists:
        return []

    async def detail(self, id: int) -> Artist | None:
        return None

    @operation(status=202, errors=[Gone, Paid, 402, 418, 499], summary="Say bye", deprecated=True)
    async def destroy(self, id: int) -> None:
        """Take an artist out."""

    async def update(self, body: Annotated[dict[str, int], Body] = {}) -> web.Response:  # noqa: B006
        return web.Response()

    async def partial_update(self, id: int, body: Partial[Artist]) -> Artist | web.Response:
        return web.Response()

    @action(detail=True, methods=["get", "post"], url_path="tracks/{track:[a-z]{2}}")
    async def tracks(self, id: int):  # type: ignore[no-untyped-def]  # what is under test
        pass

    @action(detail=False)
    async def all(self) -> "AsyncIterator[Artist]":
        yield Artist(1, "Gustavo")


class AlbumViewSet(BaseViewSet):
    lookup_value_regex = r"[0-9]{2}(?:\)|[)])?"

    async def create(request):  # type: ignore[no-untyped-def]  # the tutorial's form
        """Add an album."""

    async def detail(request):  # type: ignore[no-untyped-def]  # the tutorial's form
        pass


class AlbumView(web.View):
    """Not an operation's."""

    async def get(self) -> web.Response:
        """List the albums."""
        return web.Response()

    async def head(self) -> web.Response:
        return web.Response()

    async def put(self) -> web.Response:
        return web.Response()


async def index(request: web.Request, more: object = None) -> web.Response:
    """Say hello."""
    return web.Response()


def application(*viewsets: type[BaseViewSet], **options: Any) -> web.Application:
    router = SimpleRouter()
    for viewset in viewsets:
        router.register(viewset, basename=viewset.__name__.removesuffix("ViewSet").lower())
    app = web.Application()
    app.add_routes(router.routespatters)
    openapi.setup(app, swagger=False, **options)
    return app


def described(app: web.Application) -> dict[str, Any]:
    document = openapi.document_of(app)
    OpenAPIV31SpecValidator(document).validate()
    return document


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    found: dict[str, Any] = described(application(ArtistViewSet, AlbumViewSet))["paths"]
    return found


def parameters(operation: Any) -> dict[tuple[str, str], Any]:
    return {(each["in"], each["name"]): each for each in operation.get("parameters", ())}


def test_head_of_the_document() -> None:
    """The document has what was given at set-up, and a tag for each viewset."""
    app = application(
        ArtistViewSet,
        AlbumViewSet,
        title="Artists",
        version=2,
        description="All of them.",
        servers=["https://api.example.org/v1/", "/"],
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
    )
    document = described(app)
    assert document["openapi"] == "3.1.0"
    assert document["info"] == {
        "title": "Artists",
        "version": "2",
        "description": "All of them.",
    }
    assert document["servers"] == [{"url": "https://api.example.org/v1"}, {"url": "/"}]
    assert document["tags"] == [
        {"name": "artist", "description": "Artists.\n\nAnd what they did."},
        {"name": "album"},
    ]
    assert document["components"]["securitySchemes"]["token"]["type"] == "http"
    assert document["security"] == [{"token": []}]
    responses = document["paths"]["/artist/"]["post"]["responses"]
    assert list(responses) == ["201", "400", "401", "413", "415", "422"]


def test_empty_application() -> None:
    """An application without routes has a document, and the document is not in itself."""
    document = described(application())
    assert document["info"] == {"title": "API", "version": "0.1.0"}
    assert document["paths"] == {}
    assert "tags" not in document
    assert "servers" not in document
    assert "security" not in document


def test_order(paths: dict[str, Any]) -> None:
    """Paths are sorted, and methods are in their usual order."""
    assert [(path, *operations) for path, operations in paths.items()] == [
        ("/album/", "post"),
        ("/album/{id}/", "get"),
        ("/artist/", "get", "post"),
        ("/artist/all/", "get"),
        ("/artist/{id}/", "get", "put", "patch", "delete"),
        ("/artist/{id}/tracks/{track}/", "get", "post"),
    ]


def test_ids(paths: dict[str, Any]) -> None:
    """An id is the basename and the action; and the method, where an action has several."""
    found = [each["operationId"] for item in paths.values() for each in item.values()]
    assert found == [
        "album_create",
        "album_detail",
        "artist_list",
        "artist_create",
        "artist_all",
        "artist_detail",
        "artist_update",
        "artist_partial_update",
        "artist_destroy",
        "artist_tracks_get",
        "artist_tracks_post",
    ]


def test_words(paths: dict[str, Any]) -> None:
    """A docstring's first paragraph is the summary, the rest the description."""
    create = paths["/artist/"]["post"]
    assert create["tags"] == ["artist"]
    assert create["summary"] == "Add an artist."
    assert create["description"] == "The name is *free*.\n\nThe rest too."
    assert "deprecated" not in create
    assert "summary" not in paths["/artist/"]["get"]
    destroy = paths["/artist/{id}/"]["delete"]
    assert destroy["summary"] == "Say bye"
    assert destroy["description"] == "Take an artist out."
    assert destroy["deprecated"] is True


def test_query(paths: dict[str, Any]) -> None:
    """Each member of a model is a parameter, but for those that have one of their own."""
    assert parameters(paths["/artist/"]["get"]) == {
        ("query", "name"): {
            "name": "name",
            "in": "query",
            "required": True,
            "description": "A part of the name",
            "schema": {"type": "string"},
        },
        ("query", "tags"): {
            "name": "tags",
            "in": "query",
            "schema": {"type": "array", "items": {"type": "string"}, "default": []},
        },
        ("query", "page"): {
            "name": "page",  # a model has it with another default
            "in": "query",
            "schema": {"type": "integer"},
        },
        ("header", "X-Key"): {
            "name": "X-Key",
            "in": "header",
            "schema": {"type": "string", "default": "k"},
        },
        ("cookie", "session"): {
            "name": "session",
            "in": "cookie",
            "schema": {"type": "string"},
        },
    }


def test_path(paths: dict[str, Any]) -> None:
    """All names of a URL are there, also what no action reads, with the patterns of the URL."""
    tracks = parameters(paths["/artist/{id}/tracks/{track}/"]["get"])
    assert tracks["path", "id"]["schema"] == {"type": "integer"}
    assert tracks["path", "track"] == {
        "name": "track",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^(?:[a-z]{2})$"},
    }
    update = parameters(paths["/artist/{id}/"]["put"])
    assert update["path", "id"]["schema"] == {"type": "string"}
    album = parameters(paths["/album/{id}/"]["get"])
    assert album["path", "id"]["schema"]["pattern"] == r"^(?:[0-9]{2}(?:\)|[)])?)$"


def test_body(paths: dict[str, Any]) -> None:
    """A body is a reference to its model; an untyped action takes any JSON, or none."""

    def schema(name: str) -> Any:
        return {"schema": {"$ref": f"#/components/schemas/{name}"}}

    item = paths["/artist/{id}/"]
    assert paths["/artist/"]["post"]["requestBody"] == {
        "content": {"application/json": schema("ArtistInput")},
        "required": True,
    }
    assert item["patch"]["requestBody"]["content"]["application/json"] == schema("PartialArtist")
    assert item["put"]["requestBody"] == {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": {"type": "integer"},
                    "default": {},
                }
            }
        },
        "required": False,
    }
    assert paths["/album/"]["post"]["requestBody"] == {
        "content": {"application/json": {"schema": {}}}
    }
    assert "requestBody" not in paths["/artist/"]["get"]
    assert "requestBody" not in paths["/album/{id}/"]["get"]


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/artist/", "post", ["201", "400", "413", "415", "422"]),
        ("/artist/", "get", ["200", "422"]),
        ("/artist/all/", "get", ["200"]),
        ("/artist/{id}/", "get", ["204", "200", "404"]),
        ("/artist/{id}/", "put", ["default", "400", "404", "413", "415", "422"]),
        ("/artist/{id}/", "patch", ["200", "default", "400", "404", "413", "415", "422"]),
        ("/artist/{id}/", "delete", ["202", "402", "404", "410", "418", "499"]),
        ("/artist/{id}/tracks/{track}/", "get", ["200", "default", "404"]),
        ("/album/", "post", ["default"]),
    ],
)
def test_statuses(paths: dict[str, Any], path: str, method: str, statuses: list[str]) -> None:
    """An operation tells of everything that it can answer."""
    assert list(paths[path][method]["responses"]) == statuses


def test_successes(paths: dict[str, Any]) -> None:
    """A result has the schema of the way out; a stream is told as a list of lines."""
    artist = {"schema": {"$ref": "#/components/schemas/Artist"}}
    created = paths["/artist/"]["post"]["responses"]["201"]
    assert created["description"] == "Created"
    assert created["content"] == {"application/json": artist}
    assert created["headers"]["Location"]["schema"]["format"] == "uri-reference"
    found = paths["/artist/{id}/"]["get"]["responses"]
    assert found["200"] == {"description": "OK", "content": {"application/json": artist}}
    assert found["204"] == {"description": "No Content"}
    stream = paths["/artist/all/"]["get"]["responses"]["200"]
    assert stream["content"] == {
        "application/x-ndjson": {"schema": {"type": "array", "items": artist["schema"]}}
    }


def test_errors(paths: dict[str, Any]) -> None:
    """Each error is a problem; what an exception class says of itself is told, with an example."""
    responses = paths["/artist/{id}/"]["delete"]["responses"]
    gone = {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": "The artist is gone.",
        "code": "gone",
    }
    assert responses["410"] == {
        "description": "The artist is gone.",
        "content": {
            "application/problem+json": {"schema": PROBLEM, "examples": {"Gone": {"value": gone}}}
        },
    }
    assert responses["402"]["description"] == "The artist costs something."
    assert responses["499"]["description"] == "Error"
    example = {"type": "about:blank", "title": "Not Found", "status": 404}
    assert responses["404"] == {
        "description": "Not Found",
        "content": {"application/problem+json": {"schema": PROBLEM, "example": example}},
    }
    invalid = paths["/artist/"]["post"]["responses"]["422"]
    assert invalid["description"] == "Unprocessable Content"


class Errors(TypedDict):
    errors: dict[str, list[str]]


def errors_of(request: web.Request, problem: dict[str, Any]) -> Errors:
    return {"errors": {"body": [problem["detail"]]}}


def undeclared(request: web.Request, problem: dict[str, Any]) -> dict[str, Any]:
    return problem


def unknown(request: web.Request, problem: dict[str, Any]) -> "Nowhere":  # type: ignore[name-defined]  # noqa: F821
    return problem


def errors_told(document: dict[str, Any], path: str) -> list[Any]:
    """Give the bodies of the errors of a path's operations, without examples."""
    contents = [
        [(media_type, each["schema"]) for media_type, each in response["content"].items()]
        for item in document["paths"][path].values()
        for status, response in item["responses"].items()
        if status >= "400"
    ]
    return [each for [each] in contents]


def test_form_of_errors() -> None:
    """What a formatter is declared to give is told; in an application below, what is nearest."""
    app = application(ArtistViewSet)
    app.middlewares.append(exception_handler(problem=errors_of, media_type="application/json"))
    for prefix, middlewares in (("/same", []), ("/own", [exception_handler()])):
        below = web.Application(middlewares=middlewares)
        router = SimpleRouter(namespace=prefix.strip("/"))
        router.register(ArtistViewSet, basename="artist")
        below.add_routes(router.routespatters)
        app.add_subapp(prefix, below)
    document = described(app)
    errors = ("application/json", {"$ref": "#/components/schemas/Errors"})
    for path in ("/artist/", "/same/artist/"):
        told = errors_told(document, path)
        assert told
        assert told == [errors] * len(told)
    assert ("application/problem+json", PROBLEM) in errors_told(document, "/own/artist/")
    assert document["components"]["schemas"]["Errors"]["required"] == ["errors"]


def test_form_of_errors_that_is_not_said() -> None:
    """What a formatter does not say is a problem; what it says must be there."""
    app = application(ArtistViewSet)
    app.middlewares.append(exception_handler(problem=undeclared))
    assert ("application/problem+json", PROBLEM) in errors_told(described(app), "/artist/")
    app = application(ArtistViewSet)
    app.middlewares.append(exception_handler(problem=unknown))
    with pytest.raises(ImproperlyConfigured, match=r"exception_handler\(problem=...\)"):
        described(app)


def test_components() -> None:
    """Only what is referred to is there; a model that differs by the side is there twice."""
    document = described(application(ArtistViewSet))
    assert list(document["components"]["schemas"]) == [
        "Artist",
        "ArtistInput",
        "Cover",
        "CoverInput",
        "Fault",
        "PartialArtist",
        "PartialCover",
        "Problem",
    ]


def test_a_model_of_the_same_name() -> None:
    """A user's `Problem` stands beside webaio's."""
    model = msgspec.defstruct("Problem", [("a", int)], module="api")

    class ThingViewSet(BaseViewSet):
        async def create(self, body: model) -> None:  # type: ignore[valid-type]
            pass

    document = described(application(ThingViewSet))
    assert list(document["components"]["schemas"]) == ["Fault", "api.Problem", "webaio.Problem"]


def test_plain_handlers() -> None:
    """Handlers, views and sub-applications are told with the URLs that they have in the end."""
    inner = web.Application()
    inner.router.add_get("/", index)
    inner.router.add_post("/{name}/", index, name="thing")
    inner.router.add_get("/twice", index, name="twice")
    inner.router.add_get("/taken", index, name="artist_list")
    outer = web.Application()
    outer.add_subapp("/inner", inner)
    app = application(ArtistViewSet)
    app.add_subapp("/outer", outer)
    app.router.add_get("/twice", index, name="twice")
    other = web.Application()
    other.router.add_get("/elsewhere", index)
    app.add_domain("other.example.org", other)
    app.router.add_static("/files", ".")
    app.router.add_get("/partial", functools.partial(index, more=1))
    app.router.add_view("/album", AlbumView, name="album")
    app.router.add_get("/view", AlbumView, name="view")
    both = app.router.add_resource("/both", name="both")
    both.add_route("GET", index)
    both.add_route("*", AlbumView)
    app.router.add_route("*", "/any", index)
    app.router.add_route("PROPFIND", "/dav", index)
    found = described(app)["paths"]
    assert {
        path: {method: each.get("operationId") for method, each in item.items()}
        for path, item in found.items()
        if not path.startswith("/artist/")
    } == {
        "/album": {"get": "album_get", "put": "album_put"},
        "/any": dict.fromkeys(["get", "post", "put", "patch", "delete"]),
        "/both": {"get": "both_get", "put": "both_put"},
        "/outer/inner/": {"get": None},
        "/outer/inner/taken": {"get": None},
        "/outer/inner/twice": {"get": None},
        "/outer/inner/{name}/": {"post": "thing"},
        "/partial": {"get": None},
        "/twice": {"get": None},
        "/view": {"get": "view"},
    }
    assert found["/album"]["get"]["summary"] == "List the albums."
    assert found["/view"]["get"]["summary"] == "List the albums."
    assert "summary" not in found["/album"]["put"]
    assert found["/both"]["get"]["summary"] == "Say hello."
    assert found["/partial"]["get"]["summary"] == "Say hello."
    assert found["/outer/inner/"]["get"] == {
        "summary": "Say hello.",
        "responses": {"default": {"description": "The response is made by the handler itself."}},
    }
    assert parameters(found["/outer/inner/{name}/"]["post"])["path", "name"]["required"]


def test_root_of_a_router() -> None:
    """What a router answers by itself is told where it is for clients, and not where it refuses."""
    router = DefaultRouter()
    router.register(AlbumViewSet, basename="album")
    app = application()
    app.add_routes(router.routespatters)
    found = described(app)["paths"]
    assert list(found) == ["/", "/album/", "/album/{id}/"]
    assert found["/"]["get"]["operationId"] == "api-root"


def test_versions() -> None:
    """The namespace of a router keeps ids and tags apart."""
    app = application()
    for version in ("v1", "v2"):
        router = SimpleRouter(prefix=f"/{version}", namespace=version)
        router.register(AlbumViewSet, basename="album")
        app.add_routes(router.routespatters)
    document = described(app)
    assert document["paths"]["/v2/album/"]["post"]["operationId"] == "v2_album_create"
    assert document["paths"]["/v2/album/"]["post"]["tags"] == ["v2:album"]
    assert document["tags"] == [{"name": "v1:album"}, {"name": "v2:album"}]


def test_one_id_twice() -> None:
    """Two operations with one id are refused."""
    app = application(AlbumViewSet)
    inner = web.Application()
    router = SimpleRouter()
    router.register(AlbumViewSet, basename="album")
    inner.add_routes(router.routespatters)
    app.add_subapp("/inner", inner)
    with pytest.raises(ImproperlyConfigured) as caught:
        openapi.document_of(app)
    assert str(caught.value) == (
        "POST /inner/album/: its operation id 'album_create' is that of POST /album/. "
        "Give one of the routers a namespace, one viewset another basename, or one action "
        "another name."
    )


def test_one_path_twice() -> None:
    """Of two resources of one path, the first answers, and is told."""
    app = application()
    app.router.add_get("/{id:[0-9]+}", index)
    app.router.add_get("/{id:[a-z]+}", AlbumView)
    app.router.add_put("/{id:[a-z]+}", AlbumView)
    (found,) = described(app)["paths"].values()
    assert {method: each.get("summary") for method, each in found.items()} == {
        "get": "Say hello.",
        "put": None,
    }


def test_docstring_of_a_base() -> None:
    """A viewset has the docstring of its base, and never that of `BaseViewSet`."""

    class Base(BaseViewSet):
        """Things."""

        async def list(request):  # type: ignore[no-untyped-def]  # the tutorial's form
            pass

    class ThingViewSet(Base):
        pass

    assert described(application(ThingViewSet))["tags"] == [
        {"name": "thing", "description": "Things."}
    ]


def test_without_set_up() -> None:
    """An application that has no document says what to do."""
    with pytest.raises(ImproperlyConfigured, match=r"Call `openapi\.setup"):
        openapi.document_of(web.Application())


def test_odd_urls() -> None:
    """Only the names of a URL are parameters, with patterns that others understand too."""
    inner = web.Application()
    inner.router.add_get("/a/{q}", index)
    app = application()
    app.add_subapp("/{x}", inner)
    app.router.add_get("", index)
    app.router.add_get("/groups/{id:(?P<inner>a|b)+}", index)
    app.router.add_get(r"/anchors/{id:a\Z}", index)
    app.router.add_get("/flags/{id:(?i:a)}", index)
    app.router.add_get("/caf\u00e9/{name}", index)
    app.router.add_get("/two/{a:[0-9]{2}}-{b:(?:x|y)}", index)
    patterns: dict[str, dict[str, str | None]] = {
        "/%7Bx%7D/a/{q}": {"q": None},
        "/anchors/{id}": {"id": None},
        "/caf%C3%A9/{name}": {"name": None},
        "/flags/{id}": {"id": None},
        "/groups/{id}": {"id": None},
        "/two/{a}-{b}": {"a": "^(?:[0-9]{2})$", "b": "^(?:(?:x|y))$"},
    }
    found = described(app)["paths"]
    assert {
        path: {name: each["schema"].get("pattern") for (_, name), each in told.items()}
        for path, told in ((path, parameters(item["get"])) for path, item in found.items())
    } == patterns


def test_one_template_with_other_names() -> None:
    """Paths that differ by their names only are one path, with the names of the first."""

    class ThingViewSet(BaseViewSet):
        lookup_url_kwarg = "key"
        lookup_value_regex = "[a-z]+"

        async def update(self, key: int) -> None:
            pass

    router = SimpleRouter()
    router.register(ThingViewSet, basename="thing")
    app = application()
    app.router.add_get("/thing/{id:[0-9]+}/", index)
    app.add_routes(router.routespatters)
    ((path, found),) = described(app)["paths"].items()
    assert path == "/thing/{id}/"
    assert {method: parameters(each) for method, each in found.items()} == {
        method: {("path", "id"): {"name": "id", "in": "path", "required": True, "schema": schema}}
        for method, schema in {
            "get": {"type": "string", "pattern": "^(?:[0-9]+)$"},
            "put": {"type": "integer"},
        }.items()
    }


def test_what_another_resource_answers() -> None:
    """A resource that answers all methods hides those of the same path that come later."""
    app = application(AlbumViewSet)
    app.router.add_get("/", index)
    app.router.add_get("/album/", index)
    app.router.add_view("/view", AlbumView)
    app.router.add_get("/", index)  # the same resource as before goes on
    app.router.add_post("/view", index)
    found = described(app)["paths"]
    assert {path: [*item] for path, item in found.items()} == {
        "/": ["get"],
        "/album/": ["post"],
        "/album/{id}/": ["get"],
        "/view": ["get", "put"],
    }


def test_resources_of_others() -> None:
    """A resource that aiohttp does not know, and a handler that says yes to everything, do no harm."""

    class Odd(web.PlainResource):
        def get_info(self) -> Any:
            return {"path": "/odd/{x}"}

    class Strange(web.AbstractResource):
        canonical = "nowhere"

        def add_prefix(self, prefix: str) -> None: ...
        def get_info(self) -> Any:
            return None

        def raw_match(self, path: str) -> bool:
            return False

        def url_for(self, **kwargs: str) -> Any: ...
        async def resolve(self, request: web.Request) -> Any:
            return None, set()

        def __len__(self) -> int:
            return 0

        def __iter__(self) -> Any:
            return iter(())

    app = application()
    app.router.register_resource(Strange())
    odd = Odd("/odd/{x}")
    app.router.register_resource(odd)
    odd.add_route("GET", AsyncMock())
    assert list(described(app)["paths"]) == ["/odd/%7Bx%7D"]


def test_doubles() -> None:
    """What a request gives once is told once, and is required where anybody requires it."""

    class Paging(msgspec.Struct):
        page: int
        size: int = 3

    class ThingViewSet(BaseViewSet):
        async def list(
            self,
            filters: Annotated[Filters, Query],
            paging: Annotated[Paging, Query],
            a: Annotated[int, Header("X-Key")] = 1,
            b: Annotated[int, Header("x-key")] = 1,
        ) -> None:
            pass

    found = parameters(described(application(ThingViewSet))["paths"]["/thing/"]["get"])
    assert list(found) == [
        ("query", "name"),
        ("query", "tags"),
        ("query", "page"),
        ("query", "size"),
        ("header", "X-Key"),
    ]
    assert found["query", "page"]["required"] is True


def test_model_that_is_named_as_its_member() -> None:
    """The name of a model's parameter is no key of the query."""

    class ThingViewSet(BaseViewSet):
        async def list(self, name: Annotated[Filters, Query] = Filters("a", ["b"], 7)) -> None:  # noqa: B008
            pass

    found = parameters(described(application(ThingViewSet))["paths"]["/thing/"]["get"])
    assert {name: each["schema"].get("default") for (_, name), each in found.items()} == {
        "name": "a",
        "tags": ["b"],
        "page": 7,
    }
    assert not any("required" in each for each in found.values())


def test_defaults_that_no_document_can_hold() -> None:
    """A default that JSON cannot tell, or that has no zone, is not told; a set's is sorted."""

    class ThingViewSet(BaseViewSet):
        async def list(
            self,
            a: float = float("inf"),
            b: datetime.datetime = datetime.datetime(2020, 1, 1),
            c: frozenset[str] = frozenset("cab"),
            d: int | None = None,
        ) -> None:
            pass

    found = parameters(described(application(ThingViewSet))["paths"]["/thing/"]["get"])
    assert {name: each["schema"].get("default") for (_, name), each in found.items()} == {
        "a": None,
        "b": None,
        "c": ["a", "b", "c"],
        "d": None,
    }


def test_texts_that_are_none() -> None:
    """A docstring that is no text, or has half a surrogate, stops nothing."""

    class ThingViewSet(BaseViewSet):
        __doc__ = 1  # type: ignore[assignment]  # what is under test

        @operation(errors=[type("Odd", (web.HTTPConflict,), {"status_code": 418, "__doc__": 1})])
        async def list(self) -> None:
            pass

    ThingViewSet.list.__doc__ = "\ud800"

    document = described(application(ThingViewSet, title="\ud800"))
    assert document["info"]["title"] == "?"
    assert document["tags"] == [{"name": "thing"}]
    listed = document["paths"]["/thing/"]["get"]
    assert listed["summary"] == "?"
    assert listed["responses"]["418"]["description"] == "I'm a Teapot"


def test_errors_of_one_name() -> None:
    """Exception classes of one name and status are told both; type and title too."""
    members = {"status_code": 409, "type": "https://example.org/taken", "title": "Taken"}
    first = type("Taken", (APIException,), {**members, "__module__": "a"})
    second = type("Taken", (APIException,), {"status_code": 409, "detail": " ", "__module__": "b"})

    class ThingViewSet(BaseViewSet):
        @operation(errors=[first, second])
        async def list(self) -> None:
            pass

    responses = described(application(ThingViewSet))["paths"]["/thing/"]["get"]["responses"]
    examples = responses["409"]["content"]["application/problem+json"]["examples"]
    assert list(examples) == ["a.Taken", "b.Taken"]
    assert examples["a.Taken"]["value"] == {
        "type": "https://example.org/taken",
        "title": "Taken",
        "status": 409,
        "detail": "Taken.",
        "code": "conflict",
    }
    assert responses["409"]["description"] == "Taken.\n\nConflict"


def test_what_is_said_twice() -> None:
    """A type's own pattern stays before that of the URL; a stream has no `Location`."""

    class ThingViewSet(BaseViewSet):
        lookup_value_regex = "[a-z]+"

        async def create(self) -> AsyncIterator[Artist]:
            yield Artist(1, "Gustavo")

        async def detail(self, id: Annotated[str, Meta(pattern="^[a-c]+$")]) -> None:
            pass

    found = described(application(ThingViewSet))["paths"]
    assert "headers" not in found["/thing/"]["post"]["responses"]["201"]
    told = parameters(found["/thing/{id}/"]["get"])["path", "id"]
    assert told["schema"] == {"type": "string", "pattern": "^[a-c]+$"}


class DoorViewSet(BaseViewSet):
    @operation(security=[])
    async def list(self) -> None:
        """For everybody."""

    @operation(security=["key"])
    async def create(self) -> None:
        """For those who have the key."""

    async def destroy(self, id: int) -> None:
        """For those who have either."""

    @action(detail=False, security=["key", "token"])
    async def both(self) -> None:
        """The same, said by name."""


def test_security_of_an_operation() -> None:
    """An action may need other credentials than the rest, or none."""
    schemes = {
        "key": {"type": "apiKey", "name": "X-Key", "in": "header"},
        "token": {"type": "http", "scheme": "bearer"},
    }
    document = described(application(DoorViewSet, security_schemes=schemes))
    assert document["security"] == [{"key": []}, {"token": []}]
    found = {
        (path, method): (each.get("security"), "401" in each["responses"])
        for path, item in document["paths"].items()
        for method, each in item.items()
    }
    assert found == {
        ("/door/", "get"): ([], False),
        ("/door/", "post"): ([{"key": []}], True),
        ("/door/both/", "get"): (None, True),
        ("/door/{id}/", "delete"): (None, True),
    }


def test_unknown_security() -> None:
    """A scheme that the document does not have is refused at the start."""
    with pytest.raises(ImproperlyConfigured, match=r"POST /door/: security= has 'key', which is"):
        openapi.document_of(application(DoorViewSet))


@pytest.mark.parametrize("security", ["token", [1]])
def test_security_that_is_no_list(security: Any) -> None:
    """One name alone is refused, as is what is no name."""
    with pytest.raises(ImproperlyConfigured, match=r"is no list of names. Write such as"):
        operation(security=security)
    with pytest.raises(ImproperlyConfigured, match=r"is no list of names. Write such as"):
        action(detail=True, security=security)


def test_example_of_a_fault(paths: dict[str, Any]) -> None:
    """The example of a 422 is of a value that the operation takes."""

    def place(path: str, method: str) -> tuple[str, str]:
        content = paths[path][method]["responses"]["422"]["content"]["application/problem+json"]
        (fault,) = content["example"]["errors"]
        return fault["in"], fault["pointer"]

    assert place("/artist/", "post") == ("body", "/id")
    assert place("/artist/", "get") == ("query", "/name")
    assert place("/artist/{id}/", "put") == ("body", "")


def test_streams_of_events_and_bytes() -> None:
    """Of events each one is told, with what its data is as JSON; of bytes the media type."""

    class ArtistViewSet(BaseViewSet):
        async def list(self) -> AsyncIterator[Event[Artist]]:
            yield Event(Artist(1, "a"))

        @operation(produces=["text/csv"])
        async def detail(self, id: int) -> AsyncIterator[bytes]:
            yield b""

        async def update(self, id: int) -> AsyncIterator[bytes]:
            yield b""

    paths = described(application(ArtistViewSet))["paths"]
    content = paths["/artist/"]["get"]["responses"]["200"]["content"]
    event = content["text/event-stream"]["schema"]
    assert event["properties"]["data"] == {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": "#/components/schemas/Artist"},
    }
    assert (sorted(event["properties"]), event["required"]) == (
        ["data", "event", "id", "retry"],
        ["data"],
    )
    operations = paths["/artist/{id}/"]
    content = operations["get"]["responses"]["200"]["content"]
    assert content == {"text/csv": {"schema": {"type": "string"}}}
    content = operations["put"]["responses"]["200"]["content"]
    binary = {"type": "string", "format": "binary"}
    assert content == {"application/octet-stream": {"schema": binary}}


def test_streams_of_nothing() -> None:
    """An item of a stream may be None, and is null; there is no 204."""

    class ThingViewSet(BaseViewSet):
        async def list(self) -> AsyncIterator[int | None]:
            yield None

    (listed,) = described(application(ThingViewSet))["paths"]["/thing/"].values()
    assert list(listed["responses"]) == ["200"]
    schema = listed["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    assert schema["items"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
