"""webaio: a model viewset, with the error middleware."""

from collections.abc import AsyncIterator, Sequence

from aiohttp import web
from msgspec import Struct
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.serve import serve
from benchmarks.services.data import DATABASE_URL, POOL
from webaio.decorators import action
from webaio.middlewares import api_exception_handler
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import Int, ModelViewSet, Text100, setup


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    born: Mapped[int | None] = mapped_column(index=True)


class ArtistIn(Struct):
    name: Text100
    born: Int | None = None


class ArtistOut(Struct):
    id: int
    name: str
    born: int | None


class ArtistViewSet(ModelViewSet[Artist, ArtistOut, ArtistIn]):
    ordering = ("born",)

    @action(detail=False)
    async def export(self) -> AsyncIterator[ArtistOut]:
        async for each in self.stream():
            yield each


def model_viewset(names: Sequence[str] = ("artist",)) -> web.Application:
    router = SimpleRouter()
    for name in names:
        router.register(ArtistViewSet, basename=name)
    app = web.Application(middlewares=[api_exception_handler])
    app.add_routes(router.routespatters)
    setup(app, DATABASE_URL, pool_size=POOL, max_overflow=0)
    return app


if __name__ == "__main__":
    serve(model_viewset)
