"""The six requests that are made, and what a right answer to each is."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.services.artists import ARTISTS

GOOD: Final = {
    "name": "Gustavo Cerati",
    "born": 1959,
    "tags": ["rock", "pop"],
    "albums": [{"title": "Bocanada", "year": 1999}, {"title": "Siempre es hoy", "year": 2002}],
}
BROKEN: Final = {"name": "", "born": "1959", "tags": ["rock", 1], "albums": [{"title": "Bocanada"}]}
PATCH: Final = {"born": 1959, "tags": ["rock", "pop"]}


class WrongAnswer(Exception):
    """A service answers something else than the others."""


@dataclass(frozen=True, slots=True)
class Work:
    """A request below the resource's URL, with the status and the content of its answer."""

    name: str
    method: str
    rest: str
    status: int
    data: Any = None
    is_right: Callable[[Any], bool] | None = None
    resource: str = "/artist"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"" if self.data is None else json.dumps(self.data).encode()

    def path(self, resource: str | None = None) -> str:
        return (self.resource if resource is None else resource) + self.rest

    def message(self, resource: str | None = None) -> bytes:
        """Give the request as it goes over the wire."""
        head = f"{self.method} {self.path(resource)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return f"{head}\r\n".encode() + self.body

    def check(self, service: str, status: int, body: bytes, refusal: int = 422) -> None:
        """Raise `WrongAnswer` unless this is the right answer; `refusal` is the one to BROKEN."""
        expected = refusal if self.data is BROKEN else self.status
        if status != expected:
            raise WrongAnswer(f"{service}, {self.name}: {status}, not {expected}: {body[:500]!r}")
        if self.is_right is not None and not self.is_right(json.loads(body)):
            raise WrongAnswer(f"{service}, {self.name}: wrong content: {body[:500]!r}")


def _is_created(answer: Any) -> bool:
    return isinstance(answer, dict) and answer == {"id": answer.get("id"), **GOOD} and answer["id"]


WORKS: Final = (
    Work("detail", "GET", "/7/", 200, is_right=lambda answer: answer == ARTISTS["7"]),
    Work("list", "GET", "/", 200, is_right=lambda answer: answer == [*ARTISTS.values()]),
    Work("create", "POST", "/", 201, data=GOOD, is_right=_is_created),
    Work(
        *("patch", "PATCH", "/7/", 200, PATCH),
        is_right=lambda answer: answer == {**ARTISTS["7"], **PATCH},
    ),
    Work("404", "GET", "/x/", 404),
    Work("invalid", "POST", "/", 422, data=BROKEN),
)
