"""What the document says that a signature cannot: tags, media types, security, what is hidden."""

import functools
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Any

import msgspec
import pydantic
import pytest
from aiohttp import web
from msgspec import Meta
from openapi_spec_validator import OpenAPIV31SpecValidator

from webaio import openapi
from webaio.decorators import action, operation
from webaio.exceptions import ImproperlyConfigured, NotAuthenticated
from webaio.parameters import Cookie, Depends, Documentation, Header, Query, Source
from webaio.results import Accepted, Answer
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

SCHEMES: Mapping[str, Any] = {
    "token": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "oauth": {"type": "oauth2", "flows": {}},
}


class Artist(msgspec.Struct):
    name: str


def document_of(*viewsets: type[BaseViewSet], routes: Any = (), **options: Any) -> dict[str, Any]:
    router = SimpleRouter()
    for viewset in viewsets:
        router.register(viewset, basename=viewset.__name__.lower())
    app = web.Application()
    app.add_routes([*router.routespatters, *routes])
    openapi.setup(app, swagger=False, **options)
    document = openapi.document_of(app)
    OpenAPIV31SpecValidator(document).validate()
    return document


def operations_of(document: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": each
        for path, item in document["paths"].items()
        for method, each in item.items()
    }


async def livez(request: web.Request) -> web.Response:
    """Say that the process runs."""
    return web.Response()


class View(web.View):
    @operation(include_in_schema=False)
    async def get(self) -> web.Response:
        return web.Response()

    @operation(tags=["views"])
    async def post(self) -> web.Response:
        return web.Response()


hide = operation(include_in_schema=False)


@hide
async def index(request: web.Request, more: object = None) -> web.Response:
    return web.Response()


@operation(
    summary="Send a picture",
    errors=[409],
    security=["key"],
    deprecated=True,
    consumes=["image/png"],
    produces=["text/html; charset=utf-8"],
    status=202,
    tags=["pictures"],
)
async def picture(request: web.Request) -> web.Response:
    """Not the summary."""
    return web.Response()


class Album(BaseViewSet):
    """Records."""

    @operation(include_in_schema=False)
    async def list(self) -> None: ...

    async def create(self) -> None: ...

    @action(detail=False, include_in_schema=False)
    async def secret(self) -> None: ...


class Shown(Album):
    operations = {
        "list": operation(include_in_schema=True),
        "create": operation(include_in_schema=False),
    }


@operation(include_in_schema=False)
class Hidden(BaseViewSet):
    async def list(self) -> None: ...

    @operation(include_in_schema=True)
    async def create(self) -> None: ...


def test_hidden() -> None:
    """A handler, a method of a view, an action or a viewset is left out; the nearest word wins."""
    routes = [
        web.get("/livez", livez),
        web.get("/", index),
        web.get("/partial", functools.partial(index, more=1)),
        web.view("/view", View),
    ]
    document = document_of(Album, Shown, Hidden, routes=routes)
    assert {*operations_of(document)} == {
        "POST /album/",
        "GET /shown/",
        "POST /hidden/",
        "GET /livez",
        "POST /view",
    }


def test_hidden_ids() -> None:
    """What is hidden takes nobody's id."""
    inner = web.Application()
    inner.router.add_get("/album", hide(functools.partial(livez)), name="album_create")
    app = web.Application()
    router = SimpleRouter()
    router.register(Album, basename="album")
    app.add_routes(router.routespatters)
    app.add_subapp("/inner", inner)
    openapi.setup(app, swagger=False)
    assert [*operations_of(openapi.document_of(app))] == ["POST /album/"]


