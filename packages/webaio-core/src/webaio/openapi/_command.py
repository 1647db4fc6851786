"""`webaio-openapi`: write the document of an application, for CI and for generators of clients."""

import argparse
import asyncio
import contextlib
import importlib
import inspect
import os
import sys
import traceback
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

from ._setup import document_of

_NOT_THEIRS: Final = ("importlib", f"{os.sep}asyncio{os.sep}")
"""Files whose lines tell a user nothing."""
_EPILOG: Final = """\
examples:
  webaio-openapi main:get_web_app > openapi.json
  webaio-openapi main:get_web_app --output openapi.json
  webaio-openapi main:app | jq .paths

Run it in the folder from which `main` can be imported. The exit status is 0; 1 where there is no
application or no document; 2 for a wrong command line.
"""


def main() -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(
        "webaio-openapi",
        description="Write the OpenAPI document of an application, which need not run.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "application", metavar="module:name", help="an application, or a function that makes one"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write there; a failure leaves it as it was"
    )
    options = parser.parse_args()
    place = options.application
    if not all(place.partition(":")):
        parser.error(f"{place!r} is not such as main:app or main:get_web_app")
    sys.path.insert(0, "")
    try:
        with contextlib.redirect_stdout(sys.stderr):  # nothing else may come into the document
            found = document_of(_application(place))
    except (_NoApplication, ImproperlyConfigured) as error:
        print(f"webaio-openapi: {error}", file=sys.stderr)
        return 1
    text = msgspec.json.format(msgspec.json.encode(found), indent=2)
    try:
        _write(text + b"\n", options.output)
    except OSError as error:
        print(f"webaio-openapi: {options.output or 'stdout'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _write(text: bytes, path: str | None) -> None:
    """Write UTF-8, whatever the terminal is."""
    if path is None:
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
    else:
        Path(path).write_bytes(text)


class _NoApplication(Exception):
    """The application cannot be had: says why."""


def _application(place: str) -> web.Application:
    """Import an application, or make it with the function that is there."""
    module_name, _, name = place.partition(":")
    try:
        member: Any = importlib.import_module(module_name)
        for part in name.split("."):
            member = getattr(member, part)
        found = asyncio.run(_made(member))
    except (Exception, SystemExit) as error:
        raise _NoApplication(f"{place} gives no application.\n{_told(error)}") from error
    found = found.app if isinstance(found, web.AppRunner) else found
    if not isinstance(found, web.Application):
        raise _NoApplication(
            f"{place} is of the type {type(found).__name__}, and no aiohttp application"
        )
    return found


def _told(error: BaseException) -> str:
    """Give an exception, and the lines of the user that led to it."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        each
        for each in frames
        if each.filename != __file__ and not any(name in each.filename for name in _NOT_THEIRS)
    ]
    return "".join([*traceback.format_list(own), *traceback.format_exception_only(error)]).rstrip()


async def _made(member: Any) -> Any:
    """Call a factory where a loop runs, as a server would."""
    found = member() if callable(member) and not isinstance(member, web.Application) else member
    return await found if inspect.isawaitable(found) else found
