import functools

from aiohttp import web


def checked(response: web.StreamResponse) -> web.StreamResponse:
    """Give what a handler returned, or refuse what aiohttp would answer as plain text.

    An exception of aiohttp that is returned is raised. Raises `TypeError` for what is no response.
    """
    if _is_response(type(response)):
        return response
    if isinstance(response, web.HTTPException):
        raise response
    if isinstance(response, web.StreamResponse):
        return response  # a proxy of one
    raise TypeError(f"the handler returned {type(response).__qualname__}, not a response")


@functools.lru_cache(maxsize=128)
def _is_response(kind: type) -> bool:
    return issubclass(kind, web.StreamResponse) and not issubclass(kind, web.HTTPException)
