from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Any, ClassVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from webaio.authentication import (
    APIKey,
    CurrentUser,
    Identity,
    KeyRecord,
    identity_of,
)
from webaio.decorators import action
from webaio.exceptions import ImproperlyConfigured
from webaio.permissions import Anyone, IsAuthenticated, ObjectPermission, Permission, Permissions
from webaio.routers import SimpleRouter
from webaio.sqlalchemy import DATABASE, BulkModelViewSet, ModelViewSet, setup

Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]


class User(Struct):
    id: str
    is_admin: bool = False


KEYS = {
    name: KeyRecord(Identity(name, User(name, name == "root")), sha256(b"secret").hexdigest())
    for name in ("ana", "bob", "root")
}


async def find_key(id: str) -> KeyRecord | None:
    return KEYS.get(id)


WAYS = (APIKey(find_key),)


class IsAdmin(Permission[User]):
    async def allows(self, user: User | None) -> bool:
        return user is not None and user.is_admin


def key_of(name: str | None) -> dict[str, str]:
    """Make the headers of a user; none for nobody."""
    return {} if name is None else {"X-API-Key": f"{name}.secret"}


class Base(DeclarativeBase):
    pass


class Artist(Base):
    __tablename__ = "artist"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    owner: Mapped[str | None] = mapped_column(String(100))


class Album(Base):
    __tablename__ = "album"
    id: Mapped[int] = mapped_column(primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artist.id"))


class ArtistIn(Struct):
    name: str
    owner: str | None = None


class ArtistOut(Struct):
    id: int
    name: str
    owner: str | None


class AlbumIn(Struct):
    artist_id: int


class AlbumOut(Struct):
    id: int
    artist_id: int


class IsOwner(ObjectPermission[User, Artist]):
    async def allows(self, user: User | None, artist: Artist) -> bool:
        return user is not None and artist.owner == user.id

    def scope(self, user: User | None) -> Sequence[Any] | bool:
        return user is not None and [Artist.owner == user.id]


class IsPublic(ObjectPermission[User, Artist]):
    needs_user = False

    def scope(self, user: User | None) -> Sequence[Any] | bool:
        return [Artist.name == "public"]


class OnlyKnown(IsPublic):
    """Refuses who is not known before it says anything of rows."""

    async def decide(self, identity: Identity | None) -> bool | None:
        return False if identity is None else None


class ArtistViewSet(BulkModelViewSet[Artist, ArtistOut, ArtistIn]):
    authentication = WAYS
    permissions: ClassVar[Permissions] = IsOwner() | IsAdmin()

    @action(detail=True, method="post")
    async def rename(self) -> str:
        self.object.name = "renamed"
        return str(self.object.owner)


class AlbumViewSet(ModelViewSet[Album, AlbumOut, AlbumIn]):
    authentication = WAYS
    permissions = IsAuthenticated()


@pytest.fixture
async def serve(aiohttp_client: AiohttpClient, database_url: str) -> Serve:
    """Serve viewsets on a database with the artists of ana (1), bob (2) and nobody (3)."""

    async def serve(**viewsets: Any) -> Client:
        router = SimpleRouter()
        for basename, viewset in viewsets.items():
            router.register(viewset, basename=basename)
        app = web.Application()
        app.add_routes(router.routespatters)
        setup(app, database_url)
        client = await aiohttp_client(app)
        async with app[DATABASE].engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with app[DATABASE].session() as session:
            owners = (("a", "ana"), ("b", "bob"), ("public", None))
            session.add_all(Artist(name=name, owner=owner) for name, owner in owners)
            await session.commit()
        return client

    return serve


async def names(client: Client, user: str | None) -> list[str]:
    response = await client.get("/artist/?count=true", headers=key_of(user))
    assert response.status == 200
    page = await response.json()
    assert page["total"] == len(page["items"])
    return [each["name"] for each in page["items"]]


async def status(client: Client, method: str, path: str, user: str | None, **options: Any) -> int:
    return (await client.request(method, path, headers=key_of(user), **options)).status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/artist/2/", None),
        ("PUT", "/artist/2/", {"name": "x", "owner": "ana"}),
        ("PATCH", "/artist/2/", {"name": "x"}),
        ("PATCH", "/artist/2/", {}),
        ("PATCH", "/artist/2/", {"owner": "ana"}),
        ("DELETE", "/artist/2/", None),
        ("POST", "/artist/2/rename/", None),
        ("DELETE", "/artist/bulk/?id.in=1,2", None),
    ],
)
async def test_who_may(serve: Serve, method: str, path: str, body: Any) -> None:
    client = await serve(artist=ArtistViewSet)
    assert await status(client, method, path, "ana", json=body) == 404
    assert await status(client, method, path.replace("2", "9"), "ana", json=body) == 404
    assert await status(client, method, path, None, json=body) == 401
    assert await status(client, method, path, "eve", json=body) == 401
    assert await names(client, "root") == ["a", "b", "public"]  # nothing was done
    assert await status(client, method, path, "root", json=body) in (200, 204)


