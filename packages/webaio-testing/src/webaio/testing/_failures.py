import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

BELOW_400: Final = range(400)
_SHOWN: Final = 2000
"""Characters of a body that a failure shows."""


def wrong_status(
    method: str, url: str, expected: Collection[int], status: int, body: object
) -> str:
    """Say what was expected and what came, with the body, for people to read."""
    wanted = "a status below 400" if expected is BELOW_400 else " or ".join(map(named, expected))
    return f"{method} {url}\n  - expected {wanted}\n  + answered {named(status)}\n{shown(body)}"


def named(status: int) -> str:
    """Give a status with its name: `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def shown(body: object) -> str:
    """Give a body as text, JSON indented, cut where it is long."""
    if body is None:
        return "(no body)"
    if isinstance(body, str):
        text = body
    else:
        text = json.dumps(body, indent=2, default=repr, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
