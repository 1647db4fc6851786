"""Forms: what models and parameters read of them, their faults, what is refused, and the document."""

import dataclasses
import enum
import json
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final
from uuid import UUID

import pydantic
import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient
from msgspec import Meta, Struct
from pytest_aiohttp import AiohttpClient

from webaio import conditions
from webaio.conditions import idempotent
from webaio.decorators import action
from webaio.exceptions import ImproperlyConfigured
from webaio.openapi._about import About
from webaio.openapi._document import document
from webaio.parameters import Body, Depends, File, Form, Query
from webaio.parameters._overrides import overriding
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Connect = Callable[..., Awaitable[Client]]
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"


class Picture(File, max_size=1000, media_types=("image/png", "image/jpeg")):
    pass


class Color(enum.Enum):
    RED = "red"


class Place(Struct):
    city: str
    zip: int = 0


class Texts(Struct, forbid_unknown_fields=True):
    """What is told of an artist."""

    name: Annotated[str, Meta(min_length=2)]
    born: Annotated[int, Meta(ge=1900)] | None = None
    tags: list[str] = []
    alive: bool = True
    color: Color | None = None
    key: UUID | None = None


class TextsModel(pydantic.BaseModel, extra="forbid"):
    name: Annotated[str, pydantic.Field(min_length=2)]
    born: Annotated[int, pydantic.Field(ge=1900)] | None = None
    tags: list[str] = []
    alive: bool = True
    color: Color | None = None
    key: UUID | None = None


@dataclasses.dataclass
class TextsClass:
    name: Annotated[str, Meta(min_length=2)]
    born: Annotated[int, Meta(ge=1900)] | None = None
    tags: list[str] = dataclasses.field(default_factory=list)
    alive: bool = True
    color: Color | None = None
    key: UUID | None = None


class Upload(Struct):
    title: str
    cover: Picture
    born: int = 0
    extra: list[File] = []
    place: Place | None = None
    numbers: dict[str, int] = {}

    def __post_init__(self) -> None:
        if self.title == "bad":
            raise ValueError("A title of this kind is refused")


class PlaceModel(pydantic.BaseModel, strict=True):
    city: str
    zip: int = 0


class UploadModel(pydantic.BaseModel):
    title: str
    cover: Picture
    born: int = 0
    extra: list[File] = []
    place: PlaceModel | None = None
    numbers: dict[str, Annotated[int, pydantic.Field(strict=True)]] = {}

    @pydantic.model_validator(mode="after")
    def refuse(self) -> "UploadModel":
        if self.title == "bad":
            raise ValueError("A title of this kind is refused")
        return self


@dataclasses.dataclass
class UploadClass:
    title: str
    cover: Picture
    born: int = 0
    extra: list[File] = dataclasses.field(default_factory=list)
    place: Place | None = None
    numbers: dict[str, int] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.title == "bad":
            raise ValueError("A title of this kind is refused")


def texts_viewset(model: Any) -> type[BaseViewSet]:
    class Artists(BaseViewSet):
        async def create(self, body: Annotated[model, Form]) -> Any:
            return [body.name, body.born, body.tags, body.alive, body.color, body.key]

    return Artists


def upload_viewset(model: Any) -> type[BaseViewSet]:
    class Artists(BaseViewSet):
        async def create(self, body: Annotated[model, Form]) -> Any:
            place = body.place and [body.place.city, body.place.zip]
            files = [(await each.read()).decode() for each in [body.cover, *body.extra]]
            assert type(body.cover) is Picture
            return [body.title, body.born, place, body.numbers, files]

    return Artists


def encoded(fields: list[tuple[str, str]], *, in_parts: bool) -> FormData:
    form = FormData(default_to_multipart=in_parts)
    for name, text in fields:
        form.add_field(name, text)
    return form


