import functools
import types
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import APIException


class RaisedAnswer(web.HTTPException):
    """A problem on its way through middlewares that are not ours.

    It is of the class that was raised, for those who catch that, and an exception of aiohttp, which
    sends it where nobody does. `original` is what was raised.
    """

    empty_body = True  # it gets its body afterwards
    original: Exception


_BY_STATUS: Final = {
    kind.status_code: kind
    for kind in vars(web).values()
    if isinstance(kind, type) and issubclass(kind, web.HTTPException) and kind.status_code > 0
}


def raised_answer(error: Exception, response: web.Response) -> RaisedAnswer:
    """Make the exception of aiohttp that is the answer to an error."""
    own: list[Any] = [type(error)] if isinstance(error, APIException) else []
    kind: type[RaisedAnswer] = _kind_of(response.status, *own)
    raised = kind(reason=response.reason, headers=response.headers)
    raised.body = response.body
    raised.cookies.update(response.cookies)
    if response.keep_alive is False:
        raised.force_close()
    raised.original = error
    if own:
        known = vars(raised)
        known.update({name: each for name, each in vars(error).items() if name not in known})
        # A traceback holds the request, and an exception in a constant would collect them all.
        error.with_traceback(None)
    return raised


@functools.lru_cache(maxsize=512)
def _kind_of(status: int, *own: Any) -> Any:
    """Make the class of a status, and of the exception that was raised, where that is not aiohttp's."""
    general = web.HTTPClientError if status < 500 else web.HTTPServerError
    known = _BY_STATUS.get(status, general)
    members = {"status_code": status, "__init__": web.HTTPException.__init__}
    try:
        return types.new_class(
            known.__name__, (RaisedAnswer, known, *own), exec_body=lambda new: new.update(members)
        )
    except TypeError:  # a class that takes no other beside it, or wants more words
        return _kind_of(status)
