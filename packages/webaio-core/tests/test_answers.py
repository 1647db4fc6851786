"""Results that say more: a status, headers and cookies beside a typed result."""

import re
from collections.abc import Awaitable, Callable
from http.cookies import CookieError
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
import pydantic
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Meta, Struct

from webaio.decorators import action, operation
from webaio.exceptions import ImproperlyConfigured
from webaio.openapi._about import About
from webaio.openapi._document import document
from webaio.results import Accepted, Answer, Created
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet

Connect = Callable[..., Awaitable[TestClient[web.Request, web.Application]]]
Result = TypeVar("Result")
Model = TypeVar("Model")


class Artist(Struct):
    id: int
    name: str


class Draft(Struct):
    """A model that looks like another."""

    id: int
    name: str


class Job(pydantic.BaseModel):
    url: str


Artists = list[Artist]
CHARLY = Artist(7, "Charly")


class Stale(Answer[Result]):
    status_code = 203


class Rejected(Stale[Draft]):
    """It says by itself what it is of."""


class ArtistViewSet(BaseViewSet):
    @operation(headers={"X-Total": Annotated[int, Meta(ge=0, description="How many there are.")]})
    async def list(self) -> Answer[Artists]:
        return Answer([CHARLY], headers={"X-Total": self.request.query.get("total", "1")})

    async def create(self, body: Artist) -> Artist | Accepted[Job]:
        return Accepted(Job(url="/job/1")) if body.id == 0 else body

    async def update(self, id: int, body: Artist) -> Answer[Artist] | Created[Draft]:
        if id == 1:
            return Created(Draft(id, "new"))
        return Answer(body)

    async def detail(self, id: int) -> Artist | Stale[Artist] | None:
        answers = {0: None, 1: CHARLY, 2: Stale(CHARLY)}
        return answers[id]

    async def destroy(self, id: int) -> Answer[None]:
        answer = Answer(None)
        answer.set_cookie("session", "", max_age=0)
        return answer

    async def partial_update(self, id: int) -> Rejected | Answer[Artist | None]:
        return Rejected(Draft(id, "rejected")) if id == 1 else Answer(None if id == 2 else CHARLY)

    @action(detail=False, method="post")
    async def log_in(self) -> Answer[str]:
        answer = Answer("welcome")
        answer.set_cookie("session", "a b", max_age=60, domain="example.org")
        answer.set_cookie("theme", "dark", secure=False, httponly=False, samesite="None", path="/x")
        return answer

    @action(detail=False, method="post")
    async def import_(self) -> Created[Artist]:
        return Created(CHARLY)

    async def after(self, response: web.StreamResponse) -> None:
        response.headers["X-After"] = str(response.status)


async def test_what_will_be_created_has_a_url(connect: Connect) -> None:
    """A `create` that answers 202 names the item that one may ask."""

    class Later(ArtistViewSet):
        @operation(status=202)
        async def create(self, body: Artist) -> Artist:
            return body

    response = await (await connect(Later)).post("/artist/", json={"id": 5, "name": "a"})
    assert (response.status, response.headers["Location"]) == (202, "/artist/5/")


async def test_answers(connect: Connect) -> None:
    """An answer has the status of its class, or of the action; its result is written as any other."""
    client = await connect(ArtistViewSet)
    response = await client.get("/artist/")
    assert (response.status, response.headers["X-Total"]) == (200, "1")
    assert await response.json() == [{"id": 7, "name": "Charly"}]
    assert response.headers["X-After"] == "200"
    for id, status, url in ((5, 201, None), (0, 202, "/job/1")):
        response = await client.post("/artist/", json={"id": id, "name": "a"})
        assert response.status == status
        assert (await response.json()).get("url") == url
        assert response.headers.get("Location") == (None if url else "/artist/5/")
    for id, status, name in ((1, 201, "new"), (2, 200, "a")):
        response = await client.put(f"/artist/{id}/", json={"id": id, "name": "a"})
        assert (response.status, (await response.json())["name"]) == (status, name)
    assert [(await client.get(f"/artist/{id}/")).status for id in range(3)] == [204, 200, 203]
    assert [(await client.patch(f"/artist/{id}/")).status for id in (1, 2, 3)] == [203, 204, 200]
    assert (await client.post("/artist/import/")).status == 201


