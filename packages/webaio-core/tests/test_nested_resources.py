"""Resources below items of others, shallow items, and singletons."""

import functools
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, ClassVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from msgspec import Struct
from pytest_aiohttp import AiohttpClient

from webaio.authentication import BaseAuthentication, Identity, credentials_after
from webaio.decorators import action
from webaio.exceptions import APIException, ImproperlyConfigured
from webaio.middlewares import api_exception_handler
from webaio.parameters import Depends
from webaio.permissions import Anyone, IsAuthenticated, ObjectPermission, Permissions
from webaio.routers import DefaultRouter, SimpleRouter
from webaio.viewsets import BaseViewSet

Client = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Client]]


class Token(BaseAuthentication):
    """A token is the user's name."""

    scheme_name = "token"
    challenge = "Bearer"
    security_scheme = {"type": "http", "scheme": "bearer"}

    def credentials(self, request: web.Request) -> str | None:
        return credentials_after(request, "Bearer")

    async def authenticate(self, request: web.Request, credentials: str) -> Identity | None:
        return Identity(credentials, credentials)


class IsOwner(ObjectPermission[str, Any]):
    async def allows(self, user: str | None, item: Any) -> bool:
        owner: str = item.owner
        return owner == user


class Artist(Struct):
    id: int
    owner: str


class Album(Struct):
    id: int
    artist_id: int
    owner: str


class Track(Struct):
    id: int
    album_id: int


class ArtistDoesNotExist(APIException):
    status_code = 404
    detail = "Artist does not exist"


def bearer(name: str | None) -> dict[str, str]:
    return {} if name is None else {"Authorization": f"Bearer {name}"}


class Viewset(BaseViewSet):
    artists: ClassVar[dict[int, Artist]] = {}
    albums: ClassVar[dict[int, Album]] = {}
    tracks: ClassVar[dict[int, Track]] = {}


class ArtistViewSet(Viewset):
    authentication = (Token(),)
    permissions = IsOwner()
    not_found = ArtistDoesNotExist

    async def get_object(self, id: int) -> Artist | None:
        return self.artists.get(id)

    async def detail(self, id: int) -> Artist:
        found: Artist = self.object
        return found


class AlbumViewSet(Viewset):
    authentication = (Token(),)
    permissions: ClassVar[Permissions] = IsAuthenticated()

    async def get_object(self, artist_id: int, id: int) -> Album | None:
        found = self.albums.get(id)
        return found if found is not None and found.artist_id == artist_id else None

    async def list(self) -> list[Album]:
        return [each for each in self.albums.values() if each.artist_id == self.parent.id]

    async def create(self) -> Album:
        made = Album(len(self.albums) + 1, self.parent.id, self.parent.owner)
        self.albums[made.id] = made
        return made

    async def detail(self) -> Album:
        found: Album = self.object
        return found

    async def destroy(self) -> None:
        del self.albums[self.object.id]

    @action(detail=True, method="post")
    async def play(self) -> Album:
        return await self.detail()

    @action(detail=False)
    async def newest(request: web.Request) -> web.Response:  # type: ignore[misc]  # no self
        return web.json_response(request.match_info["artist_id"])


class TrackViewSet(Viewset):
    authentication = (Token(),)
    permissions = IsAuthenticated()

    async def list(self) -> list[Track]:
        return [each for each in self.tracks.values() if each.album_id == self.parent.id]

    async def detail(self, artist_id: int, album_id: int, id: int) -> Track:
        found = self.tracks.get(id)
        if found is None or found.album_id != album_id:
            raise self.not_found
        return found


@pytest.fixture(autouse=True)
def stored() -> None:
    Viewset.artists = {1: Artist(1, "ana"), 2: Artist(2, "bob")}
    Viewset.albums = {1: Album(1, 1, "ana"), 2: Album(2, 2, "bob")}
    Viewset.tracks = {1: Track(1, 1), 2: Track(2, 2)}


@pytest.fixture(params=["middleware", "alone"])
def serve(request: pytest.FixtureRequest, aiohttp_client: AiohttpClient) -> Serve:
    """Serve what a router has: with the error middleware and without."""

    async def serve(make: Callable[..., SimpleRouter]) -> Client:
        middlewares = [api_exception_handler] if request.param == "middleware" else []
        app, sub = web.Application(middlewares=middlewares), web.Application()
        app.add_routes(make(namespace="v1").routespatters)
        sub.add_routes(make(namespace="sub").routespatters)
        app.add_subapp("/sub", sub)
        return await aiohttp_client(app)

    return serve