def faults_of(problem: Any) -> list[tuple[str, str, str]]:
    return [(each["in"], each["pointer"], each["code"]) for each in problem["errors"]]


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("model", [Texts, TextsModel, TextsClass])
async def test_texts(connect: Connect, model: Any, in_parts: bool) -> None:
    """A form without files is read alike from both media types, its texts as those of a query."""
    client = await connect(texts_viewset(model))
    fields = [("name", "Ñandú & co=+"), ("born", "1951"), ("tags", "a"), ("tags", ""), ("alive", "0"), ("color", "red")]  # fmt: skip
    sent = encoded(fields, in_parts=in_parts)
    response = await client.post("/artist/", data=sent)
    assert response.status == 201
    assert await response.json() == ["Ñandú & co=+", 1951, ["a", ""], False, "red", None]
    fields = [("name", "a"), ("born", "1.0"), ("born", "2"), ("alive", "x"), ("color", "blue"), ("key", "x")]  # fmt: skip
    if model is not TextsClass:
        fields.append(("other", "a"))
    response = await client.post("/artist/", data=encoded(fields, in_parts=in_parts))
    found = faults_of(await response.json())
    expected = {"/name", "/born", "/alive", "/color", "/key", "/other"}
    assert response.status == 422
    assert {each[1] for each in found} == expected - ({"/other"} if model is TextsClass else set())
    assert {each[0] for each in found} == {"body"}


def upload(cover: bytes = b"cover", **texts: str) -> FormData:
    form = FormData()
    form.add_field("cover", cover, filename="c.png", content_type="image/png")
    for name, text in {"title": "a", **texts}.items():
        form.add_field(name, text)
    return form


@pytest.mark.parametrize("model", [Upload, UploadModel, UploadClass])
async def test_models_with_files(connect: Connect, model: Any) -> None:
    """A model has files beside texts, and models as JSON in parts of their own."""
    client = await connect(upload_viewset(model))
    form = upload(born="5", place='{"city": "Rosario", "zip": 2000}', numbers='{"a": 1}')
    form.add_field("extra", b"one", filename="1")
    form.add_field("extra", b"two", filename="2")
    response = await client.post("/artist/", data=form)
    expected = ["a", 5, ["Rosario", 2000], {"a": 1}, ["cover", "one", "two"]]
    assert (response.status, await response.json()) == (201, expected)
    response = await client.post("/artist/", data=upload())
    assert await response.json() == ["a", 0, None, {}, ["cover"]]


@pytest.mark.parametrize("model", [Upload, UploadModel, UploadClass])
async def test_json_in_a_part(connect: Connect, model: Any) -> None:
    """JSON is strict there, too; a page sends it as a file, and other types are refused."""
    client = await connect(upload_viewset(model))
    for place, faults in (
        ('{"city": "a", "zip": "1"}', [("/place/zip", "type")]),
        ('{"zip": 1.5}', [("/place/city", "required"), ("/place/zip", "type")]),
        ("{", [("/place", "format")]),
        ("", [("/place", "format")]),
        ("[]", [("/place", "type")]),
    ):
        form = upload(place=place, born="x")
        response = await client.post("/artist/", data=form)
        found = [each[1:] for each in faults_of(await response.json())]
        assert response.status == 422
        assert sorted(found) == sorted([*faults, ("/born", "type")])
    form = upload(place='{"city": "a"}', numbers='{"a": 1}', born="x")
    response = await client.post("/artist/", data=form)
    assert faults_of(await response.json()) == [("body", "/born", "type")]
    for media_type, status in (("application/json", 201), ("application/a+json", 201), ("text/csv", 422)):  # fmt: skip
        form = upload()
        form.add_field("place", b'{"city": "a"}', filename="blob", content_type=media_type)
        response = await client.post("/artist/", data=form)
        assert response.status == status
    assert faults_of(await response.json()) == [("body", "/place", "media_type")]


class WithPlace(Struct):
    place: Place
    born: int
    cover: File | None = None


async def test_what_is_good_beside_a_fault(connect: Connect) -> None:
    """JSON and a file that are right have no fault where another field has one."""

    class Artists(BaseViewSet):
        async def create(self, body: Annotated[WithPlace, Form]) -> None: ...

    client = await connect(Artists)
    form = encoded([("place", '{"city": "a"}'), ("born", "x")], in_parts=True)
    form.add_field("cover", b"a", filename="a")
    response = await client.post("/artist/", data=form)
    assert faults_of(await response.json()) == [("body", "/born", "type")]


