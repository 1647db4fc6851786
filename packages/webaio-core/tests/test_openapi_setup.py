"""What `setup` adds to an application: the document as it is served, and the page."""

import gzip
import importlib.util
import json
import re
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp import AiohttpClient

from webaio import openapi
from webaio.exceptions import ImproperlyConfigured
from webaio.routers import SimpleRouter
from webaio.viewsets import BaseViewSet


class ArtistViewSet(BaseViewSet):
    async def list(self, limit: int = 10) -> None:
        """List the artists."""


def application(**options: Any) -> web.Application:
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    app = web.Application()
    openapi.setup(app, **options)
    app.add_routes(router.routespatters)
    return app


async def amend_later(document: dict[str, Any]) -> None: ...


def amend_in_place(document: dict[str, Any]) -> None:
    document["info"]["x-logo"] = "logo.png"
    del document["paths"]["/artist/"]


def amend_by_another(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "info": {**document["info"], "x-logo": "logo.png"}, "paths": {}}


@pytest.mark.parametrize("amend", [amend_in_place, amend_by_another])
async def test_amended(aiohttp_client: AiohttpClient, amend: Any) -> None:
    """What is served is what the function has made of the whole document, as `document_of` gives it."""
    app = application(title="Artists", amend=amend)
    client = await aiohttp_client(app)
    document = await (await client.get("/openapi.json")).json()
    assert document == openapi.document_of(app)
    assert document["info"] == {"title": "Artists", "version": "0.1.0", "x-logo": "logo.png"}
    assert document["paths"] == {}


async def test_amended_by_a_mistake() -> None:
    """What the function raises, and what is no document, stops the start."""
    for amend, error in ((lambda document: document["tag"], KeyError), (len, ImproperlyConfigured)):
        runner = web.AppRunner(application(amend=amend))
        with pytest.raises(error):
            await runner.setup()
        await runner.cleanup()


async def test_document(aiohttp_client: AiohttpClient) -> None:
    """The document is served as `document_of` gives it; what is added after `setup` is in it too."""
    app = application(title="Artists")
    client = await aiohttp_client(app)
    response = await client.get("/openapi.json")
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    document = await response.json()
    assert document == openapi.document_of(app)
    assert list(document["paths"]) == ["/artist/"]


