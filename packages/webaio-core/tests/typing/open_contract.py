"""Type-checked by mypy and pyright, and never run: what an action is given, and what it may answer."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypeVar, assert_type

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from webaio import openapi
from webaio.decorators import action, operation
from webaio.exceptions import Conflict, NotAuthenticated
from webaio.parameters import (
    Cookie,
    Depends,
    Documentation,
    Header,
    Inputs,
    Parameter,
    Query,
    Source,
)
from webaio.results import Accepted, Answer, Created
from webaio.schemas import Components
from webaio.viewsets import BaseViewSet

Result = TypeVar("Result")
Read = Callable[[web.Request], Any]


class Artist(msgspec.Struct):
    id: int


Artists = list[Artist]


class Old(msgspec.Struct):
    id: int


class User(msgspec.Struct):
    name: str


class Trace(msgspec.Struct):
    traceparent: str | None = None


class Database:
    async def find(self, id: int) -> Artist | None:
        return Artist(id)


async def database(request: web.Request) -> AsyncIterator[Database]:
    yield Database()


@operation(errors=[NotAuthenticated], security=["token"])
async def current_user(authorization: Annotated[str, Header]) -> User:
    return User(authorization)


def page(page: int = 1) -> int:
    return page


class Tenants:
    def __init__(self, domain: str) -> None:
        self.domain = domain

    async def tenant(self, request: web.Request) -> str:
        return self.domain


Session = Annotated[Database, Depends(database)]
CurrentUser = Annotated[User, Depends(current_user)]
Tenant = Annotated[str, Depends(Tenants("example.org").tenant)]


class Language(Source):
    def __init__(self, default: str = "en") -> None:
        self.default = default

    def reader(self, parameter: Parameter, inputs: Inputs) -> Read:
        async def read(request: web.Request) -> str:
            return request.headers.get("Accept-Language", self.default)

        return read

    def documentation(
        self, parameter: Parameter, inputs: Inputs, components: Components
    ) -> Documentation:
        schema = parameter.schema.json_schema(components, "input")
        return Documentation(parameters=({"name": "x", "in": "header", "schema": schema},))


class Stale(Answer[Result]):
    status_code = 203


@web.middleware
async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
    return await handler(request)


class ArtistViewSet(BaseViewSet):
    middlewares = (timed,)
    operations = {"destroy": operation(errors=[Conflict], deprecated=True)}

    session: Session
    tenant: Tenant

    async def list(
        self,
        page: Annotated[int, Depends(page)],
        trace: Annotated[Trace, Header],
        theme: Annotated[str | None, Cookie] = None,
        language: Annotated[str, Language] = "en",
        other: Annotated[str, Language("de"), "what it is"] = "de",
    ) -> Answer[Artists]:
        assert_type(self.session, Database)
        assert_type(self.tenant, str)
        assert_type(page, int)
        assert_type(trace, Trace)
        return Answer([], headers={"X-Total": "0"})

    @operation(status=202, headers={"X-Total": int})
    async def create(self, user: CurrentUser, session: Session) -> Answer[Artist] | Created[Old]:
        assert_type(user, User)
        assert_type(await session.find(1), Artist | None)
        answer = Answer(Artist(1))
        answer.set_cookie("session", user.name, max_age=60, samesite="Strict")
        return answer if user.name else Created(Old(1))

    async def update(self, id: int) -> Artist | Stale[Artist] | Accepted[User] | None:
        assert_type(Stale(Artist(1)), Stale[Artist])
        assert_type(Stale(Artist(1)).result, Artist)
        return Accepted(User("ann"))

    @action(detail=True, method="post", middlewares=[timed], headers={"X-Total": int})
    async def publish(self, id: int) -> Answer[None]:
        return Answer(None)

    async def destroy(self, id: int) -> Created[Artist]:
        return Created(Old(1))  # type: ignore[arg-type]  # pyright: ignore[reportReturnType]


operation(middlewares=[5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
operation(headers=["X-Total"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Depends("session")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Answer()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Answer(1).set_cookie("a", "b", samesite="lax")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Query(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@operation(tags=["Files"], include_in_schema=True)
class FileViewSet(BaseViewSet):
    async def list(
        self, limit: Annotated[int | None, Query("l", allow_empty_value=True)] = None
    ) -> Artists:
        return []

    @operation(
        consumes=["multipart/form-data"], produces=["image/png"], security=[{}, {"oauth": ["a"]}]
    )
    async def create(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse("cover.png")


def amend(document: dict[str, Any]) -> None:
    document["info"]["x-logo"] = "logo.png"


assert_type(FileViewSet(), FileViewSet)
openapi.setup(web.Application(), tags=["Files", {"name": "a"}], amend=amend, security=["a", {}])
openapi.setup(web.Application(), amend=lambda document: {**document})
Documentation(security=("token", {"oauth": ["a"]}))
operation(consumes=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
operation(security=[5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
