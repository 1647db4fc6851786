"""Results that go out item by item."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Protocol

from aiohttp import web
from msgspec import Struct

from webaio.schemas import Components

After = Callable[[web.StreamResponse], Awaitable[None]]
End = Callable[[web.StreamResponse], Awaitable[None]]


class Sending(Struct, frozen=True):
    """How the items of a stream go out: as what `write` makes of each.

    The head waits `patience` seconds for the first one: what is raised until then is an answer.
    `comment` is sent where long nothing else is. `can_resume` says that a client comes back by
    itself, so that a server which stops need not tell it that the end is missing.
    """

    write: Callable[[Any], bytes]
    headers: Mapping[str, str]
    patience: float = 0
    comment: bytes = b""
    can_resume: bool = False


class Stream(Protocol):
    """One kind of stream: how it is documented, and how its items go out."""

    takes_media_type: ClassVar[bool]
    """Whether `produces=` says what it is."""

    def content(self, components: Components) -> dict[str, Any]:
        """Describe the answer: the `content` of OpenAPI's Response Object."""

    def sending(self, *, check: bool) -> Sending:
        """Say how the items go out; with `check` each is compared with what is declared."""
