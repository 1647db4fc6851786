import json
from typing import Any

from aiohttp import ClientResponse

from ._failures import shown


def decoded(response: ClientResponse, body: bytes, as_json: bool = False) -> Any:
    """Decode a body: JSON, text as `str`, the rest as it is, an empty one as None.

    Raises `AssertionError` for broken JSON, and with `as_json` for what is not JSON.
    """
    if _is_json(response) and body:
        try:
            return json.loads(body, parse_constant=_refuse_constant)
        except ValueError:
            as_json = True
    if as_json:
        raise AssertionError(
            f"{response.method} {response.url} answered with {response.content_type}, "
            f"and this is not JSON:\n{shown(body.decode(errors='replace'))}"
        )
    if not body:
        return None
    if response.content_type.startswith("text/"):
        return _text(body, response.charset or "utf-8")
    return body


def _is_json(response: ClientResponse) -> bool:
    """Tell whether a response says that its body is JSON: `application/json`, `…+json`."""
    return response.content_type == "application/json" or response.content_type.endswith("+json")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")
