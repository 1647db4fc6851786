import json
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from webaio.exceptions import APIException

from ._conversion import headers_beside_the_body
from ._request_id import HEADER, current_request_id

_PROBLEM_TYPE: Final = "application/problem+json"


def problem_for(request: web.Request, exception: APIException) -> dict[str, Any]:
    """Give the problem of an exception with what the request tells: `instance`, `request_id`."""
    problem = {**exception.problem(), "instance": request.rel_url.raw_path}
    if request_id := current_request_id():
        problem.setdefault("request_id", request_id)
    return problem


def encoded(problem: Mapping[str, Any]) -> bytes:
    """Encode a problem as JSON in UTF-8; what JSON does not know goes in as its `str`.

    Raises `ValueError` for NaN and for loops.
    """
    text = json.dumps(problem, ensure_ascii=False, allow_nan=False, default=str)
    return text.encode("utf-8", "replace")


def problem_response(body: bytes, exception: APIException) -> web.Response:
    """Make the response that carries a problem, with the exception's headers.

    Raises `ValueError` for a header that would break the lines of the head.
    """
    headers = headers_beside_the_body(exception.headers)
    for name, value in headers.items():
        if not _is_one_line(name) or not _is_one_line(value):
            raise ValueError(f"{name!r}: {value!r} is not one line of a header.")
    headers["Content-Type"] = _PROBLEM_TYPE
    _add_request_id(headers)
    return web.Response(status=exception.status_code, body=body, headers=headers)


def fresh_response(error: web.HTTPException) -> web.Response:
    """Copy the answer that an exception of aiohttp is, since the exception can be sent only once."""
    headers = CIMultiDict(error.headers)
    _add_request_id(headers)
    response = web.Response(
        status=error.status, reason=error.reason, body=error.body, headers=headers
    )
    copy_cookies(error, response)
    return response


def copy_cookies(source: web.StreamResponse, target: web.StreamResponse) -> None:
    """Give the cookies of one response to another."""
    target.cookies.update(source.cookies)


def _add_request_id(headers: CIMultiDict[str]) -> None:
    if request_id := current_request_id():
        headers.setdefault(HEADER, request_id)


def _is_one_line(text: str) -> bool:
    return not any(character in text for character in "\r\n\0")
