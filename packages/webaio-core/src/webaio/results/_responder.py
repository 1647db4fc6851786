"""From what an action returns to a response."""

from __future__ import annotations  # of functions that are made for each action

import functools
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from webaio.decorators._words import OF_THE_BODY, TOKEN
from webaio.exceptions import ValidationError
from webaio.renderers import JSON, BaseRenderer
from webaio.responses import Head, JSONResponse
from webaio.schemas import Schema

from ._answer import Answer
from ._location import Locate
from ._results import Results
from ._writing import encoder_of, unwritable

Respond = Callable[[web.Request, Any], web.StreamResponse]
_Answerer = Callable[[web.Request, Answer[Any]], web.StreamResponse]


def responder_of(
    results: Results, locate: Locate | None, renderer: BaseRenderer, *, check: bool, where: str
) -> Respond:
    """Make the function from a result to its response: itself, no content for None, or rendered.

    `locate` gives the `Location` of what was created. It raises `TypeError` for what cannot be
    written as declared; with `check` it compares each result with that. `where` names the action.
    Raises `ImproperlyConfigured` for results that the renderer cannot write.
    """
    encode, media_type = encoder_of(results.json, check=check), JSON.media_type
    if results.json is not None:
        encode, media_type = renderer.writer(results.json, encode, where), renderer.media_type
    head = _head_of(results.status, media_type)
    own_locate = locate if results.has_location else None
    empty_status = None if check and _forbids_none(results) else results.empty_status
    declared = {name.lower(): each for name, each in results.headers.items()} if check else None
    answers = {
        answer: _answerer(
            responder_of(carried, locate, renderer, check=check, where=where), declared, where
        )
        for answer, carried in results.answers
    }

    def respond(request: web.Request, result: Any) -> web.StreamResponse:
        if result is None and empty_status is not None:
            return web.Response(status=empty_status)
        kinds = type(result).__mro__
        if web.StreamResponse in kinds:  # isinstance asks its abstract base
            if isinstance(result, web.HTTPException):
                raise result
            response: web.StreamResponse = result
            return response
        if Answer in kinds:
            return _declared(answers, result, where)(request, result)
        location = None if own_locate is None else own_locate(request, result)
        try:
            return JSONResponse(head, encode(result), location)
        except (TypeError, ValueError) as error:
            raise unwritable(where, error) from error

    return respond


@functools.lru_cache
def _head_of(status: int, media_type: str) -> Head:
    """Give the head of one status: nothing in it is of one action."""
    is_text = media_type.startswith("text/")
    return Head(status, f"{media_type}; charset=utf-8" if is_text else media_type)


def response_of_handler(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Give the response that an untyped action made; raises one that is an exception of aiohttp."""
    if not (
        web.StreamResponse in type(response).__mro__  # isinstance asks its abstract base
        or isinstance(response, web.StreamResponse)
    ):
        raise TypeError(f"the handler returned {type(response).__qualname__}, not a response")
    if isinstance(response, web.HTTPException):
        raise response
    return response


def _forbids_none(results: Results) -> bool:
    """Tell whether a None can only be a forgotten return."""
    if results.has_none:
        return False
    if results.json is None:
        return bool(results.answers)
    return not results.json.accepts(None)


def _declared(
    answers: Mapping[type[Answer[Any]], _Answerer], answer: Answer[Any], where: str
) -> _Answerer:
    """Find the declared class of an answer; one that adds nothing but a name is as its base."""
    kind = type(answer)
    for each, answerer in answers.items():
        if issubclass(kind, each) and each.status_code == kind.status_code:
            return answerer
    raise TypeError(f"{where}: {kind.__name__} is returned, and not declared")


def _answerer(respond: Respond, declared: Mapping[str, Schema] | None, where: str) -> _Answerer:
    """Make the function that answers with an `Answer` of one class; `declared` are its headers."""

    def answer(request: web.Request, answer: Answer[Any]) -> web.StreamResponse:
        response = respond(request, answer.result)
        for name, value in answer.headers.items():
            try:
                _require_header(name, value, declared)
            except (TypeError, ValueError) as error:
                raise unwritable(where, error) from error
            if isinstance(response, JSONResponse):
                response.set_plain_header(name, value)
            else:
                response.headers[name] = value
        if answer.cookies:
            response.cookies.update(answer.cookies)
        return response

    return answer


def _require_header(name: str, value: str, declared: Mapping[str, Schema] | None) -> None:
    """Refuse a header that would break the lines of the head, or is not as declared."""
    if not isinstance(value, str):
        raise TypeError(f"the header {name} has {value!r}, and must be a str")
    if not TOKEN.fullmatch(name) or name.lower() in OF_THE_BODY:
        raise ValueError(f"{name!r} cannot be the name of its header")
    if not value.replace("\t", " ").isprintable():
        raise ValueError(f"the header {name} cannot have the value {value!r}")
    if declared is None:
        return
    if name.lower() not in declared:
        raise ValueError(f"the header {name} is not declared: @operation(headers=...)")
    try:
        declared[name.lower()].convert(value)
    except ValidationError as error:
        raise ValueError(f"the header {name} is {value!r}: {error}") from error