def test_words_of_a_handler() -> None:
    """A handler that no router made has the words that are for the document."""
    routes = [web.post("/picture", picture), web.get("/livez", livez)]
    document = document_of(routes=routes, security_schemes=SCHEMES, security=[])
    found = operations_of(document)["POST /picture"]
    responses = found.pop("responses")
    assert found == {
        "tags": ["pictures"],
        "summary": "Send a picture",
        "description": "Not the summary.",
        "deprecated": True,
        "requestBody": {
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}
        },
        "security": [{"key": []}],
    }
    assert [*responses] == ["202", "400", "401", "409", "413"]
    assert responses["202"]["content"] == {
        "text/html; charset=utf-8": {"schema": {"type": "string"}}
    }
    assert document["tags"] == [{"name": "pictures"}]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"status": 202}, "GET /: @operation says status= of it, which only an action has"),
        ({"headers": {"X-A": int}}, "GET /: @operation says headers= of it"),
        ({"client_max_size": 9}, "GET /: @operation says client_max_size= of it"),
        ({"middlewares": []}, "GET /: @operation says middlewares= of it"),
    ],
)
def test_words_that_a_handler_cannot_have(words: Any, message: str) -> None:
    """What would do nothing stops the start."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    with pytest.raises(ImproperlyConfigured, match=message):
        document_of(routes=[web.get("/", operation(**words)(handler))])


@operation(tags=["Artists"], deprecated=True)
class Tagged(BaseViewSet):
    """Those who sing."""

    async def list(self) -> None: ...

    @operation(tags=["Artists", "admin"], deprecated=False)
    async def create(self) -> None: ...

    @operation(tags=[])
    async def destroy(self, id: int) -> None: ...


class Inherited(Tagged):
    """Others."""


@operation(tags=["Bands"])
class Renamed(Tagged):
    async def create(self) -> None: ...


def test_tags() -> None:
    """A viewset names its tags, an action has others; what is said at set-up comes first."""
    document = document_of(
        Tagged,
        Inherited,
        Renamed,
        Album,
        routes=[web.get("/livez", operation(tags=["health"])(functools.partial(livez)))],
        tags=["health", {"name": "admin", "description": "Not for all."}, "nobody's"],
    )
    found = operations_of(document)
    assert {name: each.get("tags") for name, each in found.items()} == {
        "GET /tagged/": ["Artists"],
        "POST /tagged/": ["Artists", "admin"],
        "DELETE /tagged/{id}/": None,
        "GET /inherited/": ["Artists"],
        "POST /inherited/": ["Artists", "admin"],
        "DELETE /inherited/{id}/": None,
        "GET /renamed/": ["Bands"],
        "POST /renamed/": ["Bands"],
        "DELETE /renamed/{id}/": ["Bands"],
        "POST /album/": ["album"],
        "GET /livez": ["health"],
    }
    assert found["GET /tagged/"]["deprecated"] is True
    assert "deprecated" not in found["POST /tagged/"]
    assert document["tags"] == [
        {"name": "health"},
        {"name": "admin", "description": "Not for all."},
        {"name": "nobody's"},
        {"name": "Artists", "description": "Those who sing."},
        {"name": "Bands", "description": "Those who sing."},
        {"name": "album", "description": "Records."},
    ]


def test_tag_with_a_description_of_its_own() -> None:
    """What is said of a tag stays before the docstring."""
    tags = [{"name": "Artists", "description": "All.", "externalDocs": {"url": "https://a.org"}}]
    assert document_of(Tagged, tags=tags)["tags"][0] == tags[0]


@pytest.mark.parametrize(
    "words", [{"status": 202}, {"errors": [409]}, {"summary": "a"}, {"security": []}]
)
def test_words_that_a_viewset_cannot_have(words: Any) -> None:
    """Those that are of one action are refused; and a class that is no viewset has none."""
    with pytest.raises(ImproperlyConfigured, match="which are of one action"):
        operation(**words)(type("Artists", (BaseViewSet,), {}))
    with pytest.raises(ImproperlyConfigured, match="it is not on a function"):
        operation(tags=["a"])(type("Artists", (), {}))


class Files(BaseViewSet):
    """Reads and writes other things than JSON."""

    @operation(consumes=["multipart/form-data", "application/x-www-form-urlencoded"])
    async def create(self, request: web.Request) -> web.Response:
        return web.Response()

    @operation(produces=["image/png", "application/json"], errors=[404])
    async def detail(self, id: int) -> web.FileResponse:
        return web.FileResponse("")

    @operation(consumes=["text/csv"], client_max_size=10)
    async def update(self, request: web.Request, id: int) -> Artist | None:
        return None

    @action(detail=True, produces=["application/pdf"], status=203)
    async def booklet(self, id: int) -> Artist | web.Response | None:
        return web.Response()

    @action(detail=False, produces=["text/plain"])
    async def plain(request):  # type: ignore[no-untyped-def]  # the tutorial's form
        ...


class Untyped(Files):
    operations = {"create": operation(produces=["application/vnd.api+json"])}

    async def detail(self, id: int) -> Artist:  # type: ignore[override]  # it gives JSON
        return Artist("a")

    async def update(self, id: int, body: Artist) -> Artist:  # type: ignore[override]
        return body


BINARY = {"schema": {"type": "string", "format": "binary"}}
FORM = {"schema": {"type": "object", "additionalProperties": True}}
JSON = {"application/json": {"schema": {"$ref": "#/components/schemas/Artist"}}}


def test_media_types() -> None:
    """What is read and written by hand is told as what it is, beside what is declared."""
    found = operations_of(document_of(Files))
    created = found["POST /files/"]
    assert created["requestBody"] == {
        "content": {"multipart/form-data": FORM, "application/x-www-form-urlencoded": FORM}
    }
    assert [*created["responses"]] == ["default", "400", "413"]
    detail = found["GET /files/{id}/"]["responses"]
    assert detail["200"]["content"] == {"image/png": BINARY, "application/json": {"schema": {}}}
    assert [*detail] == ["200", "206", "304", "412", "416", "404"]
    update = found["PUT /files/{id}/"]
    assert update["requestBody"] == {"content": {"text/csv": {"schema": {"type": "string"}}}}
    assert [*update["responses"]] == ["204", "200", "400", "404", "413"]
    booklet = found["GET /files/{id}/booklet/"]["responses"]
    assert booklet["203"] == {
        "description": "Non-Authoritative Information",
        "content": {**JSON, "application/pdf": BINARY},
    }
    plain = found["GET /files/plain/"]["responses"]
    assert plain == {
        "200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }


def test_media_types_of_a_base() -> None:
    """Those that no longer fit are left, and those of an untyped action stand at its status."""
    found = operations_of(document_of(Untyped))
    assert found["POST /untyped/"]["responses"]["201"]["content"] == {
        "application/vnd.api+json": {"schema": {}}
    }
    assert found["GET /untyped/{id}/"]["responses"]["200"]["content"] == JSON
    assert found["PUT /untyped/{id}/"]["requestBody"]["content"] == JSON


@pytest.mark.parametrize("word", ["consumes", "produces"])
@pytest.mark.parametrize("value", ["image/png", ["png"], [], [1], 1, ["image/png", ""], {}])
def test_no_media_types(word: str, value: Any) -> None:
    """What is no list of them is refused where it is written."""
    message = rf"{word}=.* is no list of media types. Write such as \['image/png'\]"
    with pytest.raises(ImproperlyConfigured, match=message):
        operation(**{word: value})


def test_form_of_a_get() -> None:
    """A GET has no body."""
    viewset = type("Artists", (Files,), {"operations": {"detail": operation(consumes=["a/b"])}})
    with pytest.raises(ImproperlyConfigured, match="GET and HEAD have no body"):
        SimpleRouter().register(viewset, basename="artist")


def test_body_of_a_handler_for_all_methods() -> None:
    """It is told where there is one."""
    handler = operation(consumes=["text/csv"])(functools.partial(livez))
    found = operations_of(document_of(routes=[web.route("*", "/", handler)]))
    told = {
        name: ("requestBody" in each, "413" in each["responses"]) for name, each in found.items()
    }
    assert told.pop("GET /") == (False, False)
    assert {*told.values()} == {(True, True)}


class Guard:
    operations = ()

    def __call__(self) -> str:
        return ""


def test_words_of_an_object() -> None:
    """An object that is called is no viewset, whatever attributes it has."""
    assert isinstance(operation(errors=[401], security=["token"])(Guard()), Guard)


@pytest.mark.parametrize("tags", ["artist", [1], 1, {"artist": "a"}])
def test_no_tags(tags: Any) -> None:
    """One name alone is refused, as is what is no name."""
    with pytest.raises(ImproperlyConfigured, match=r"tags=.* is no list of names"):
        operation(tags=tags)


def test_two_results_of_one_status() -> None:
    """A result and None are told both, where they have one status."""

    class Later(BaseViewSet):
        @operation(status=202)
        async def list(self) -> Artist | None:
            return None

    responses = operations_of(document_of(Later))["GET /later/"]["responses"]
    assert responses == {"202": {"description": "Accepted", "content": JSON}}


@operation(security=[{"oauth": ["read"]}, "key"])
def reader() -> str:
    return "ann"


class Forwarded(Source):
    def reader(self, parameter: Any, inputs: Any) -> Callable[[web.Request], str]:
        return lambda request: ""

    def documentation(self, parameter: Any, inputs: Any, components: Any) -> Documentation:
        return Documentation(security=({"oauth": ["host"]},))


class Doors(BaseViewSet):
    @operation(security=[{}, "token"])
    async def list(self) -> None:
        """With a token, or without."""

    @operation(security=[{"oauth": ["write", "read"], "key": []}])
    async def create(self) -> None:
        """With both."""

    @operation(security=[{"oauth": ["write"]}], errors=[NotAuthenticated])
    async def detail(self, id: int, user: Annotated[str, Depends(reader)]) -> None:
        """With what the function needs, too."""

    @operation(security=[{}])
    async def update(self, id: int, user: Annotated[str, Depends(reader)]) -> None:
        """It adds nothing."""

    @operation(security=[{}])
    async def destroy(self, id: int) -> None:
        """For everybody."""

    async def partial_update(self, id: int, host: Annotated[str, Forwarded]) -> None:
        """With what the source needs."""


def test_scopes_and_what_may_be_left_out() -> None:
    """A requirement is OpenAPI's: names with scopes, needed together, or nothing."""
    document = document_of(
        Doors, security_schemes=SCHEMES, security=[{"oauth": ["read"]}, "key", {}]
    )
    assert document["security"] == [{"oauth": ["read"]}, {"key": []}, {}]
    found = {
        name: (each["security"], "401" in each["responses"])
        for name, each in operations_of(document).items()
    }
    assert found == {
        "GET /doors/": ([{}, {"token": []}], True),
        "POST /doors/": ([{"oauth": ["write", "read"], "key": []}], True),
        "GET /doors/{id}/": ([{"oauth": ["write", "read"]}, {"oauth": ["write"], "key": []}], True),
        "PUT /doors/{id}/": ([{"oauth": ["read"]}, {"key": []}], True),
        "DELETE /doors/{id}/": ([{}], False),
        "PATCH /doors/{id}/": ([{"oauth": ["host"]}], True),
    }


