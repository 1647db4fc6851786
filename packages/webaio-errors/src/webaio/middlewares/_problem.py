"""A problem (RFC 9457): its members, and how they are written."""

import json
import json.encoder
from collections.abc import Collection, Mapping
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import APIException, ValidationError
from webaio.exceptions._fault import Fault, Source, members_of

from ._request_id import current_request_id

_WITHOUT_BODY: Final = ("GET", "HEAD")


def _plain(member: object) -> object:
    return member.problem() if isinstance(member, Fault) else str(member)


encoded: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, default=_plain, separators=(",", ":")
).encode
"""Write a value as the JSON of all problems; what JSON does not know goes in as its `str`."""
encoded_text: Final = json.encoder.encode_basestring
"""Do the same with a text."""


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


def encoded_problem(problem: Mapping[str, Any]) -> bytes:
    """Encode a problem as JSON in UTF-8; a member that JSON does not know goes in as its `str`.

    Raises `TypeError` for what is not a mapping, and `ValueError` for NaN and for loops.
    """
    if type(problem) is not dict:
        if not isinstance(problem, Mapping) or isinstance(problem, web.StreamResponse):
            raise TypeError(f"a problem is a mapping, not {type(problem).__qualname__}")
        problem = dict(problem)
    return encoded(problem).encode("utf-8", "replace")


def encoded_errors(request: web.Request, errors: Collection[Any]) -> str:
    """Write the member `errors` of a problem, as `encoded_problem` would."""
    source, text = _source_of(request), encoded_text
    try:
        members = [
            f'{{"in":{text(each.source or source)},"pointer":{text(each.pointer)},'
            f'"code":{text(each.code)},"detail":{text(each.detail)}}}'
            for each in errors
        ]
    except (AttributeError, TypeError):  # of what is no fault, or has words that are no text
        return encoded(members_of(errors, source))
    return f"[{','.join(members)}]"
