"""Where a request belongs whose URL has nothing wrong but the slash at its end."""

from typing import Final
from urllib.parse import quote

from aiohttp import web
from yarl import URL

_ESCAPED: Final = "%/:@!$&'()*+,;=~"
"""What stands in a URL as it is; all else is escaped, or a browser would leave it out or turn it."""


async def redirect_to_other_slash(
    request: web.Request, error: Exception
) -> web.HTTPPermanentRedirect | None:
    """Give the redirect (308) to the URL with a slash more, or less, at its end, where that is one.

    Only for the 404 of aiohttp itself, of a URL that nobody has; a handler's 404 is an answer. The
    query stays, and so does the method. aiohttp looks for no other URL once the body was read.
    """
    if not isinstance(error, web.HTTPNotFound) or error is not request.match_info.http_exception:
        return None
    path = quote(request.rel_url.raw_path, safe=_ESCAPED, errors="surrogateescape")
    other = path[:-1] if path.endswith("/") else f"{path}/"
    if not other.startswith("/") or other.startswith("//"):  # which would name another host
        return None
    query = quote(request.rel_url.raw_query_string, safe=f"{_ESCAPED}?", errors="surrogateescape")
    location = URL(f"{other}?{query}" if query else other, encoded=True)
    try:
        asked = request.clone(rel_url=location)
    except RuntimeError:
        return None
    found = await request.app.router.resolve(asked)
    if isinstance(found.http_exception, web.HTTPNotFound):
        return None
    return web.HTTPPermanentRedirect(location)
