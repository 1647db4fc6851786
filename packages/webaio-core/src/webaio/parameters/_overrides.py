from collections.abc import Mapping
from typing import Final

from aiohttp import web

from webaio.decorators._callable import Function

OVERRIDES: Final = web.AppKey("webaio_overrides", dict[Function, Function])
"""Of an application: what is called in place of functions that actions depend on.

`webaio.testing.override` sets it.
"""


def overrides_in(request: web.Request) -> Mapping[Function, Function]:
    """Give the overrides of the application that serves a request, and of those it is mounted in."""
    apps = request.match_info.apps
    if len(apps) == 1:
        return apps[0].get(OVERRIDES) or {}
    return {key: each for app in apps for key, each in app.get(OVERRIDES, {}).items()}