@pytest.mark.parametrize(
    "security", [{"oauth": ["a"]}, [{"oauth": "a"}], [{"oauth": [1]}], [{1: []}], 1, [["oauth"]]]
)
def test_no_requirements(security: Any) -> None:
    """What is no list of requirements is refused, where it is written."""
    with pytest.raises(ImproperlyConfigured, match=r"security=.* is no list of names"):
        operation(security=security)
    with pytest.raises(ImproperlyConfigured, match=r"security=.* is no list of names"):
        openapi.setup(web.Application(), security_schemes=SCHEMES, security=security)


def test_unknown_scheme_with_scopes() -> None:
    """A scheme that the document has not is refused."""
    schemes = {"token": SCHEMES["token"], "key": SCHEMES["key"]}
    with pytest.raises(ImproperlyConfigured, match="security= has 'oauth', which is no scheme"):
        document_of(Doors, security_schemes=schemes)
    with pytest.raises(ImproperlyConfigured, match="security= has 'oauth', which is no scheme"):
        document_of(security=[{"oauth": ["read"]}])


old = Meta(extra_json_schema={"deprecated": True})


class Paging(msgspec.Struct):
    page: Annotated[int, old] = 1
    size: Annotated[int | None, old] = None


class Old(BaseViewSet):
    async def list(
        self,
        paging: Annotated[Paging, Query],
        q: Annotated[str, old] = "",
        key: Annotated[str, Header("X-Key"), old] = "",
        session: Annotated[str, Cookie, old] = "",
        new: int = 1,
    ) -> None: ...

    async def detail(self, id: Annotated[int, old]) -> None: ...


