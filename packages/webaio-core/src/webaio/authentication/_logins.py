"""Users that are logged in by a test, without credentials."""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from ._identity import Identity

HEADER: Final = "Webaio-Login"
LOGINS: Final[dict[str, tuple[web.Application, Identity]]] = {}
"""Who is logged in, in which application, by secrets that only a test knows."""


@contextlib.contextmanager
def logged_in(app: web.Application, identity: Identity) -> Iterator[dict[str, str]]:
    """Let who sends certain headers be known, in an application and those in it; gives the headers.

    `api_client.log_in` of webaio.testing is for people.
    """
    secret = secrets.token_urlsafe()
    LOGINS[secret] = app, identity
    try:
        yield {HEADER: secret}
    finally:
        del LOGINS[secret]


def login_in(request: web.Request) -> Identity | None:
    """Give who is logged in; None where the request does not say so."""
    app, identity = LOGINS.get(request.headers.get(HEADER, ""), (None, None))
    return identity if app in request.match_info.apps else None
