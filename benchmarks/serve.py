"""Serves an application of aiohttp, in the way that all of them are served here."""

import argparse
import asyncio
from collections.abc import Callable, Sequence

from aiohttp import web


def serve(make: Callable[[Sequence[str]], web.Application]) -> None:
    """Serve an application with `--resources` resources on `--port`, without access log."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--resources", type=int, default=1)
    options = parser.parse_args()
    web.run_app(
        make(names(options.resources)),
        host="127.0.0.1",
        port=options.port,
        access_log=None,
        print=None,
        loop=new_event_loop(),
    )


def names(resources: int) -> list[str]:
    """Name resources: `artist`, `artist1`, `artist2`."""
    return ["artist", *(f"artist{number}" for number in range(1, resources))]


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Make uvloop's loop, where it is installed, else asyncio's."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