def test_deprecated_parameters() -> None:
    """What a type says of itself is said of its parameter."""
    found = operations_of(document_of(Old))
    parameters = {
        each["name"]: each
        for name in ("GET /old/", "GET /old/{id}/")
        for each in found[name]["parameters"]
    }
    deprecated = {name for name, each in parameters.items() if each.get("deprecated") is True}
    assert deprecated == {"page", "size", "q", "X-Key", "session", "id"}
    assert not any("deprecated" in each["schema"] for each in parameters.values())


NAMED_UNIONS = """
class Cat(msgspec.Struct, tag="cat"):
    lives: int = 9

class Dog(msgspec.Struct, tag="dog"):
    name: str

class Bird(msgspec.Struct, tag="bird"):
    name: str

type Pet = Cat | Dog
type Animal = Pet | Bird
type Name = str | None
type Found = Cat | None

class Owner(msgspec.Struct):
    pet: Pet
    other: Pet | None = None
    many: list[Animal] = []

class CatModel(pydantic.BaseModel):
    kind: str

class DogModel(pydantic.BaseModel):
    name: str

type Model = CatModel | DogModel

class Pets(BaseViewSet):
    async def list(self, name: Name = None) -> list[Pet]: ...
    async def create(self, body: Pet, request: web.Request) -> Pet | Accepted[Owner]: ...
    async def detail(self, id: int) -> Pet | web.Response | None: ...
    async def update(self, id: int, body: Animal) -> Found: ...
    async def partial_update(self, id: int, body: Model | None = None) -> Answer[Model]: ...
    async def destroy(self, id: int, body: Pet | None = None) -> AsyncIterator[Pet]:
        yield Cat()
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="it has no named types (PEP 695)")
def test_named_unions() -> None:
    """A union of models is a component where it has a name, wherever it stands; both sides have one."""
    used = {"Accepted": Accepted, "Answer": Answer, "AsyncIterator": AsyncIterator}
    names: Any = {**globals(), **used, "pydantic": pydantic}
    exec(NAMED_UNIONS, names)  # noqa: S102  # older Pythons cannot read it
    document = document_of(names["Pets"])

    def named(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def told(operation: dict[str, Any], status: str) -> Any:
        ((_, content),) = operation["responses"][status]["content"].items()
        return content["schema"]

    found = operations_of(document)
    bodies = {
        name: each["requestBody"]["content"]["application/json"]["schema"]
        for name, each in found.items()
        if "requestBody" in each
    }
    assert bodies == {
        "POST /pets/": named("PetInput"),
        "PUT /pets/{id}/": named("AnimalInput"),
        "PATCH /pets/{id}/": {"anyOf": [named("Model"), {"type": "null"}]},
        "DELETE /pets/{id}/": {"anyOf": [named("PetInput"), {"type": "null"}]},
    }
    assert told(found["GET /pets/"], "200")["items"] == named("Pet")
    assert found["GET /pets/"]["parameters"][0]["schema"] == {"type": "string"}
    assert told(found["POST /pets/"], "201") == named("Pet")
    assert told(found["POST /pets/"], "202") == named("Owner")
    assert told(found["GET /pets/{id}/"], "200") == named("Pet")
    assert [*found["GET /pets/{id}/"]["responses"]] == ["204", "200", "default", "404"]
    assert told(found["PUT /pets/{id}/"], "200") == named("Cat")
    assert "204" in found["PUT /pets/{id}/"]["responses"]
    assert told(found["PATCH /pets/{id}/"], "200") == named("Model")
    assert told(found["DELETE /pets/{id}/"], "200")["items"] == named("Pet")
    schemas = document["components"]["schemas"]
    assert schemas["Pet"] == {
        "title": "Pet",
        "oneOf": [named("Cat"), named("Dog")],
        "discriminator": {
            "propertyName": "type",
            "mapping": {name.lower(): named(name)["$ref"] for name in ("Cat", "Dog")},
        },
    }
    assert schemas["AnimalInput"]["oneOf"] == [named("CatInput"), named("Dog"), named("Bird")]
    assert schemas["Bird"]["required"] == ["type", "name"]
    assert schemas["Model"]["anyOf"] == [named("CatModel"), named("DogModel")]
    owner = schemas["Owner"]["properties"]
    assert owner["pet"] == named("Pet")
    assert owner["other"] == {"anyOf": [named("Pet"), {"type": "null"}], "default": None}
    assert owner["many"]["items"] == named("Animal")
    assert {"Name", "Found"}.isdisjoint(schemas)