async def test_cookies(connect: Connect) -> None:
    """A cookie is hidden from scripts, and for HTTPS, unless it says otherwise."""
    client = await connect(ArtistViewSet)
    response = await client.post("/artist/log-in/")
    assert response.headers.getall("Set-Cookie") == [
        'session="a b"; Domain=example.org; HttpOnly; Max-Age=60; Path=/; SameSite=Lax; Secure',
        "theme=dark; Path=/x; SameSite=None",
    ]
    response = await client.delete("/artist/1/")
    assert response.status == 204
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    with pytest.raises(CookieError):
        Answer(None).set_cookie("a;b", "")


@pytest.mark.parametrize(
    "value", ["1\r\nX-Evil: 1", "1\n", "\x00", 1, None], ids=["line", "end", "nul", "int", "none"]
)
async def test_headers_that_cannot_be_sent(connect: Connect, value: Any) -> None:
    """What would break the lines of the head is a mistake of the application's, and a 500."""

    class Broken(BaseViewSet):
        async def list(self) -> Answer[int]:
            return Answer(1, headers={"X-Total": value})

    client = await connect(Broken)
    assert (await client.get("/artist/")).status == 500


async def test_headers_beyond_ascii(connect: Connect) -> None:
    """They go out as UTF-8."""

    class Named(BaseViewSet):
        @operation(headers={"X-Name": str})
        async def list(self) -> Answer[int]:
            return Answer(1, headers={"X-Name": "Nina é"})

    client = await connect(Named, check_results=True)
    assert (await client.get("/artist/")).headers["X-Name"] == "Nina é"


async def test_checked_answers(connect: Connect) -> None:
    """With `check_results` a result, a header and a class are compared with what is declared."""
    client = await connect(ArtistViewSet, check_results=True)
    assert (await client.get("/artist/?total=5")).status == 200
    assert (await client.get("/artist/?total=-5")).status == 500
    assert (await client.get("/artist/?total=five")).status == 500

    class Wrong(BaseViewSet):
        @operation(headers={"X-Total": int})
        async def list(self) -> Answer[Artist]:
            return Answer(5)  # type: ignore[arg-type]  # that is the point

        @operation(headers={"X-Total": int})
        async def create(self) -> Answer[Artist]:
            return Answer(CHARLY, headers={"X-Other": "1"})

        async def detail(self, id: int) -> Artist:
            return Answer(CHARLY)  # type: ignore[return-value]  # that is the point

        async def update(self, id: int) -> Created[Artist]:
            return Accepted(CHARLY)  # type: ignore[return-value]  # that is the point

        async def destroy(self, id: int) -> Created[Artist]:
            return None  # type: ignore[return-value]  # that is the point

        async def partial_update(self, id: int) -> Job:
            return Answer(Job(url="/"))  # type: ignore[return-value]  # that is the point

    client = await connect(Wrong, check_results=True)
    paths = [
        ("GET", ""),
        ("POST", ""),
        *((each, "1/") for each in ("GET", "PUT", "DELETE", "PATCH")),
    ]
    for method, path in paths:
        assert (await client.request(method, f"/artist/{path}")).status == 500, method
    client = await connect(Wrong)
    for method in ("GET", "PUT", "PATCH"):
        assert (await client.request(method, "/artist/1/")).status == 500, method


