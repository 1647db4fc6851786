import re
from http import HTTPStatus
from typing import Final

_RENAMED: Final = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""The names of RFC 9110, which Python has from 3.13 on."""


def title_of(status: int) -> str:
    """Give the name of an HTTP status; an unregistered one is a plain `Error`."""
    if status in _RENAMED:
        return _RENAMED[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def code_of(status: int) -> str:
    """Give the name of a status as a code for machines: `not_found`."""
    return re.sub(r"\W+", "_", title_of(status).lower())
