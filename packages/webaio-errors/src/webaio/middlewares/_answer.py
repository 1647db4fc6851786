import functools
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from webaio.exceptions import APIException

from ._conversion import headers_beside_the_body
from ._head import Head
from ._json_response import JSONResponse
from ._request_id import HEADER, current_request_id

_PROBLEM_TYPE: Final = "application/problem+json"
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str).encode
_FIELD_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
"""What may stand in a header (RFC 9110, 5.1 and 5.5); bytes above ASCII go out as UTF-8."""


def problem_for(request: web.Request, exception: APIException) -> dict[str, Any]:
    """Give the problem of an exception with what the request tells: `instance`, `request_id`."""
    problem = {**exception.problem(), "instance": request.rel_url.raw_path}
    if request_id := current_request_id():
        problem.setdefault("request_id", request_id)
    return problem


def encoded(problem: Mapping[str, Any]) -> bytes:
    """Encode a problem as JSON in UTF-8; a member that JSON does not know goes in as its `str`.

    Raises `TypeError` for what is not a mapping, and `ValueError` for NaN and for loops.
    """
    if type(problem) is not dict:
        if not isinstance(problem, Mapping) or isinstance(problem, web.StreamResponse):
            raise TypeError(f"a problem is a mapping, not {type(problem).__qualname__}")
        problem = dict(problem)
    return _encode(problem).encode("utf-8", "replace")


def written(request: web.Request, exception: APIException) -> bytes:
    """Encode the problem of an exception; what a class says of all its own is encoded once."""
    kind = type(exception)
    is_standard = (
        not exception.members
        and kind.problem is APIException.problem
        and exception.detail is kind.detail
        and exception.code is kind.code
        and type(exception.title) is type(exception.type) is type(exception.code) is str
    )
    if not is_standard:
        return encoded(problem_for(request, exception))
    detail = str(exception.detail)
    start = _start(exception.type, exception.title, exception.status_code, detail, exception.code)
    request_id = current_request_id()
    end = f', "request_id": {_encode(request_id)}}}' if request_id else "}"
    text = f'{start}, "instance": {_encode(request.rel_url.raw_path)}{end}'
    return text.encode("utf-8", "replace")


@functools.lru_cache(maxsize=512)
def _start(type: str, title: str, status: int, detail: str, code: str) -> str:
    problem = {
        "type": type,
        "title": title,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    return _encode(problem)[:-1]


def problem_response(body: bytes, exception: APIException) -> web.Response:
    """Make the response that carries a problem, with the exception's headers.

    Raises `ValueError` for a status that is not an error's, and for a header that would break the
    lines of the head.
    """
    if not 400 <= exception.status_code <= 599:
        raise ValueError(f"{exception.status_code} is not an error's status")
    if not exception.headers:
        response = JSONResponse(_head(exception.status_code), body)
        if request_id := current_request_id():
            response.set_plain_header(HEADER, request_id)
        return response
    headers = headers_beside_the_body(exception.headers)
    _require_headers(headers)
    headers["Content-Type"] = _PROBLEM_TYPE
    return _response(exception.status_code, headers, body=body)


@functools.lru_cache(maxsize=256)
def _head(status: int) -> Head:
    return Head(status, _PROBLEM_TYPE)


def fresh_response(error: web.HTTPException) -> web.Response:
    """Copy the answer that an exception of aiohttp is: the exception itself can be sent only once.

    Raises `ValueError` for a header or a cookie that would break the lines of the head.
    """
    headers = CIMultiDict(error.headers)
    _require_headers(headers)
    response = _response(error.status, headers, body=error.body, reason=error.reason)
    carry_over(error, response)
    return response


def carry_over(error: web.HTTPException, response: web.StreamResponse) -> None:
    """Give a response what an exception of aiohttp has beside headers and body.

    That is its cookies, and whether the connection is closed afterwards. Raises `ValueError` for a
    cookie that would break the lines of the head.
    """
    for cookie in error.cookies.values():
        _require_header("Set-Cookie", cookie.OutputString())
    response.cookies.update(error.cookies)
    if error.keep_alive is False:
        response.force_close()


def _response(
    status: int, headers: CIMultiDict[str], *, body: Any, reason: str | None = None
) -> web.Response:
    if request_id := current_request_id():
        headers.setdefault(HEADER, request_id)
    return web.Response(status=status, reason=reason, body=body, headers=headers)


def _require_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        _require_header(name, value)


def _require_header(name: str, value: str) -> None:
    if not _TOKEN.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
        raise ValueError(f"{name!r}: {value!r} cannot stand in a header")