def nested(**options: Any) -> SimpleRouter:
    router = SimpleRouter(**options)
    router.register(ArtistViewSet, basename="artist")
    router.register(AlbumViewSet, basename="album", parent=ArtistViewSet)
    router.register(TrackViewSet, basename="track", parent=AlbumViewSet)
    return router


@pytest.mark.parametrize(
    ("method", "path", "who", "status"),
    [
        ("GET", "/artist/1/album/", "ana", 200),
        ("GET", "/artist/1/album/1/", "ana", 200),
        ("POST", "/artist/1/album/", "ana", 201),
        ("POST", "/artist/1/album/1/play/", "ana", 200),
        ("GET", "/artist/1/album/newest/", "ana", 200),
        ("GET", "/artist/1/album/1/track/", "ana", 200),
        ("GET", "/artist/1/album/1/track/1/", "ana", 200),
        # another's parent
        ("GET", "/artist/2/album/", "ana", 404),
        ("GET", "/artist/2/album/2/", "ana", 404),
        ("POST", "/artist/2/album/", "ana", 404),
        ("DELETE", "/artist/2/album/2/", "ana", 404),
        ("POST", "/artist/2/album/2/play/", "ana", 404),
        ("GET", "/artist/2/album/newest/", "ana", 404),
        ("GET", "/artist/2/album/2/track/", "ana", 404),
        ("GET", "/artist/2/album/2/track/2/", "ana", 404),
        # an item of another parent
        ("GET", "/artist/1/album/2/", "ana", 404),
        ("DELETE", "/artist/1/album/2/", "ana", 404),
        ("GET", "/artist/1/album/2/track/", "ana", 404),
        ("GET", "/artist/1/album/2/track/2/", "ana", 404),
        ("GET", "/artist/1/album/1/track/2/", "ana", 404),
        # a parent that is not there, or no key
        ("GET", "/artist/9/album/", "ana", 404),
        ("GET", "/artist/9/album/1/", "ana", 404),
        ("GET", "/artist/x/album/1/", "ana", 404),
        ("GET", "/artist/1.0/album/1/", "ana", 404),
        ("GET", "/artist/01/album/1/", "ana", 404),
        # nobody
        ("GET", "/artist/1/album/", None, 401),
        ("GET", "/artist/9/album/1/", None, 401),
        ("GET", "/artist/9/album/9/track/9/", None, 401),
        ("OPTIONS", "/artist/2/album/2/", None, 204),
        ("PUT", "/artist/2/album/2/", None, 405),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/sub"])
async def test_parents_are_asked_first(
    serve: Serve, method: str, path: str, who: str | None, status: int, prefix: str
) -> None:
    client = await serve(nested)
    before = dict(Viewset.albums)
    response = await client.request(method, prefix + path, headers=bearer(who))
    assert response.status == status, await response.text()
    if status == 404 and "/artist/1/" not in path:
        assert "Artist does not exist" in await response.text()  # one answer, missing or hidden
    if status >= 400:
        assert Viewset.albums == before


async def test_names_and_location(serve: Serve) -> None:
    """Names, the Location of what was created and the document follow the parents."""
    client = await serve(functools.partial(nested, prefix="/api"))
    url = client.server.app.router["v1:artist-album-track-detail"].url_for(  # type: ignore[attr-defined]  # a server of an app
        artist_id="1", album_id="1", id="1"
    )
    assert str(url) == "/api/artist/1/album/1/track/1/"
    response = await client.post("/api/artist/1/album/", headers=bearer("ana"))
    assert response.headers["Location"] == "/api/artist/1/album/3/"
    assert (await client.get(response.headers["Location"], headers=bearer("ana"))).status == 200


async def test_shallow(serve: Serve) -> None:
    """Items of a shallow resource have URLs of their own; its collection stands below the parent."""

    class Shallow(AlbumViewSet):
        async def get_object(self, id: int) -> Album | None:  # type: ignore[override]  # other keys
            return self.albums.get(id)

        permissions = {"list": IsAuthenticated(), "create": IsAuthenticated(), "*": IsOwner()}
        newest = None  # type: ignore[assignment]  # which takes it away

    def make(**options: Any) -> SimpleRouter:
        router = SimpleRouter(prefix="/{tenant}", **options)
        router.register(ArtistViewSet, basename="artist")
        router.register(Shallow, basename="album", parent=ArtistViewSet, shallow=True)
        router.register(TrackViewSet2, basename="track", parent=Shallow)
        return router

    client = await serve(make)
    ana = bearer("ana")
    response = await client.post("/sub/t/artist/1/album/", headers=ana)
    assert response.headers["Location"] == "/sub/t/album/3/"
    assert (await client.get("/t/artist/2/album/", headers=ana)).status == 404
    assert (await client.get("/t/album/1/", headers=ana)).status == 200
    assert (await client.get("/t/album/2/", headers=ana)).status == 404
    assert (await client.get("/t/album/1/track/", headers=ana)).status == 200
    assert (await client.get("/t/album/2/track/", headers=ana)).status == 404
    assert (await client.get("/t/artist/1/album/1/", headers=ana)).status == 404


class TrackViewSet2(Viewset):
    authentication = (Token(),)
    permissions = IsAuthenticated()

    async def list(self) -> list[Track]:
        return [each for each in self.tracks.values() if each.album_id == self.parent.id]


class Settings(Struct):
    colour: str = "red"


async def test_singleton(serve: Serve) -> None:
    """A singleton has no key in its URLs, and what is below it needs none."""
    made: dict[str, Settings] = {}

    class SettingsViewSet(BaseViewSet):
        authentication = (Token(),)
        permissions = {"create": IsAuthenticated(), "*": IsAuthenticated()}

        async def get_object(self) -> Settings | None:
            return made.get("ana")

        async def create(self) -> Settings:
            return made.setdefault("ana", Settings())

        async def detail(self) -> Settings:
            found: Settings = self.object
            return found

        async def update(self, body: Settings) -> Settings:
            made["ana"] = body
            return body

        async def destroy(self) -> None:
            made.clear()

        @action(detail=True)
        async def colour(self) -> str:
            found: str = self.object.colour
            return found

    class ShadeViewSet(BaseViewSet):
        authentication = (Token(),)
        permissions = Anyone()

        async def detail(self, id: int) -> str:
            return f"{self.parent.colour} {id}"

    def make(**options: Any) -> SimpleRouter:
        router = DefaultRouter(**options)
        router.register(SettingsViewSet, basename="settings", singleton=True)
        router.register(ShadeViewSet, basename="shade", parent="settings")
        return router

    client, ana = await serve(make), bearer("ana")
    assert await (await client.get("/")).json() == {"settings": "/settings/"}
    assert (await client.get("/settings/")).status == 401
    assert (await client.get("/settings/", headers=ana)).status == 404
    assert (await client.get("/settings/shade/7/", headers=ana)).status == 404
    response = await client.post("/settings/", headers=ana)
    assert (response.status, response.headers.get("Location")) == (201, None)
    assert (await client.put("/settings/", json={"colour": "blue"}, headers=ana)).status == 200
    assert await (await client.get("/settings/colour/", headers=ana)).json() == "blue"
    assert await (await client.get("/settings/shade/7/", headers=ana)).json() == "blue 7"
    assert (await client.get("/settings/shade/7/")).status == 401  # the parent's permission
    assert str(client.server.app.router["v1:settings-detail"].url_for()) == "/settings/"  # type: ignore[attr-defined]  # a server of an app
    assert (await client.delete("/settings/", headers=ana)).status == 204


async def test_shallow_below_a_singleton(serve: Serve) -> None:
    """A singleton is asked for where the URL says whose it is."""

    class SettingsViewSet(BaseViewSet):
        async def get_object(self, artist_id: int) -> str:
            return f"{self.parent.owner} {artist_id}"

        async def detail(self, artist_id: int) -> str:
            return ""

    class ShadeViewSet(BaseViewSet):
        async def list(self) -> str:
            return f"{self.parent}"

        async def detail(self, id: int) -> str:
            return f"shade {id}"

    def make(**options: Any) -> SimpleRouter:
        router = SimpleRouter(**options)
        router.register(ArtistViewSet, basename="artist")
        router.register(SettingsViewSet, "settings", parent=ArtistViewSet, singleton=True)
        router.register(ShadeViewSet, "shade", parent=SettingsViewSet, shallow=True)
        return router

    client, ana = await serve(make), bearer("ana")
    response = await client.get("/artist/1/settings/shade/", headers=ana)
    assert await response.json() == "ana 1"
    assert (await client.get("/artist/2/settings/shade/", headers=ana)).status == 404
    assert await (await client.get("/shade/3/")).json() == "shade 3"


async def test_functions_run_once(serve: Serve) -> None:
    """What gives something to a parent and to what is below runs once; the parent's hook runs, too."""
    calls: list[str] = []

    async def session(request: web.Request) -> str:
        calls.append("session")
        return "session"

    async def user(session: Annotated[str, Depends(session)]) -> str:
        calls.append("user")
        return session

    class Above(BaseViewSet):
        opened: Annotated[str, Depends(session)]

        async def before(self) -> None:
            calls.append("before")

        async def get_object(self, id: int) -> str:
            return f"{self.opened} {id}"

        async def detail(self, id: int) -> str:
            return ""

    class Below(BaseViewSet):
        opened: Annotated[str, Depends(session)]
        known: Annotated[str, Depends(user)]

        async def list(self, also: Annotated[str, Depends(user)]) -> list[str]:
            return [self.parent, self.opened, self.known, also]

    def make(**options: Any) -> SimpleRouter:
        router = SimpleRouter(**options)
        router.register(Above, basename="above")
        router.register(Below, basename="below", parent=Above)
        return router

    client = await serve(make)
    response = await client.get("/above/3/below/")
    assert await response.json() == ["session 3", "session", "session", "session"]
    assert calls == ["session", "before", "user"]


async def test_functions_of_a_parent_that_is_not_asked(serve: Serve) -> None:
    """What gives something to a shallow item runs though it would give it to the parent, too."""

    async def session(request: web.Request) -> str:
        return "session"

    class Above(BaseViewSet):
        opened: Annotated[str, Depends(session)]

        async def get_object(self, id: int) -> str:
            return self.opened

        async def detail(self, id: int) -> str:
            return self.opened

    class Below(BaseViewSet):
        async def detail(self, id: int, opened: Annotated[str, Depends(session)]) -> str:
            return opened

    def make(**options: Any) -> SimpleRouter:
        router = SimpleRouter(**options)
        router.register(Above, basename="above")
        router.register(Below, basename="below", parent=Above, shallow=True)
        return router

    client = await serve(make)
    assert await (await client.get("/below/3/")).json() == "session"


async def test_hooks_of_a_parent_run_for_who_may(serve: Serve) -> None:
    """The permission of a parent is asked before its hook, and before what is above it."""

    class Hooked(BaseViewSet):
        authentication = (Token(),)
        permissions = IsAuthenticated()

        async def before(self) -> None:
            assert self.request.headers["Authorization"]

        async def get_object(self, id: int) -> int:
            return id

        async def detail(self, id: int) -> int:
            return id

    class Open(BaseViewSet):
        async def list(self) -> int:
            return 1

    def make(**options: Any) -> SimpleRouter:
        router = SimpleRouter(**options)
        router.register(Hooked, basename="artist")
        router.register(Open, basename="open", parent=Hooked)
        return router

    client = await serve(make)
    assert (await client.get("/artist/1/open/", headers=bearer("ana"))).status == 200
    assert (await client.get("/artist/1/open/")).status == 401


class Keyless(BaseViewSet):
    async def get_object(self) -> str:
        return ""

    async def detail(self, id: int) -> str:
        return ""


class Lonely(BaseViewSet):
    async def detail(self, id: int) -> str:
        return ""


async def artist_of(id: int) -> Artist:
    return Viewset.artists[id]


class ByFunction(ArtistViewSet):
    """What it knows of its own item would be of another's below."""

    artist: Annotated[Artist, Depends(artist_of)]


class IdAlone(AlbumViewSet):
    async def get_object(self, id: int) -> Album | None:  # type: ignore[override]  # other keys
        return self.albums.get(id)


class DetailAlone(BaseViewSet):
    async def detail(self, id: int) -> str:
        return ""


class Compared(BaseViewSet):
    """Its item is compared with the conditions of a write; no permission asks for it."""

    etag = "owner"

    async def get_object(self, id: int) -> Album:
        return Viewset.albums[id]

    async def update(self, artist_id: int, id: int) -> Album:
        return Viewset.albums[id]


async def opened(request: web.Request) -> str:
    return "opened"


class ByRequest(BaseViewSet):
    """A function has the request; nobody looks at the parent."""

    async def detail(self, id: int, session: Annotated[str, Depends(opened)]) -> str:
        return ""


async def album_of(artist_id: int, id: int) -> str:
    return f"{artist_id} {id}"


class ByFunctions(BaseViewSet):
    album: Annotated[str, Depends(album_of)]

    async def detail(self) -> str:
        return self.album

    async def update(self, found: Annotated[str, Depends(album_of)]) -> str:
        return found


class OfPath(BaseViewSet):
    lookup_value_regex = ".+"

    async def get_object(self, id: str) -> str:
        return id

    async def detail(self, id: str) -> str:
        return id


class MeViewSet(BaseViewSet):
    async def get_object(self) -> str:
        return "ana"

    async def detail(self) -> str:
        return "ana"


class ByParent(BaseViewSet):
    permissions = Anyone()
    authentication = (Token(),)

    async def get_object(self, id: int) -> Any:
        return self.parent

    async def detail(self, id: int) -> str:
        return ""


@pytest.mark.parametrize(
    ("viewset", "options", "message"),
    [
        (AlbumViewSet, {"parent": Lonely}, "parent=Lonely: it has no get_object"),
        (AlbumViewSet, {"parent": TrackViewSet}, "parent=TrackViewSet is not registered with this"),
        (AlbumViewSet, {"parent": "tracks"}, "parent=tracks is not registered"),
        (AlbumViewSet, {"parent": 3}, "parent=3 is not registered"),
        (AlbumViewSet, {"parent": Keyless}, "get_object: it does not take 'id'"),
        (AlbumViewSet, {"parent": ByFunction}, "ByFunction, artist_of: it takes 'id', which is"),
        (IdAlone, {"parent": ArtistViewSet}, "get_object: it finds an item by its own key alone"),
        (DetailAlone, {"parent": ArtistViewSet}, "detail: it finds an item by its own key alone"),
        (Compared, {"parent": ArtistViewSet}, "get_object: it finds an item by its own key alone"),
        (ByRequest, {"parent": ArtistViewSet}, "detail: it finds an item by its own key alone"),
        (DetailAlone, {"parent": MeViewSet}, "whatever MeViewSet it is of. Use `self.par"),
        (AlbumViewSet, {"parent": OfPath}, "after 'of_path_id', which may hold a slash"),
        (AlbumViewSet, {"shallow": True}, "shallow=True is given"),
        (Lonely, {"singleton": True, "shallow": True}, "shallow=True is given"),
        (ArtistViewSet, {"parent": "twice"}, "'artist' is used|is registered as"),
    ],
)
def test_refused(viewset: type[BaseViewSet], options: dict[str, Any], message: str) -> None:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(Lonely, basename="lonely")
    router.register(Keyless, basename="keyless")
    router.register(ByFunction, basename="by-function")
    router.register(OfPath, basename="of-path")
    router.register(MeViewSet, basename="me", singleton=True)
    if options.get("parent") == "twice":
        router.register(ArtistViewSet, basename="singer")
        options = {"parent": ArtistViewSet}
    before = [*router.routespatters]
    with pytest.raises(ImproperlyConfigured, match=message):
        router.register(viewset, basename="below", **options)
    assert router.routespatters == before


async def test_functions_may_look_within_the_parent(serve: Serve) -> None:
    """A function on which an action depends, or its viewset, may find the item."""

    def make(**options: Any) -> SimpleRouter:
        router = SimpleRouter(**options)
        router.register(ArtistViewSet, basename="artist")
        router.register(ByFunctions, basename="album", parent=ArtistViewSet)
        return router

    client = await serve(make)
    for method in ("GET", "PUT"):
        response = await client.request(method, "/artist/1/album/7/", headers=bearer("ana"))
        assert await response.json() == "1 7"


def test_same_basename_below_two() -> None:
    """A viewset may stand below several, under one basename; not twice below one."""
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    router.register(ArtistViewSet, basename="singer")
    router.register(ByParent, basename="album", parent="artist")
    router.register(ByParent, basename="album", parent="singer")
    with pytest.raises(ImproperlyConfigured, match="'artist-album' is used by ByParent"):
        router.register(ByParent, basename="album", parent="artist")