@pytest.mark.parametrize(
    ("accepted", "is_zipped"),
    [
        ("gzip", True),
        ("br, GZip ; q=0.5", True),
        ("gzip;q=1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("x-gzips", False),
        ("identity", False),
        ("", False),
    ],
)
async def test_compression(aiohttp_client: AiohttpClient, accepted: str, is_zipped: bool) -> None:
    """Who takes gzip gets it; each form has an ETag of its own."""
    client = await aiohttp_client(application(), auto_decompress=False)
    plain = await client.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    response = await client.get("/openapi.json", headers={"Accept-Encoding": accepted})
    body = await response.read()
    assert (response.headers.get("Content-Encoding") == "gzip") == is_zipped
    assert (gzip.decompress(body) if is_zipped else body) == await plain.read()
    assert not is_zipped or body[4:8] == bytes(4)  # no time, so that the bytes stay the same
    assert response.headers["Vary"] == "Accept-Encoding"
    assert (response.headers["ETag"] != plain.headers["ETag"]) == is_zipped


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
async def test_not_modified(aiohttp_client: AiohttpClient, accepted: str) -> None:
    """Who has the document is told so, and only then."""
    client = await aiohttp_client(application())
    headers = {"Accept-Encoding": accepted}
    tag = (await client.get("/openapi.json", headers=headers)).headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        response = await client.get("/openapi.json", headers={**headers, "If-None-Match": known})
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["ETag"] == tag
    response = await client.get("/openapi.json", headers={**headers, "If-None-Match": '"other"'})
    assert response.status == 200


async def test_compression_in_two_lines(aiohttp_client: AiohttpClient) -> None:
    """The lines of a header are one value (RFC 9110, 5.3)."""
    client = await aiohttp_client(application(), auto_decompress=False)
    headers = [("Accept-Encoding", "br"), ("Accept-Encoding", "gzip")]
    response = await client.get("/openapi.json", headers=headers)
    assert response.headers["Content-Encoding"] == "gzip"


async def test_head(aiohttp_client: AiohttpClient) -> None:
    """HEAD tells the length."""
    client = await aiohttp_client(application())
    got, head = [await client.request(each, "/openapi.json") for each in ("GET", "HEAD")]
    assert head.headers["Content-Length"] == got.headers["Content-Length"]
    assert await head.read() == b""


async def test_two_starts(aiohttp_client: AiohttpClient) -> None:
    """The bytes are the same at every start."""
    bodies = [
        await (await (await aiohttp_client(application())).get("/openapi.json")).read()
        for _ in range(2)
    ]
    assert bodies[0] == bodies[1]


async def test_page(aiohttp_client: AiohttpClient) -> None:
    """The page and each of its files are there, by relative links, and nothing else is."""
    client = await aiohttp_client(application(title="<Artists>"))
    response = await client.get("/swagger")
    text = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert "<title>&lt;Artists&gt;</title>" in text
    assert 'data-root="./"' in text
    types = {}
    for link in re.findall(r'(?:src|href)="([^"]+)"', text):
        file = await client.get(f"/{link}")
        assert file.status == 200
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert len(await file.read()) > 100
        types[link] = file.content_type.replace("application/java", "text/java")  # older Pythons
    assert types == {
        "swagger/favicon-32x32.png": "image/png",
        "swagger/swagger-ui-bundle.js": "text/javascript",
        "swagger/swagger-ui.css": "text/css",
        "swagger/swagger.js": "text/javascript",
    }
    for other in ("/swagger/index.html", "/swagger/..%2fcore.py"):
        assert (await client.get(other)).status == 404


@pytest.mark.parametrize(
    ("servers", "connect"),
    [
        ((), "'self'"),
        (("/v1",), "'self'"),
        (("https://b.example.org:81/v1", "http://a"), "'self' http://a https://b.example.org:81"),
    ],
)
async def test_policy(aiohttp_client: AiohttpClient, servers: Any, connect: str) -> None:
    """A browser loads nothing from elsewhere, runs no inline script, and asks only the servers."""
    client = await aiohttp_client(application(servers=servers))
    headers = (await client.get("/swagger")).headers
    policy = dict(
        each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": connect,
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_in_a_sub_application(aiohttp_client: AiohttpClient) -> None:
    """A sub-application has a document of its own; the page finds the root that its URLs begin at."""
    app = application(title="all")
    for prefix in ("/one", "/two/deep"):
        router = SimpleRouter(namespace=prefix.strip("/").replace("/", "_"))
        router.register(ArtistViewSet, basename="artist")
        inner = web.Application()
        openapi.setup(inner, title=prefix)
        inner.add_routes(router.routespatters)
        app.add_subapp(prefix, inner)
    client = await aiohttp_client(app)
    assert list((await (await client.get("/openapi.json")).json())["paths"]) == [
        "/artist/",
        "/one/artist/",
        "/two/deep/artist/",
    ]
    for prefix, root in (("/one", "../"), ("/two/deep", "../../")):
        document = await (await client.get(f"{prefix}/openapi.json")).json()
        assert list(document["paths"]) == [f"{prefix}/artist/"]
        assert f'data-root="{root}"' in await (await client.get(f"{prefix}/swagger")).text()


async def test_without_the_page(aiohttp_client: AiohttpClient) -> None:
    """`swagger=False` leaves the document."""
    client = await aiohttp_client(application(swagger=False))
    assert (await client.get("/swagger")).status == 404
    assert (await client.get("/openapi.json")).status == 200


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without swagger-ui-py the page is refused, and the message says what to install."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "swagger_ui" else find(name)
    )
    with pytest.raises(ImproperlyConfigured, match=r"pip install 'webaio-core\[swagger\]'"):
        application()
    application(swagger=False)


async def test_refused_at_start() -> None:
    """One id for two operations stops the start."""
    app = application()
    inner = web.Application()
    router = SimpleRouter()
    router.register(ArtistViewSet, basename="artist")
    inner.add_routes(router.routespatters)
    app.add_subapp("/inner", inner)
    runner = web.AppRunner(app)
    with pytest.raises(ImproperlyConfigured, match="'artist_list' is that of GET /artist/"):
        await runner.setup()
    await runner.cleanup()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"servers": "/v1"}, r"Write servers=\['/v1'\]"),
        ({"servers": ["api.example.org"]}, "'api.example.org', which is no URL"),
        ({"servers": [1]}, "1, which is no URL"),
        ({"servers": [""]}, "'', which is no URL"),
        ({"servers": None}, "servers=None is no list"),
        ({"servers": ["https://a;script-src *"]}, "which is no URL"),
        ({"servers": ["https://user:password@a"]}, "which is no URL"),
        ({"servers": ["//evil.example.org"]}, "which is no URL"),
        ({"servers": ["https://"]}, "which is no URL"),
        ({"servers": ["https://{region}.example.org"]}, "which is no URL"),
        ({"security_schemes": ["token"]}, "is no dict"),
        ({"security_schemes": {"a b": {"type": "mutualTLS"}}}, "the name 'a b'"),
        ({"security_schemes": {"a": {"type": "magic"}}}, "'a' without a type"),
        ({"security_schemes": {"a": {"type": "apiKey", "name": "k"}}}, "'a' has no 'in'"),
        ({"security_schemes": {"a": {"type": "mutualTLS", "x": object()}}}, "'a' is no JSON"),
        ({"security_schemes": {"token": {"scheme": "bearer"}}}, "'token' without a type"),
        ({"security_schemes": {"token": "bearer"}}, "'token' without a type"),
        ({"tags": "artist"}, "tags='artist' is no list"),
        ({"tags": [{"description": "a"}]}, "which has no name"),
        ({"tags": ["a", {"name": "a"}]}, "tags= has 'a' twice"),
        ({"tags": [{"name": "a", "x-a": object()}]}, "the tag 'a' is no JSON"),
        ({"amend": {"info": {}}}, "is no plain function"),
        ({"amend": amend_later}, "is no plain function"),
    ],
)
def test_mistakes(options: Any, message: str) -> None:
    """What cannot be meant is refused."""
    with pytest.raises(ImproperlyConfigured, match=message):
        application(**options)


def test_twice() -> None:
    """A second document of one application is refused, and the first is left as it is."""
    app = application(title="first")
    routes = len(app.router.routes())
    with pytest.raises(ImproperlyConfigured, match="Call it once"):
        openapi.setup(app, title="second")
    assert len(app.router.routes()) == routes
    assert openapi.document_of(app)["info"]["title"] == "first"


def test_nothing_is_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused `setup` leaves the application as it was."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    app = web.Application()
    with pytest.raises(ImproperlyConfigured):
        openapi.setup(app)
    assert not [*app.router.routes()]
    openapi.setup(app, swagger=False)
    assert json.dumps(openapi.document_of(app)["paths"]) == "{}"
