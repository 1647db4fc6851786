"""Around an action with several representations: which one is asked for (RFC 9110, 12)."""

from __future__ import annotations  # of functions that are made for each action

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from webaio.permissions._guard import Check
from webaio.renderers._accept import Choose, chooser_of
from webaio.responses import JSONResponse
from webaio.results._responder import Respond

from ._action import Action

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_VARY: Final = "Vary"


def chooser_for(action: Action) -> Choose | None:
    """Make what gives the number of the renderer that a request asks for; None where there is one."""
    results = action.results
    if not results.is_negotiated:
        return None
    return chooser_of([each.media_type for each in results.renderers])


def accepting(check: Check | None, choose: Choose) -> Check:
    """Refuse, before anything is done, who takes none of the representations."""

    async def accept(request: web.Request) -> bool:
        is_decided = check is None or await check(request)
        choose(request)
        return is_decided

    return accept


def chosen_of(responders: list[Respond], choose: Choose) -> Respond:
    """Let the one answer that writes what is asked for."""

    def respond(request: web.Request, result: object) -> web.StreamResponse:
        return responders[choose(request)](request, result)

    return respond


def varied(handler: Handler) -> Handler:
    """Tell caches, with each answer and each error, that it depends on what is accepted."""

    async def vary(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            _add_accept(response)
        return response

    return vary


def _add_accept(response: web.StreamResponse) -> None:
    if isinstance(response, JSONResponse):
        found = response.setdefault_plain_header(_VARY, hdrs.ACCEPT)
    else:
        found = response.headers.setdefault(_VARY, hdrs.ACCEPT)
    if found == hdrs.ACCEPT:
        return
    names = ", ".join(response.headers.getall(_VARY))
    if "accept" not in (each.strip().lower() for each in names.split(",")):
        response.headers[_VARY] = f"{names}, {hdrs.ACCEPT}"
