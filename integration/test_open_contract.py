"""What an application adds to core's contract, from outside of it, served and documented."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pydantic
from aiohttp import web
from msgspec import Meta, Struct

from webaio import openapi
from webaio.decorators import action, operation
from webaio.exceptions import Conflict, NotAuthenticated, NotFound
from webaio.middlewares import api_exception_handler
from webaio.parameters import Cookie, Depends, Documentation, Header, Query, Source
from webaio.results import Accepted, Answer, Created
from webaio.routers import SimpleRouter
from webaio.testing import (
    APIClient,
    APIClientFactory,
    assert_error_contract,
    assert_matches_openapi,
    override,
)
from webaio.viewsets import BaseViewSet

STORE = web.AppKey("STORE", dict[int, "Artist"])
TOKEN = {"Authorization": "Bearer 0123456789abcdef"}
Text = Annotated[str, Meta(min_length=1, max_length=20)]


class Artist(Struct):
    id: Annotated[int, Meta(ge=1, le=10**6)]
    name: Text
    born: Annotated[int, Meta(ge=1900, le=2100)] | None = None


class Draft(Struct):
    """A model that looks like another."""

    id: int
    name: str
    born: int | None = None


class Job(pydantic.BaseModel):
    url: str


class User(Struct):
    name: str


class Trace(Struct, forbid_unknown_fields=True):
    traceparent: Annotated[str, Meta(pattern="^[0-9a-f]{2}$")] | None = None
    x_hops: Annotated[int, Meta(ge=0, le=9)] = 0


class Preferences(pydantic.BaseModel):
    theme: Annotated[str, pydantic.Field(pattern="^(light|dark)$")] = "light"


class Window(Struct, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=1, le=99)] = 1
    size: Annotated[int, Meta(ge=1, le=99)] = 10


class Filters(Struct, forbid_unknown_fields=True):
    born: Annotated[list[int], Meta(max_length=3)] = []
    size: Annotated[int, Meta(ge=5)] = 5


Artists = list[Artist]


class Session:
    """Changes of a store that are kept together, or not at all."""

    def __init__(self, store: dict[int, Artist]) -> None:
        self.store = store
        self.changed = dict(store)


async def session(request: web.Request) -> AsyncIterator[Session]:
    session = Session(request.app[STORE])
    yield session
    session.store.clear()
    session.store.update(session.changed)


@operation(errors=[NotAuthenticated], security=["token"])
async def current_user(request: web.Request) -> User:
    if request.headers.get("Authorization") != TOKEN["Authorization"]:
        raise NotAuthenticated
    return User("ann")


@operation(errors=[NotFound])
def artist(id: int, session: Annotated[Session, Depends(session)]) -> Artist:
    if id not in session.changed:
        raise NotFound
    return session.changed[id]


def window(window: Annotated[Window, Query]) -> slice:
    first = (window.page - 1) * window.size
    return slice(first, first + window.size)


class Hosted(Source):
    """The host that was asked for."""

    def reader(self, parameter: Any, inputs: Any) -> Any:
        return lambda request: request.headers.get("X-Forwarded-Host", request.host)

    def documentation(self, parameter: Any, inputs: Any, components: Any) -> Documentation:
        schema = parameter.schema.json_schema(components, "input")
        described = {"name": "X-Forwarded-Host", "in": "header", "schema": schema}
        return Documentation(parameters=(described,))


CurrentUser = Annotated[User, Depends(current_user)]
Stored = Annotated[Session, Depends(session)]
Found = Annotated[Artist, Depends(artist)]
Part = Annotated[slice, Depends(window)]


class ArtistViewSet(BaseViewSet):
    session: Stored

    @operation(headers={"X-Total": Annotated[int, Meta(ge=0)]})
    async def list(
        self,
        part: Part,
        filters: Annotated[Filters, Query],
        trace: Annotated[Trace, Header],
        preferences: Annotated[Preferences, Cookie],
    ) -> Answer[Artists]:
        every = [*self.session.changed.values()]
        kept = [each for each in every if not filters.born or each.born in filters.born]
        return Answer(kept[part], headers={"X-Total": str(len(kept))})

    @operation(errors=[Conflict])
    async def create(self, body: Artist, user: CurrentUser) -> Artist | Accepted[Job]:
        if body.id in self.session.changed:
            raise Conflict
        if body.born is None:
            return Accepted(Job(url=f"/job/{user.name}"))
        self.session.changed[body.id] = body
        return body

    async def update(self, id: int, body: Artist, session: Stored) -> Artist | Created[Draft]:
        is_new = id not in session.changed
        session.changed[id] = body
        return Created(Draft(id, body.name, body.born)) if is_new else body

    async def detail(self, artist: Found, host: Annotated[str, Hosted]) -> Artist:
        return artist

    async def destroy(self, id: int, user: CurrentUser, artist: Found) -> None:
        del self.session.changed[id]

    @action(detail=False, method="post", errors=[Conflict])
    async def fail(self) -> None:
        self.session.changed.clear()
        raise Conflict


def application() -> web.Application:
    router = SimpleRouter(check_results=True)
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    app[STORE] = {1: Artist(1, "Charly", 1951)}
    app.add_routes(router.routespatters)
    schemes = {"token": {"type": "http", "scheme": "bearer"}}
    openapi.setup(app, title="Artists", security_schemes=schemes, security=[], swagger=False)
    return app


async def test_as_documented() -> None:
    """Requests made by the document are taken, wrong ones refused, and the answers fit."""
    await assert_matches_openapi(application(), headers=TOKEN, examples=40)


async def test_errors() -> None:
    """Every error is a problem, also of what functions raise."""
    app = web.Application(middlewares=[api_exception_handler])
    app.add_subapp("/v1", application())
    await assert_error_contract(app, headers=TOKEN)


def told(described: Any, path: str, method: str) -> tuple[set[str], set[str], Any]:
    found = described["paths"][path][method]
    names = {f"{each['in']} {each['name']}" for each in found.get("parameters", ())}
    return names, set(found["responses"]), found.get("security")


def test_documented() -> None:
    """A user, a session, a page and a model of headers are in the document, with what they add."""
    described = openapi.document_of(application())
    token: Any = [{"token": []}]
    assert described["security"] == []
    names, statuses, security = told(described, "/artist/", "get")
    assert names == {
        *("query page", "query size", "query born"),
        *("header traceparent", "header x-hops", "cookie theme"),
    }
    assert (statuses, security) == ({"200", "422"}, None)
    _, statuses, security = told(described, "/artist/", "post")
    assert statuses == {"201", "202", "400", "401", "409", "413", "415", "422"}
    assert security == token
    names, statuses, _ = told(described, "/artist/{id}/", "get")
    assert (names, statuses) == (
        {"path id", "header X-Forwarded-Host"},
        {"200", "404"},
    )
    assert told(described, "/artist/{id}/", "put")[1] >= {"200", "201"}


async def test_kept_or_not(api_client_factory: APIClientFactory) -> None:
    """What an action changes is kept when it is done, and undone when it fails."""
    app = application()
    client: APIClient = await api_client_factory(app)
    await client.post("/artist/fail/", expect=409)
    assert await client.get("/artist/1/") == {"id": 1, "name": "Charly", "born": 1951}
    new = {"id": 2, "name": "Nina", "born": 1933}
    await client.post("/artist/", json=new, expect=401)
    client.authenticate("0123456789abcdef")
    await client.post("/artist/", json=new, expect=201)
    assert await client.get("/artist/2/") == new
    client.authenticate(None)
    with override(app, current_user, User("test")):
        await client.delete("/artist/2/", expect=204)
    await client.delete("/artist/1/", expect=401)
    await client.get("/artist/2/", expect=404)
