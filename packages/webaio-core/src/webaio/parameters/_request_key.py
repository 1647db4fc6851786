from typing import Any

from aiohttp import web


def request_key(name: str, kind: type) -> Any:
    """Make a key of requests; before aiohttp 3.14 they are texts."""
    return web.RequestKey(name, kind) if hasattr(web, "RequestKey") else name
