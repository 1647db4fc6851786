import functools
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from webaio.exceptions import APIException, ValidationError
from webaio.exceptions._fault import Fault, Source, members_of
from webaio.responses import PROBLEM_JSON, Head, JSONResponse

from ._conversion import headers_beside_the_body
from ._request_id import HEADER, current_request_id

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_WITHOUT_BODY: Final = ("GET", "HEAD")
_FIELD_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")
"""What may stand in a header (RFC 9110, 5.1 and 5.5); bytes above ASCII go out as UTF-8."""


def _plain(member: object) -> object:
    return member.problem() if isinstance(member, Fault) else str(member)


_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, default=_plain, separators=(",", ":")
).encode


def problem_for(request: web.Request, exception: APIException) -> dict[str, Any]:
    """Give the problem of an exception with what the request tells.

    That is `instance`, `request_id`, and where a fault is that does not say so itself.
    """
    problem = {**exception.problem()}
    if isinstance(exception, ValidationError) and exception.errors and _has_its_faults(exception):
        problem["errors"] = members_of(exception.errors, _source_of(request))
    problem["instance"] = request.rel_url.raw_path
    if request_id := current_request_id():
        problem.setdefault("request_id", request_id)
    return problem


def _has_its_faults(exception: ValidationError) -> bool:
    """Tell whether the class writes `errors` as all do."""
    return type(exception).problem is ValidationError.problem


def _source_of(request: web.Request) -> Source:
    """Say where a value was sent that nobody says: GET has no body (RFC 9110, 9.3.1)."""
    return "body" if request.body_exists and request.method not in _WITHOUT_BODY else "query"


def encoded(problem: Mapping[str, Any]) -> bytes:
    """Encode a problem as JSON in UTF-8; a member that JSON does not know goes in as its `str`.

    Raises `TypeError` for what is not a mapping, and `ValueError` for NaN and for loops.
    """
    if type(problem) is not dict:
        if not isinstance(problem, Mapping) or isinstance(problem, web.StreamResponse):
            raise TypeError(f"a problem is a mapping, not {type(problem).__qualname__}")
        problem = dict(problem)
    return _encode(problem).encode("utf-8", "replace")


def api_response(request: web.Request, exception: APIException) -> web.Response:
    """Make the response of an exception; what a class says of all its own is written once.

    Raises what `encoded` and `problem_response` raise.
    """
    kind, uri, title = type(exception), exception.type, exception.title
    detail, code = exception.detail, exception.code
    says_what_its_class_says = (
        detail is kind.detail
        and code is kind.code
        and type(detail) is type(code) is type(title) is type(uri) is str
        and kind.problem is APIException.problem
        and not exception.members
        and not exception.headers
    )
    if not says_what_its_class_says:
        return problem_response(encoded(problem_for(request, exception)), exception)
    head, start = _common(uri, title, exception.status_code, detail, code)
    request_id = current_request_id()
    end = f',"request_id":{_encode(request_id)}}}' if request_id else "}"
    text = f'{start},"instance":{_encode(request.rel_url.raw_path)}{end}'
    return _plain_response(head, text.encode("utf-8", "replace"))


@functools.lru_cache(maxsize=512)
def _common(type: str, title: str, status: int, detail: str, code: str) -> tuple[Head, str]:
    """Give the head of a problem, and the problem but for what the request tells, and its end."""
    problem = {
        "type": type,
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return _head(status), _encode(problem)[:-1]


def problem_response(body: bytes, exception: APIException) -> web.Response:
    """Make the response that carries a problem, with the exception's headers.

    Raises `ValueError` for a status that is not an error's, and for a header that would break the
    lines of the head.
    """
    head = _head(exception.status_code)
    if not exception.headers:
        return _plain_response(head, body)
    headers = headers_beside_the_body(exception.headers)
    _require_headers(headers)
    headers["Content-Type"] = PROBLEM_JSON
    return _response(head.status, headers, body=body)


def _plain_response(head: Head, body: bytes) -> web.Response:
    response = JSONResponse(head, body)
    if request_id := current_request_id():
        response.set_plain_header(HEADER, request_id)
    return response


@functools.lru_cache(maxsize=256)
def _head(status: int) -> Head:
    if not 400 <= status <= 599:
        raise ValueError(f"{status} is not an error's status")
    return Head(status, PROBLEM_JSON)


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