@pytest.mark.parametrize("model", [Upload, UploadModel, UploadClass])
async def test_validators(connect: Connect, model: Any) -> None:
    """A model's own validator is asked of what is made, files included."""
    client = await connect(upload_viewset(model))
    form = upload(title="bad")
    response = await client.post("/artist/", data=form)
    problem = await response.json()
    assert (response.status, problem["errors"][0]["pointer"]) == (422, "")
    assert problem["errors"][0]["detail"] == "A title of this kind is refused"


@pytest.mark.parametrize("model", [Upload, UploadModel, UploadClass])
async def test_all_faults_of_a_model(connect: Connect, model: Any) -> None:
    """A text for a file, a file for a text, what is missing: all at once, each once."""
    client = await connect(upload_viewset(model))
    form = FormData(default_to_multipart=True)
    form.add_field("cover", "text")
    form.add_field("title", b"file", filename="a")
    form.add_field("extra", "text")
    form.add_field("born", "x")
    response = await client.post("/artist/", data=form)
    found = sorted(each[1:] for each in faults_of(await response.json()))
    assert (response.status, found) == (
        422,
        [("/born", "type"), ("/cover", "type"), ("/extra", "type"), ("/title", "type")],
    )


def owner(owner: Annotated[str, Form] = "nobody") -> str:
    return owner


class Fields(BaseViewSet):
    async def create(
        self,
        title: Annotated[str, Form],
        numbers: Annotated[list[int], Form("number")] = [],  # noqa: B006  # each request gets a copy
        owner: Annotated[str, Depends(owner)] = "",
        limit: int = 1,
    ) -> Any:
        return [title, numbers, owner, limit]

    async def update(self, id: int, body: Annotated[Texts | None, Form] = None) -> Any:
        return "nobody" if body is None else body.name

    @action(detail=False, method="post", client_max_size=100)
    async def small(self, title: Annotated[str, Form]) -> str:
        return title


async def test_fields(connect: Connect) -> None:
    """Parameters of an action, and of what it depends on, are the fields of one form."""
    client = await connect(Fields)
    sent = "title=a&number=1&number=2&owner=ann&other=1"
    headers = {"Content-Type": f"{URLENCODED}; charset=UTF-8"}
    response = await client.post("/artist/?limit=5", data=sent, headers=headers)
    assert (response.status, await response.json()) == (201, ["a", [1, 2], "ann", 5])
    response = await client.post("/artist/?limit=x", data="number=1&number=x", headers=headers)
    assert faults_of(await response.json()) == [
        ("body", "/title", "required"),
        ("body", "/number/1", "type"),
        ("query", "/limit", "type"),
    ]


async def test_optional_forms(connect: Connect) -> None:
    """A form that may be absent is, without a body; a field of it makes it be there."""
    client = await connect(Fields)
    for sent, status, found in (("", 200, "nobody"), ("name=Ann", 200, "Ann"), ("born=1951", 422, None)):  # fmt: skip
        headers = {"Content-Type": URLENCODED} if sent else {}
        response = await client.put("/artist/1/", data=sent, headers=headers)
        assert response.status == status
        assert status == 422 or await response.json() == found


async def test_refused_forms(connect: Connect) -> None:
    """A form is too large, of another type, or not UTF-8, by the rules of a JSON body."""
    client = await connect(Fields)
    for sent, media_type, status in (
        ("title=" + "a" * 95, URLENCODED, 413),
        ("title=a", "text/plain", 415),
        ('{"title": "a"}', "application/json", 415),
        ("title=a", f"{URLENCODED}; charset=latin-1", 400),
        ("%FF=a", URLENCODED, 400),
        ("title=%FF", URLENCODED, 422),
        ("title=" + "&" * 90, URLENCODED, 200),
    ):
        headers = {"Content-Type": media_type}
        response = await client.post("/artist/small/", data=sent, headers=headers)
        assert (response.status, sent) == (status, sent)
        if status == 415:
            assert response.headers["Accept"] == f"{URLENCODED}, {MULTIPART}"
    many = "title=a&" + "number=1&" * 1000
    response = await client.post("/artist/", data=many, headers={"Content-Type": URLENCODED})
    assert (response.status, "more than 1000 fields" in await response.text()) == (413, True)


class Once(BaseViewSet):
    runs = 0

    @idempotent(required=True)
    async def create(self, title: Annotated[str, Form]) -> int:
        type(self).runs += 1
        return self.runs


