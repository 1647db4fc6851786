"""Swagger UI on this machine: the page, and the files that swagger-ui-py carries."""

import importlib.util
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from webaio.decorators import operation
from webaio.exceptions import ImproperlyConfigured
from webaio.permissions import Anyone, guarded
from webaio.permissions._guarded import Guarding

_PATH: Final = "/swagger"
_FILES: Final = ("favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css")
_OWN_FILE: Final = "swagger.js"
_HEADERS: Final = {"X-Content-Type-Options": "nosniff", hdrs.CACHE_CONTROL: "no-cache"}
_HTML: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="swagger/favicon-32x32.png">
<link rel="stylesheet" href="swagger/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-root="{root}"></div>
<script src="swagger/swagger-ui-bundle.js"></script>
<script src="swagger/swagger.js"></script>
</body>
</html>
"""


class SwaggerPage:
    """The page at `/swagger`. All its links are relative, so that any proxy may stand before it."""

    def __init__(self, title: str, servers: Sequence[str]) -> None:
        self._title = title
        self._headers = {
            "Content-Security-Policy": _policy(servers),
            "Referrer-Policy": "no-referrer",
            **_HEADERS,
        }
        self._html = ""

    def add_to(self, app: web.Application, guard: Guarding) -> None:
        """Add the page and its files, which anyone may have.

        Raises `ImproperlyConfigured` where there are none.
        """
        files = _files()
        route = app.router.add_get(_PATH, guard(self._show))
        for file in files:
            app.router.add_get(f"{_PATH}/{file.name}", guarded(Anyone())(self._sender(file)))

        async def write(_: web.Application) -> None:
            path = route.resource.canonical if route.resource else _PATH
            root = "../" * (path.count("/") - 1) or "./"
            self._html = _HTML.format(title=escape(self._title), root=root)

        app.on_startup.append(write)

    @operation(include_in_schema=False)
    async def _show(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=self._html, content_type="text/html", headers=self._headers)

    def _sender(self, file: Path) -> Any:
        @operation(include_in_schema=False)
        async def send(request: web.Request) -> web.StreamResponse:
            return web.FileResponse(file, headers=_HEADERS)

        return send


def _files() -> list[Path]:
    spec = importlib.util.find_spec("swagger_ui")
    if spec is None or spec.origin is None:
        raise ImproperlyConfigured(
            "openapi.setup",
            "the page /swagger needs swagger-ui-py, which is not installed",
            "Run `pip install 'webaio-core[swagger]'`, or leave the page out with swagger=False",
        )
    folder = Path(spec.origin).parent / "static"
    return [Path(__file__).with_name(_OWN_FILE), *(folder / name for name in _FILES)]


def _policy(servers: Sequence[str]) -> str:
    """Let the page load nothing but its files, and ask nobody but the API (CSP level 3)."""
    parts = [urlsplit(each) for each in servers]
    others = {f"{each.scheme}://{each.netloc}" for each in parts if each.netloc}
    connect = " ".join(["'self'", *sorted(others)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
