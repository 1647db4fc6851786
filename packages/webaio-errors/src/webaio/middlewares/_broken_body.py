import json
from types import TracebackType
from typing import Final

from aiohttp import hdrs, web
from aiohttp.http import HttpProcessingError

from webaio.exceptions import ParseError

_REQUEST: Final = "aiohttp.web_request"
_READ_BY_REQUEST: Final = frozenset({"json", "multipart", "post", "text"})
_MULTIPART: Final = "aiohttp.multipart"
_READERS: Final = ("BodyPartReader.", "MultipartReader.")
_TOLD_OF_A_BODY: Final = (AssertionError, HttpProcessingError, RuntimeError, ValueError)


def parse_error_of(request: web.Request, error: Exception) -> ParseError | None:
    """Give the 400 of a body that aiohttp could not read as it was asked to; None for another error.

    aiohttp has no exception of its own for malformed JSON, multipart and text: where they were
    raised tells them from an application's.
    """
    is_unknown_charset = type(error) is LookupError
    if not is_unknown_charset and not isinstance(error, _TOLD_OF_A_BODY):
        return None
    if not _comes_from_reading(error.__traceback__, request.headers.get(hdrs.CONTENT_TYPE, "")):
        return None
    if isinstance(error, json.JSONDecodeError):
        return ParseError(f"The body is not valid JSON: line {error.lineno}, column {error.colno}.")
    return ParseError()


def _comes_from_reading(traceback: TracebackType | None, media_type: str) -> bool:
    while traceback is not None:
        code, module = traceback.tb_frame.f_code, traceback.tb_frame.f_globals.get("__name__")
        if module == _REQUEST and code.co_name in _READ_BY_REQUEST:
            return True
        if module == _MULTIPART and code.co_qualname.startswith(_READERS):
            return media_type.lstrip().lower().startswith("multipart/")
        traceback = traceback.tb_next
    return False