def test_documented() -> None:
    """Each status has its type, and what may have headers says which."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    paths = msgspec.json.decode(document(app, About("API", "1")))["paths"]

    def told(path: str, method: str) -> dict[str, str | None]:
        def name(response: Any) -> str | None:
            content = response.get("content", {}).get("application/json")
            return str(content["schema"].get("$ref", "")).rpartition("/")[2] if content else None

        responses = paths[path][method]["responses"]
        return {status: name(each) for status, each in responses.items() if status < "400"}

    assert told("/artist/", "get") == {"200": ""}
    headers = paths["/artist/"]["get"]["responses"]["200"]["headers"]
    assert headers["X-Total"]["schema"]["minimum"] == 0
    assert headers["X-Total"]["description"] == "How many there are."
    assert told("/artist/", "post") == {"201": "Artist", "202": "Job"}
    assert "Location" in paths["/artist/"]["post"]["responses"]["201"]["headers"]
    assert told("/artist/{id}/", "put") == {"200": "Artist", "201": "Draft"}
    assert told("/artist/{id}/", "get") == {"200": "Artist", "203": "Artist", "204": None}
    assert told("/artist/{id}/", "delete") == {"204": None}
    assert told("/artist/{id}/", "patch") == {"200": "Artist", "203": "Draft", "204": None}


class Crud(BaseViewSet, Generic[Model]):
    async def detail(self, id: UUID) -> Answer[Model]:
        raise NotImplementedError


class ArtistCrud(Crud[Artist]): ...


def test_generic() -> None:
    """The type of a result may be what the viewset says."""
    router = SimpleRouter()
    router.register(ArtistCrud, basename="artist")
    with pytest.raises(ImproperlyConfigured, match="~Model is left open"):
        SimpleRouter().register(Crud, basename="artist")


class Reset(Answer[Result]):
    status_code = 205


class Page(Answer[list[Result]]):
    """It says by itself what it is of, but for the item."""


class Sub(Page[Result]): ...


class Paged(BaseViewSet):
    async def list(self) -> Page[Artist]:
        return Page([CHARLY])

    async def create(self) -> Sub[Artist]:
        return Sub([CHARLY])

    async def detail(self, id: int) -> Answer:  # type: ignore[type-arg]  # that is the point
        return Answer({"id": id})

    @operation(status=200)
    async def update(self, id: int) -> Artist | None:
        return None

    async def destroy(self, id: int) -> Reset[None]:
        return Reset(None)


async def test_generic_answers(connect: Connect) -> None:
    """A class of answers may be generic in a part of its result."""
    client = await connect(Paged, check_results=True)
    listed = [{"id": 7, "name": "Charly"}]
    assert await (await client.get("/artist/")).json() == listed
    assert await (await client.post("/artist/")).json() == listed
    assert await (await client.get("/artist/1/")).json() == {"id": 1}
    assert (await client.put("/artist/1/")).status == 200
    assert (await client.delete("/artist/1/")).status == 205
    router = SimpleRouter()
    router.register(Paged, basename="artist")
    app = web.Application()
    app.add_routes(router.routespatters)
    paths = msgspec.json.decode(document(app, About("API", "1")))["paths"]
    for path, method, status in (("", "get", "200"), ("", "post", "201")):
        content = paths[f"/artist/{path}"][method]["responses"][status]["content"]
        assert content["application/json"]["schema"]["items"]["$ref"].endswith("/Artist")
    assert "content" in paths["/artist/{id}/"]["put"]["responses"]["200"]


@pytest.mark.parametrize(
    "headers",
    [
        *({"Content-Length": "1"}, {"Transfer-Encoding": "chunked"}, {"content-type": "a/b"}),
        *({"": "b"}, {"X: y": "b"}, {"X-A\r\nX-B": "b"}),
    ],
    ids=str,
)
async def test_names_of_headers(connect: Connect, headers: Any) -> None:
    """Those of the body follow from it, and others must be names."""

    class Broken(BaseViewSet):
        async def list(self) -> Answer[str]:
            return Answer("abc", headers=headers)

    client = await connect(Broken)
    assert (await client.get("/artist/")).status == 500


async def test_tab_in_a_header(connect: Connect) -> None:
    """It is taken (RFC 9110, 5.5)."""

    class Tabbed(BaseViewSet):
        async def list(self) -> Answer[str]:
            return Answer("abc", headers={"X-A": "a\tb"})

    client = await connect(Tabbed)
    assert (await client.get("/artist/")).headers["X-A"] == "a\tb"


@pytest.mark.parametrize(
    "attributes",
    [
        *({"path": "/\r\nX-Evil: 1"}, {"path": "/; Domain=evil.example"}),
        *({"domain": "a;b"}, {"samesite": "Lax; Domain=evil.example"}),
    ],
    ids=str,
)
def test_attributes_of_cookies(attributes: Any) -> None:
    """They cannot bring in others."""
    with pytest.raises(ValueError, match="cannot be an attribute of a cookie"):
        Answer(None).set_cookie("a", "b", **attributes)


class Refused(BaseViewSet):
    async def same(self) -> Artist | Answer[Draft]: ...  # type: ignore[empty-body]  # it is never called
    async def both(self) -> Created[Artist] | Answer[Draft]: ...  # type: ignore[empty-body]  # it is never called
    async def custom(self) -> Answer[TestClient[Any, Any]]: ...  # type: ignore[empty-body]  # it is never called
    async def reset(self) -> Reset[Artist]: ...  # type: ignore[empty-body]  # it is never called
    async def response(self) -> Answer[web.Response]: ...  # type: ignore[empty-body]  # it is never called
    @operation(headers={"X-Total": list[int]})
    async def list_in_a_header(self) -> Answer[Artist]: ...  # type: ignore[empty-body]  # it is never called
    @operation(headers={"X-Total": int})
    async def headers(self) -> Artist: ...  # type: ignore[empty-body]  # it is never called
    @operation(status=202)
    async def status(self) -> Created[Artist]: ...  # type: ignore[empty-body]  # it is never called
    @operation(headers={"X-Total": TestClient})
    async def type_of_header(self) -> Answer[Artist]: ...  # type: ignore[empty-body]  # it is never called


@pytest.mark.parametrize(
    ("name", "message"),
    {
        "same": "result: it has two results of status 201. Write one of both types",
        "both": "it has two results of status 201",
        "custom": "result: nothing can read",
        "reset": "status=205 has no content, and a result is declared",
        "response": "an Answer cannot carry a response",
        "list_in_a_header": "header 'X-Total': a header holds one text",
        "headers": "headers= are given, and no result that could have them",
        "status": "status=202 is given, and each of its results has a status of its own",
        "type_of_header": "result, header 'X-Total': nothing can read TestClient",
    }.items(),
)
def test_refused(name: str, message: str) -> None:
    """Results that could not be told apart, or written, are refused."""
    viewset = type("Artists", (BaseViewSet,), {"create": getattr(Refused, name)})
    with pytest.raises(ImproperlyConfigured, match=re.escape(message)):
        SimpleRouter().register(viewset, basename="artist")


@pytest.mark.parametrize("status", [404, 302, 199, "201", True])
def test_status_of_an_answer(status: Any) -> None:
    """It is that of a success."""
    with pytest.raises(ImproperlyConfigured, match="is not that of a success"):
        type("Wrong", (Answer,), {"status_code": status})


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({"X Total": int}, "headers= has 'X Total'"),
        ({5: int}, "headers= has 5"),
        ({"content-Length": int}, "which follows from the body"),
        (["X-Total"], "is no dict"),
        ({"X-Total": int, "x-total": int}, "headers= has 'X-Total' twice"),
    ],
)
def test_declared_headers(headers: Any, what: str) -> None:
    """They are refused where they are written."""
    with pytest.raises(ImproperlyConfigured, match=re.escape(what)):
        operation(headers=headers)
