import asyncio
import json
from collections.abc import Iterator
from http.cookies import CookieError
from types import FrameType, TracebackType
from typing import Final

from aiohttp import hdrs, web
from aiohttp.http import HttpProcessingError

from webaio.exceptions import ParseError

_READ_BY_REQUEST: Final = frozenset(
    {"cookies", "http_range", "json", "multipart", "post", "text", "url"}
)
_READERS: Final = ("BodyPartReader.", "MultipartReader.")
_OF_VALUES: Final = (CookieError, RecursionError, ValueError, asyncio.IncompleteReadError)
_OF_AIOHTTP: Final = (AssertionError, HttpProcessingError, KeyError, RuntimeError)
"""What aiohttp raises itself of a broken body; raised elsewhere, it is a bug."""


def parse_error_of(request: web.Request, error: Exception) -> ParseError | None:
    """Give the 400 of a request that aiohttp could not read as it was asked to; None for others.

    aiohttp has no exception of its own for malformed JSON, multipart, text, a line that is too long
    and the like: where they were raised tells them from an application's.
    """
    frames = [*_frames(error.__traceback__)]
    if not frames or not _may_tell_of_a_body(error, _module(frames[-1])):
        return None
    if not any(_reads(frame, request) for frame in frames):
        return None
    if isinstance(error, json.JSONDecodeError):
        return ParseError(f"The body is not valid JSON: line {error.lineno}, column {error.colno}.")
    return ParseError()


def _may_tell_of_a_body(error: Exception, raised_in: str) -> bool:
    is_unknown_charset = type(error) is LookupError
    is_of_aiohttp = isinstance(error, _OF_AIOHTTP) and raised_in.startswith("aiohttp.")
    return is_unknown_charset or is_of_aiohttp or isinstance(error, _OF_VALUES)


def _reads(frame: FrameType, request: web.Request) -> bool:
    """Tell whether a frame is of what reads the request."""
    code = frame.f_code
    match _module(frame):
        case "aiohttp.web_request":
            read = frame.f_locals.get("self")  # the request, or a clone of it
            is_ours = isinstance(read, web.BaseRequest) and read.content is request.content
            return is_ours and code.co_name in _READ_BY_REQUEST
        case "aiohttp.streams":
            return frame.f_locals.get("self") is request.content
        case "aiohttp.multipart":
            media_type = request.headers.get(hdrs.CONTENT_TYPE, "").lstrip().lower()
            return media_type.startswith("multipart/") and code.co_qualname.startswith(_READERS)
    return False


def _frames(traceback: TracebackType | None) -> Iterator[FrameType]:
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))
