from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from webaio.responses import JSONResponse


@dataclass(frozen=True, slots=True)
class Policy:
    """A receiver of `on_response_prepare`, so of streams too, that sets what an origin gets.

    `known` and `others` are lines of the head, as they are sent; `preflight` are the headers beside
    them of the answer that lets a known origin ask.
    """

    known: Mapping[str, str]
    others: str
    preflight: Mapping[str, str]

    def lines_for(self, request: web.Request) -> str:
        """Give the lines for the origin of a request; no browser sends two."""
        if len(request.match_info.apps) > 1 and policy_for(request) is not self:
            return ""
        if hdrs.ORIGIN not in request.headers:
            return self.others
        origin, *more = request.headers.getall(hdrs.ORIGIN)
        return self.others if more else self.known.get(origin, self.others)

    async def __call__(self, request: web.Request, response: web.StreamResponse) -> None:
        for line in self.lines_for(request).splitlines():
            name, _, value = line.partition(": ")
            if name == "Vary":
                _add_vary(response)
            elif isinstance(response, JSONResponse):
                response.set_plain_header(name, value)
            else:
                response.headers[name] = value


POLICY: Final = web.AppKey("webaio_cors_policy", Policy)


def policy_for(request: web.Request) -> Policy:
    """Give the policy of the innermost application that has one."""
    for app in reversed(request.match_info.apps):
        if POLICY in app:
            return app[POLICY]
    raise LookupError("no application of this request has called `cors.setup`")


def _add_vary(response: web.StreamResponse) -> None:
    """Tell caches that the answer depends on the origin, beside what it depends on already."""
    if isinstance(response, JSONResponse):
        found = response.setdefault_plain_header("Vary", "Origin")
    else:
        found = response.headers.setdefault("Vary", "Origin")
    if found == "Origin":
        return
    names = ", ".join(response.headers.getall("Vary"))
    if "origin" not in (name.strip().lower() for name in names.split(",")):
        response.headers["Vary"] = f"{names}, Origin"
