import functools
from typing import Final

from aiohttp import web


class RaisedAnswer(web.HTTPException):
    """A problem on its way through middlewares that are not ours; its cause is what was raised."""

    empty_body = True  # it gets its body afterwards


_BY_STATUS: Final = {
    kind.status_code: kind
    for kind in vars(web).values()
    if isinstance(kind, type) and issubclass(kind, web.HTTPException) and kind.status_code > 0
}


def raised_answer(response: web.Response) -> web.HTTPException:
    """Make the exception of aiohttp that is the same answer as a response."""
    raised = _kind_of(response.status)(reason=response.reason, headers=response.headers)
    raised.body = response.body
    raised.cookies.update(response.cookies)
    if response.keep_alive is False:
        raised.force_close()
    return raised


@functools.cache
def _kind_of(status: int) -> type[RaisedAnswer]:
    """Give the class of a status: aiohttp's own is among its bases, for those who catch that."""
    known = _BY_STATUS.get(status, web.HTTPException)
    members = {"status_code": status, "__init__": web.HTTPException.__init__}
    return type(known.__name__, (RaisedAnswer, known), members)