@pytest.mark.parametrize("in_parts", [False, True])
async def test_idempotency_keys(aiohttp_client: AiohttpClient, in_parts: bool) -> None:
    """A repeated form is done once, and another under its key is refused."""
    app = web.Application()
    conditions.setup(app)
    router = SimpleRouter()
    router.register(Once, basename="artist")
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    Once.runs = 0
    headers = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    for title, status in (("a", 201), ("a", 201), ("b", 422)):
        sent = encoded([("title", title)], in_parts=in_parts)
        response = await client.post("/artist/", data=sent, headers=headers)
        assert response.status == status
        assert status == 422 or await response.json() == 1


async def test_overridden_dependency(aiohttp_client: AiohttpClient) -> None:
    """What stands in a test for a dependency may read a form where that did not."""

    def given() -> str:
        return "given"

    async def uploaded(file: File) -> str:
        return (await file.read()).decode()

    class Artists(BaseViewSet):
        async def create(self, who: Annotated[str, Depends(given)]) -> str:
            return who

    app = web.Application()
    router = SimpleRouter()
    router.register(Artists, basename="artist")
    app.add_routes(router.routespatters)
    client = await aiohttp_client(app)
    form = FormData()
    form.add_field("file", b"abc", filename="a")
    with overriding(app, given, uploaded):
        response = await client.post("/artist/", data=form)
        assert await response.json() == "abc"


class Nested(Struct):
    file: File


class Broken(BaseViewSet):
    """Each action is refused, by itself."""

    async def model_and_field(self, body: Annotated[Texts, Form], file: File) -> None: ...
    async def two_models(
        self, one: Annotated[Texts, Form], other: Annotated[Place, Form]
    ) -> None: ...
    async def form_and_json(self, place: Place, file: File) -> None: ...
    async def form_and_marked_json(
        self, a: Annotated[str, Form], b: Annotated[str, Body]
    ) -> None: ...
    async def unmarked_model(self, body: Nested) -> None: ...
    async def json_with_a_file(self, body: Annotated[Nested, Body]) -> None: ...
    async def file_of_a_query(self, file: Annotated[File, Query]) -> None: ...
    async def file_of_an_answer(self) -> File:
        return File()

    async def file_in_a_dict(self, files: Annotated[dict[str, File], Form]) -> None: ...
    async def file_in_a_member(self, body: Annotated["Deep", Form]) -> None: ...
    async def file_or_text(self, file: Annotated[File | str, Form]) -> None: ...
    async def model_as_field(self, places: Annotated[list[Place], Form]) -> None: ...
    async def models_of_a_model(self, body: Annotated["Many", Form]) -> None: ...
    async def named_model(self, body: Annotated[Texts, Form("body")]) -> None: ...
    async def one_name_twice(self, file: File, text: Annotated[str, Form("file")]) -> None: ...
    async def partial(self, body: Annotated[Partial[Texts], Form]) -> None: ...
    async def wrong_default(self, count: Annotated[int, Form] = "a") -> None: ...  # type: ignore[assignment]  # refused
    async def default_file(self, file: File = None) -> None: ...  # type: ignore[assignment]  # refused


class Deep(Struct):
    nested: Nested


class Many(Struct):
    places: list[Place]


MESSAGES: Final = {
    "model_and_field": "it is a model, and so the whole form",
    "two_models": "it is a model, and so the whole form",
    "form_and_json": "it takes two bodies, 'place' and 'file'",
    "form_and_marked_json": "it takes two bodies, 'a' and 'b'",
    "unmarked_model": "a form holds it: Annotated[..., Form]",
    "json_with_a_file": "a form holds it: Annotated[..., Form]",
    "file_of_a_query": "a form holds it: Annotated[..., Form]",
    "file_of_an_answer": "a form holds it: Annotated[..., Form]",
    "file_in_a_dict": "a form cannot hold its type",
    "file_in_a_member": "the field 'nested' has a file in it",
    "file_or_text": "nothing can read",
    "model_as_field": "a form cannot hold its type",
    "models_of_a_model": "the field 'places' is none",
    "named_model": "a model is read from all of the form, and its mark has a name",
    "one_name_twice": "another parameter reads it otherwise",
    "partial": "a form cannot hold its type",
    "wrong_default": "its default 'a' is not of its own type",
    "default_file": "its default None is not of its own type",
}


