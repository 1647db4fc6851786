"""Results that go out item by item."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from webaio.schemas import Components

After = Callable[[web.StreamResponse], Awaitable[None]]
End = Callable[[web.StreamResponse], Awaitable[None]]
StreamResponder = Callable[
    [web.Request, Any, After | None, End | None], Awaitable[web.StreamResponse]
]


class Stream(Protocol):
    """One kind of them: how it is documented, and how it answers."""

    def content(self, components: Components) -> dict[str, Any]:
        """Describe the answer: the `content` of OpenAPI's Response Object."""

    def responder(self, status: int, *, check: bool, where: str) -> StreamResponder:
        """Make the coroutine function that streams the items of a result.

        It calls `after` with the response unsent, and `end` after the last item, before the end is
        sent: where that fails, the client sees that the end is missing. With `check` it compares
        each item with what is declared.
        """
