from typing import Self

from aiohttp import web


class LiveServer(str):
    """The URL of a server in a thread of its own, with the application that it serves.

    def test_url(live_server):
        assert live_server.startswith("http://127.0.0.1:")
        live_server.app[ARTISTS].clear()
    """

    app: web.Application

    def __new__(cls, url: str, app: web.Application) -> Self:
        server = super().__new__(cls, url)
        server.app = app
        return server
