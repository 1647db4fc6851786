"""Around an action: what its conditions refuse, and the tag of its answer."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Callable
from typing import Any, Final

from aiohttp import hdrs, web

from webaio.conditions._http_date import http_date
from webaio.conditions._if_match import required
from webaio.conditions._preconditions import (
    SAFE,
    Preconditions,
    is_unchanged,
    preconditions_of,
)
from webaio.conditions._version import Version
from webaio.responses import JSONResponse
from webaio.results import Answer
from webaio.results._responder import Respond

from ._action import Action
from ._conditional import Conditional
from ._item import Ask, loading_of, reader_of
from ._loader import LOADER, loader_of
from ._negotiation import chooser_for

Run = Callable[..., Any]
_NONE: Final = Preconditions()
_KEPT: Final = (hdrs.CACHE_CONTROL, "Content-Location", hdrs.EXPIRES, hdrs.VARY)
"""What a 304 has of the answer in whose place it is, beside tag and time (RFC 9110, 15.4.5)."""


def conditioned(
    ask: Ask | None, run: Run, respond: Respond, action: Action, conditional: Conditional
) -> tuple[Ask | None, Run, Respond]:
    """Put conditions around what asks for the item, what runs, and what answers."""
    version = conditional.version
    if conditional.checks:
        ask = _checking(ask, conditional, may_create=action.may_create)
    if conditional.compares:
        run = _comparing(run, action, conditional)
    if version is not None and conditional.is_told:
        respond = _telling(respond, action, version)
    return ask, run, respond


def _checking(ask: Ask | None, conditional: Conditional, *, may_create: bool) -> Ask:
    """Refuse, when the item was asked for and before the body is read, what no comparison needs.

    That is a malformed header, and a write without the one that it must have.
    """
    is_required = conditional.requires

    async def check(instance: Any, is_decided: bool) -> None:
        if ask is not None:
            await ask(instance, is_decided)
        request = instance.request
        if request.method in SAFE and not conditional.takes_if_match:
            return
        conditions = preconditions_of(request) or _NONE
        if is_required and conditions.if_match is None:
            absent = conditions.if_none_match
            if not (may_create and absent is not None and absent.is_any):
                raise required()

    return check


def _comparing(run: Run, action: Action, conditional: Conditional) -> Run:
    """Compare an item with the conditions of a write, as it is directly before the action runs.

    What was loaded for the permission, before the body arrived, is not what the action may compare.
    """
    viewset, may_create = action.viewset, action.may_create
    read = reader_of(loader_of(viewset, action.variables))
    load = loading_of(read, getattr(viewset, "_loader", LOADER))
    version = conditional.version or Version(action.where, None, None)
    state_of, takes_if_match = version.state_of_loaded, conditional.takes_if_match
    has_object, is_generator = action.asks_for_item, action.is_generator

    async def compared(instance: Any, *given: Any, **arguments: Any) -> Any:
        request = instance.request
        if request.method not in SAFE:
            conditions = preconditions_of(request)
            if conditions is not None and takes_if_match:
                conditions = conditions.without_if_match()
            if conditions is not None and (has_object or conditions != _NONE):
                item = await load(instance)
                if item is not None:
                    conditions.require(*state_of(item))
                    instance.object = item
                elif may_create:
                    conditions.require_absent()
                else:
                    raise viewset.not_found()
        result = run(instance, *given, **arguments)
        return result if is_generator else await result

    return compared


def _telling(respond: Respond, action: Action, version: Version) -> Respond:
    """Let an answer have the tag of its item, and its time; to who has it already, it is a 304.

    Not where it shows more than the item itself: that may have changed since. The tag is that of the
    first representation alone: two must not have the same (RFC 9110, 8.8.3.3).
    """
    choose = chooser_for(action)
    state_of, has_answers = version.state_of, bool(action.results.answers)
    beside: Callable[[web.Request, Any], Any] | None = getattr(action.viewset, "_beside", None)
    is_in_version = getattr(action.viewset, "_is_in_version", True)

    def tell(request: web.Request, result: Any) -> web.StreamResponse:
        item = result.result if has_answers and isinstance(result, Answer) else result
        if item is None or isinstance(item, web.StreamResponse):
            return respond(request, result)
        tag, modified = state_of(item if beside is None else beside(request, item))
        if choose is not None and choose(request) > 0:
            tag = None
        if request.method in SAFE and is_unchanged(request, tag, modified) and is_in_version:
            response: web.StreamResponse = web.Response(status=304)
            if item is not result:
                whole = respond(request, result).headers
                response.headers.update({each: whole[each] for each in _KEPT if each in whole})
        else:
            response = respond(request, result)
        if tag is not None:
            _set(response, "ETag", f'"{tag}"')
        if modified is not None:
            _set(response, hdrs.LAST_MODIFIED, http_date(modified))
        return response

    return tell


def _set(response: web.StreamResponse, name: str, value: str) -> None:
    if isinstance(response, JSONResponse):
        response.set_plain_header(name, value)
    else:
        response.headers[name] = value
