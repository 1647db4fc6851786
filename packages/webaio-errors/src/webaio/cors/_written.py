"""What is asked of `setup`, checked and written once as headers (Fetch, "HTTP CORS protocol")."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from aiohttp import hdrs
from yarl import URL

from webaio.exceptions import ImproperlyConfigured

from ._policy import Policy

WHERE: Final = "cors.setup"
_ANY: Final = "*"
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@*]+")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def policy(
    origins: Collection[str],
    *,
    credentials: bool,
    methods: Collection[str],
    headers: Collection[str],
    expose_headers: Collection[str],
    max_age: int,
) -> Policy:
    """Check and write what `setup` takes. Raises `ImproperlyConfigured` for what cannot work."""
    lists = {"methods": methods, "headers": headers, "expose_headers": expose_headers}
    for word, names in {"origins": origins, **lists}.items():
        if isinstance(names, str):
            raise _refused(f"{word}={names!r} is one text", f"Write {word}=[{names!r}]")
        if credentials and _ANY in names:
            fix = "Name them, or leave credentials out"
            raise _refused(f'{word} has "*", which no browser takes with credentials', fix)
    for word, names in lists.items():
        for name in names:
            if not _TOKEN.fullmatch(name):
                raise _refused(f"{name!r} in {word} is no name", "Take it out, or mend it")
    if _ANY in origins and len(origins) > 1:
        raise _refused('origins has "*" and others', 'Leave the others out, or "*"')
    if type(max_age) is not int or max_age < 0:
        raise _refused(f"max_age={max_age!r} is no number of seconds", "Write a whole number")
    if small := [name for name in methods if name != name.upper()]:
        raise _refused(f"methods has {small[0]!r}", f"Write {small[0].upper()!r}")
    vary = {} if _ANY in origins else {"Vary": "Origin"}
    own: dict[str, str] = {}
    if credentials:
        own[hdrs.ACCESS_CONTROL_ALLOW_CREDENTIALS] = "true"
    if expose_headers:
        own[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = ", ".join(expose_headers)
    known = {
        origin: _lines({**vary, hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin, **own})
        for origin in map(_checked, origins)
    }
    preflight: dict[str, str] = {
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: ", ".join(methods),
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: ", ".join(headers),
        hdrs.ACCESS_CONTROL_MAX_AGE: str(max_age),
    }
    return Policy(known, known.get(_ANY, _lines(vary)), preflight)


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _checked(origin: str) -> str:
    """Give an origin that is written as browsers send it (HTML, "ASCII serialization")."""
    if origin == _ANY:
        return origin
    if origin == "null":
        fix = "Take it out: every sandboxed frame and local file, anybody's, is this origin"
        raise _refused('"null" cannot be an origin', fix)
    try:
        right = str(URL(origin).origin())
    except ValueError:
        right = ""
    if not _ORIGIN.fullmatch(right):
        fix = 'Write a scheme, a host and perhaps a port, without patterns: "https://app.example"'
        raise _refused(f"{origin!r} is no origin", fix)
    if origin != right:
        raise _refused(f"no browser sends the origin {origin!r}", f"Write {right!r}")
    return origin


def _refused(what: str, fix: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(WHERE, what, fix)
