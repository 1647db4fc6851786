import functools
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from webaio.exceptions import APIException, ValidationError, exception_of_status
from webaio.responses import PROBLEM_JSON, Head, JSONResponse

from ._conversion import headers_beside_the_body
from ._problem import encoded, encoded_errors, encoded_problem, encoded_text, problem_for
from ._request_id import HEADER, current_request_id

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_AS_ALL_DO: Final = (APIException.problem, ValidationError.problem)
_OF_ITS_OWN: Final = frozenset({"errors", "members"})
"""What an exception may have beside what its class says, and still be written as all are."""
_FIELD_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
"""What may stand in a header (RFC 9110, 5.1 and 5.5); bytes above ASCII go out as UTF-8."""


def api_response(request: web.Request, exception: APIException) -> web.Response:
    """Make the response of an exception; what a class says of all its own is written once.

    Raises what `encoded_problem` and `problem_response` raise.
    """
    kind = type(exception)
    uri, title, detail, code = kind.type, kind.title, kind.detail, kind.code
    says_what_its_class_says = (
        exception.__dict__.keys() <= _OF_ITS_OWN
        and not exception.members
        and not exception.headers
        and kind.problem in _AS_ALL_DO
        and type(uri) is type(title) is type(detail) is type(code) is str
    )
    if not says_what_its_class_says:
        return problem_response(encoded_problem(problem_for(request, exception)), exception)
    head, text = _common(uri, title, kind.status_code, detail, code)
    if isinstance(exception, ValidationError) and exception.errors:
        text += f',"errors":{encoded_errors(request, exception.errors)}'
    text += f',"instance":{encoded_text(request.rel_url.raw_path)}'
    request_id = current_request_id()
    if request_id:
        text += f',"request_id":{encoded_text(request_id)}'
    return _plain_response(head, f"{text}}}".encode("utf-8", "replace"), request_id)


@functools.lru_cache(maxsize=512)
def _common(uri: str, title: str, status: int, detail: str, code: str) -> tuple[Head, str]:
    """Give the head of a problem, and the problem but for what the request tells, and its end."""
    problem = {"type": uri, "title": title, "status": status, "detail": detail, "code": code}
    return _head(status), encoded(problem)[:-1]


def problem_response(
    body: bytes, exception: APIException, media_type: str = PROBLEM_JSON
) -> web.Response:
    """Make the response that carries a problem, with the exception's headers.

    Raises `ValueError` for a status that is not an error's, and for a header that would break the
    lines of the head.
    """
    head = _head(exception.status_code, media_type)
    if not exception.headers:
        return _plain_response(head, body, current_request_id())
    headers = headers_beside_the_body(exception.headers)
    _require_headers(headers)
    headers["Content-Type"] = media_type
    return _response(head.status, headers, body=body, reason=head.reason)


def _plain_response(head: Head, body: bytes, request_id: str | None) -> web.Response:
    response = JSONResponse(head, body)
    if request_id:
        response.set_plain_header(HEADER, request_id)
    return response


@functools.lru_cache(maxsize=256)
def _head(status: int, media_type: str = PROBLEM_JSON) -> Head:
    if not 400 <= status <= 599:
        raise ValueError(f"{status} is not an error's status")
    return Head(status, media_type, exception_of_status(status).title)


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