@pytest.mark.parametrize(("name", "message"), MESSAGES.items())
def test_refused_at_registration(name: str, message: str) -> None:
    """What no form could be is refused where it is registered; the message says how to mend it."""
    viewset = type("Artists", (BaseViewSet,), {"create": getattr(Broken, name)})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)) as caught:
        SimpleRouter().register(viewset, basename="artist")
    assert "Artists.create" in str(caught.value)


def test_every_broken_action_is_tried() -> None:
    """The table is complete."""
    assert {name for name in vars(Broken) if not name.startswith("_")} == set(MESSAGES)


@pytest.mark.parametrize("method", ["get", "head"])
def test_form_of_a_get(method: str) -> None:
    """GET and HEAD have no body, and so no form."""

    class Artists(BaseViewSet):
        @action(detail=False, methods=[method])
        async def search(self, file: File) -> None: ...

    with pytest.raises(ImproperlyConfigured, match=f"{method.upper()} has none"):
        SimpleRouter().register(Artists, basename="artist")


def test_consumes_beside_a_form() -> None:
    """The types of a form are told by themselves."""

    class Artists(BaseViewSet):
        @action(detail=False, method="post", consumes=["image/png"])
        async def upload(self, file: File) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="it is read as a form, and consumes= says"):
        SimpleRouter().register(Artists, basename="artist")


def body_of(viewset: type[BaseViewSet], path: str = "/artist/", method: str = "post") -> Any:
    router = SimpleRouter()
    router.register(viewset, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    operation = json.loads(document(app, About("API", "1")))["paths"][path][method]
    assert {"400", "413", "415", "422"} <= operation["responses"].keys()
    return operation["requestBody"]


PICTURE: Final = {
    "type": "string",
    "format": "binary",
    "contentMediaType": "application/octet-stream",
    "maxLength": 1000,
}
FILE: Final = {name: each for name, each in PICTURE.items() if name != "maxLength"}


@pytest.mark.parametrize("model", [Upload, UploadModel, UploadClass])
def test_document_of_a_model_with_files(model: Any) -> None:
    """A form with files is multipart, and says what types they may have; JSON is a model there."""
    body = body_of(upload_viewset(model))
    ((media_type, content),) = body["content"].items()
    schema, properties = content["schema"], content["schema"]["properties"]
    assert (media_type, body["required"]) == (MULTIPART, True)
    assert (schema["type"], schema["required"]) == ("object", ["title", "cover"])
    assert content["encoding"] == {"cover": {"contentType": "image/png, image/jpeg"}}
    assert properties["cover"] == PICTURE
    assert properties["extra"] == {"type": "array", "items": FILE}
    assert "additionalProperties" not in schema
    assert {"$ref": f"#/components/schemas/{properties['place']['anyOf'][0]['$ref'][21:]}"} in (
        properties["place"]["anyOf"]
    )


@pytest.mark.parametrize(("model", "is_closed"), [(Texts, True), (TextsModel, True), (TextsClass, False)])  # fmt: skip
def test_document_of_texts(model: Any, is_closed: bool) -> None:
    """A form without files has both types, and is closed where it refuses what it does not know."""
    body = body_of(texts_viewset(model))
    assert list(body["content"]) == [URLENCODED, MULTIPART]
    one, other = body["content"].values()
    assert one == other
    assert (one["schema"].get("additionalProperties") is False) == is_closed
    born = {"type": "integer", "minimum": 1900}
    assert one["schema"]["properties"]["born"] == {"anyOf": [born, {"type": "null"}]}
    assert one["schema"]["required"] == ["name"]


def test_document_of_fields() -> None:
    """The parameters of an action, and of what it depends on, are told as one form."""
    body = body_of(Fields)
    schema = body["content"][URLENCODED]["schema"]
    assert list(schema["properties"]) == ["title", "number", "owner"]
    assert (schema["required"], body["required"]) == (["title"], True)
    assert schema["properties"]["owner"] == {"type": "string", "default": "nobody"}
    assert body_of(Fields, "/artist/{id}/", "put")["required"] is False
