"""Conditions as clients see them: the document is what the server does, on each database and without."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, ClassVar

import pytest
from aiohttp import web
from msgspec import Meta, Struct
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from integration.databases import url_beside
from webaio import openapi
from webaio.conditions import IfMatch
from webaio.decorators import action
from webaio.exceptions import NotFound
from webaio.middlewares import api_exception_handler
from webaio.results import Created
from webaio.routers import SimpleRouter
from webaio.schemas import Partial
from webaio.sqlalchemy import DATABASE, ModelViewSet, UTCDateTime, setup
from webaio.testing import assert_error_contract, assert_matches_openapi, new_database
from webaio.viewsets import BaseViewSet

Text20 = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[^\x00]*$")]
CHANGED = datetime(2026, 1, 2, 3, 4, 5, 678, UTC)


class Base(DeclarativeBase):
    pass


class Song(Base):
    __tablename__ = "song"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]


class Page(Base):
    __tablename__ = "page"
    key: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    title: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    changed: Mapped[datetime] = mapped_column(UTCDateTime, default=CHANGED)


class TitleIn(Struct):
    title: Text20


class SongOut(Struct):
    id: int
    title: str
    version: int


class PageOut(Struct):
    key: uuid.UUID
    title: str


class SongViewSet(ModelViewSet[Song, SongOut, TitleIn]):
    version = "version"
    require_if_match = True


class PageViewSet(ModelViewSet[Page, PageOut, TitleIn]):
    version = "version"
    last_modified = "changed"
    put_creates = True


class Note(Struct):
    id: int
    title: str
    version: int = 1
    changed: datetime = CHANGED


class NoteViewSet(BaseViewSet):
    etag = "version"
    last_modified = "changed"
    notes: ClassVar[dict[int, Note]] = {}

    async def get_object(self, id: int) -> Note | None:
        return self.notes.get(id)

    async def list(self) -> list[Note]:
        return [*self.notes.values()]

    async def create(self, body: TitleIn) -> Note:
        new = max(self.notes, default=0) + 1
        self.notes[new] = Note(new, body.title)
        return self.notes[new]

    async def detail(self, id: int) -> Note:
        if id not in self.notes:
            raise NotFound
        return self.notes[id]

    async def update(self, id: int, body: TitleIn) -> Note | Created[Note]:
        known = self.notes.get(id)
        new = self.notes[id] = Note(id, body.title, known.version + 1 if known else 1)
        return new if known else Created(new)

    async def partial_update(
        self, id: int, body: Partial[TitleIn], version: IfMatch | None = None
    ) -> Note:
        note = await self.detail(id)
        if version is not None:
            version.require(note.version)
        note.version += 1
        return note

    async def destroy(self, id: int) -> None:
        await self.detail(id)
        del self.notes[id]

    @action(detail=True, method="post")
    async def publish(self, id: int, version: IfMatch) -> Note:
        note = await self.detail(id)
        version.require(note.version)
        return note


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Iterator[web.Application]:
    with new_database(url_beside(request.param), Base.metadata.create_all) as url:
        router = SimpleRouter(check_results=True)
        router.register(SongViewSet, basename="song")
        router.register(PageViewSet, basename="page")
        router.register(NoteViewSet, basename="note")
        app = web.Application(middlewares=[api_exception_handler])
        app.add_routes(router.routespatters)
        setup(app, url)
        openapi.setup(app, title="Conditions", swagger=False)
        app.on_startup.append(_fill)
        yield app


async def _fill(app: web.Application) -> None:
    NoteViewSet.notes.clear()
    NoteViewSet.notes[1] = Note(1, "one")
    async with app[DATABASE].session.begin() as session:
        session.add(Song(title="Clics", version=1))
        session.add(Page(title="Clics", version=1))


async def test_as_documented(app: web.Application) -> None:
    """Requests made by the document are taken, wrong ones refused, and the answers fit."""
    await assert_matches_openapi(app)


async def test_errors(app: web.Application) -> None:
    await assert_error_contract(app)