async def test_lists_are_narrowed(serve: Serve) -> None:
    client = await serve(artist=ArtistViewSet)
    assert await names(client, "ana") == ["a"]
    assert await names(client, "root") == ["a", "b", "public"]
    assert await status(client, "GET", "/artist/", None) == 401


async def test_nobody_is_asked_for_no_rows(serve: Serve) -> None:
    """Who is not known is a 401 before the body is read, whatever a scope would give to nobody."""

    class OfUser(IsOwner):
        def scope(self, user: User | None) -> Sequence[Any] | bool:
            return [Artist.owner == (None if user is None else user.id)]  # IS NULL, for nobody

    class OwnViewSet(ArtistViewSet):
        permissions = OfUser()

    client = await serve(artist=OwnViewSet)
    assert await names(client, "ana") == ["a"]
    for method, path in (("GET", "/artist/"), ("GET", "/artist/3/"), ("DELETE", "/artist/3/")):
        assert await status(client, method, path, None) == 401
    for method, path in (("POST", "/artist/"), ("PATCH", "/artist/3/"), ("PATCH", "/artist/1/")):
        assert await status(client, method, path, None, data=b"{") == 401


@pytest.mark.parametrize(
    ("permission", "user", "found"),
    [
        (IsPublic(), None, ["public"]),
        (IsPublic() | IsOwner(), "ana", ["a", "public"]),
        (IsPublic() | IsOwner(), None, ["public"]),
        (~IsOwner(), "ana", ["b", "public"]),  # of a row without an owner, too
        (~(IsOwner() | IsPublic()), "ana", ["b"]),
        (IsAuthenticated() & ~IsOwner(), "bob", ["a", "public"]),
        (IsOwner() & IsPublic(), "ana", []),
        (Anyone(), None, ["a", "b", "public"]),
        (~IsAdmin() & IsPublic(), "ana", ["public"]),
        (OnlyKnown() | IsOwner(), "ana", ["a", "public"]),
        (OnlyKnown() | ~IsPublic(), None, ["a", "b"]),
    ],
)
async def test_joined(serve: Serve, permission: Any, user: str | None, found: list[str]) -> None:
    class Viewset(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        authentication = WAYS
        permissions = permission

    client = await serve(artist=Viewset)
    assert await names(client, user) == found


OUT_OF_SIGHT = {
    "in": "body",
    "pointer": "",
    "code": "scope",
    "detail": "With these values you could not see the item: change what it belongs to",
}


async def test_writes_stay_in_sight(serve: Serve) -> None:
    client = await serve(artist=ArtistViewSet)
    for method, path in (("POST", "/artist/"), ("PUT", "/artist/1/")):
        other = {"name": "x", "owner": "bob"}
        response = await client.request(method, path, headers=key_of("ana"), json=other)
        assert response.status == 422
        assert (await response.json())["errors"] == [OUT_OF_SIGHT]
        assert await names(client, "root") == ["a", "b", "public"]
    assert (
        await status(client, "POST", "/artist/", "ana", json={"name": "x", "owner": "ana"}) == 201
    )
    many = [{"name": "y", "owner": user} for user in ("ana", "bob", "ana", "eve")]
    response = await client.post("/artist/bulk/", headers=key_of("ana"), json=many)
    hidden = [{**OUT_OF_SIGHT, "pointer": place} for place in ("/1", "/3")]
    assert (await response.json())["errors"] == hidden
    assert await names(client, "root") == ["a", "b", "public", "x"]


async def test_owner_by_values(serve: Serve) -> None:
    class Owned(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        authentication = WAYS
        permissions = IsOwner()

        def values(self, body: Any) -> dict[str, Any]:
            identity = identity_of(self.request)
            assert identity is not None
            return {**super().values(body), "owner": identity.id}

    client = await serve(artist=Owned)
    assert await status(client, "POST", "/artist/", "ana", json={"name": "x"}) == 201
    assert await names(client, "ana") == ["a", "x"]


async def test_seen_and_forbidden(serve: Serve) -> None:
    class Seen(ArtistViewSet):
        permissions = {"list": Anyone(), "detail": Anyone(), "*": IsOwner()}

    client = await serve(artist=Seen)
    for user, expected in ((None, 401), ("ana", 403), ("bob", 204)):
        assert await status(client, "DELETE", "/artist/2/", user) == expected
    assert await status(client, "POST", "/artist/1/rename/", "bob") == 403
    assert await status(client, "PATCH", "/artist/9/", "ana", json={"name": "x"}) == 404


async def test_foreign_keys(serve: Serve) -> None:
    client = await serve(artist=ArtistViewSet, album=AlbumViewSet)
    for artist, user, expected in ((1, "ana", 201), (2, "ana", 422), (2, "root", 201)):
        body = {"artist_id": artist}
        assert await status(client, "POST", "/album/", user, json=body) == expected
    assert await status(client, "PATCH", "/album/1/", "ana", json={"artist_id": 2}) == 422


async def test_by_hand(serve: Serve) -> None:
    class ByHand(ArtistViewSet):
        permissions = {"names": IsOwner() | IsAdmin(), "detail": IsOwner()}

        @action(detail=False)
        async def names(self) -> list[str]:
            found = await self.session.scalars(self.narrowed(select(Artist)))
            return [each.name for each in found]

        async def detail(self, id: int, user: CurrentUser[User]) -> str:  # type: ignore[override]  # as people write
            return f"{self.object.name} of {user.id}"

    client = await serve(artist=ByHand)
    response = await client.get("/artist/names/", headers=key_of("bob"))
    assert await response.json() == ["b"]
    response = await client.get("/artist/1/", headers=key_of("ana"))
    assert await response.json() == "a of ana"
    assert await status(client, "GET", "/artist/1/", "root") == 404


class NoScope(ObjectPermission[User, Artist]):
    async def allows(self, user: User | None, artist: Artist) -> bool:
        return True


def test_permission_without_a_scope() -> None:
    class Viewset(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        authentication = WAYS
        permissions = IsAdmin() | ~NoScope()

    with pytest.raises(ImproperlyConfigured, match=r"NoScope has no scope\(\)"):
        SimpleRouter().register(Viewset, basename="artist")


def test_permission_after_the_class() -> None:
    """One that the statements of a class would not have is refused: they would reach all rows."""

    class Viewset(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        authentication = WAYS

    Viewset.permissions = IsOwner()
    with pytest.raises(ImproperlyConfigured, match="given after the class was made"):
        SimpleRouter().register(Viewset, basename="artist")


def test_loader_by_hand() -> None:
    """A loader that no permission narrows is refused: it would give what is another's."""

    class Loading(ArtistViewSet):
        async def get_object(self, id: int) -> Artist | None:
            return await self.session.get(Artist, id)

    with pytest.raises(ImproperlyConfigured, match=r"rename: .* get_object .* not narrowed"):
        SimpleRouter().register(Loading, basename="artist")


async def test_loader_by_hand_that_is_not_narrowed(serve: Serve) -> None:
    """Where no permission depends on rows it may be, and None is an item that is not there."""

    class Loading(ArtistViewSet):
        permissions: ClassVar[Permissions] = IsAuthenticated()

        async def get_object(self, id: int) -> Artist | None:
            return await self.session.get(Artist, id)

    client = await serve(artist=Loading)
    for id, user, expected in ((2, "ana", 200), (9, "ana", 404), (9, None, 401)):
        assert await status(client, "POST", f"/artist/{id}/rename/", user) == expected


async def test_mixin_with_a_permission(serve: Serve) -> None:
    """A permission of a mixin narrows the statements of a model viewset that it stands before."""

    class Owned:
        permissions: ClassVar[Permissions] = IsOwner()

    class Open(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        authentication = WAYS
        permissions: ClassVar[Permissions] = IsAuthenticated()

    class Narrow(Owned, Open):
        pass

    client = await serve(artist=Narrow, open=Open)
    assert await names(client, "ana") == ["a"]
    assert await status(client, "DELETE", "/artist/2/", "ana") == 404
    assert await status(client, "GET", "/open/2/", "ana") == 200


def test_queryset_of_another_framework() -> None:
    """What would narrow elsewhere, and does nothing here, is refused."""
    with pytest.raises(ImproperlyConfigured, match=r"get_queryset: .* narrows nothing here"):

        class Viewset(ModelViewSet[Artist, ArtistOut, ArtistIn]):
            def get_queryset(self) -> Any: ...


def test_what_is_not_narrowed_must_be_named() -> None:
    class Viewset(ArtistViewSet):
        @action(detail=False)
        async def export(self) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="not narrowed by itself"):
        SimpleRouter().register(Viewset, basename="artist")


class Empty(IsOwner):
    def scope(self, user: User | None) -> Any:
        return []


async def test_scope_that_says_nothing_lets_nobody_in(serve: Serve) -> None:
    class Viewset(ModelViewSet[Artist, ArtistOut, ArtistIn]):
        authentication = WAYS
        permissions = Empty()

    client = await serve(artist=Viewset)
    assert await status(client, "GET", "/artist/", "ana") == 500
