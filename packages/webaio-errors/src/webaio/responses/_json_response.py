import functools
from collections.abc import Sequence
from typing import Any, Final, Protocol

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import SERVER_SOFTWARE

from ._head import Head, completed, now

_BY_AIOHTTP: Final = frozenset({"content-length", "date", "server", "set-cookie"})
"""The headers that aiohttp sets itself where nobody else has."""
_NOT_PLAIN: Final = _BY_AIOHTTP | {"content-type"}


class PlainHeaders(Protocol):
    """A receiver of `on_response_prepare` that only sets headers.

    With no others a `JSONResponse` goes out in one write: it asks for the lines. Where it has one
    of the headers already the receiver is called, perhaps twice.
    """

    def lines_for(self, request: Any) -> str:
        """Give the lines that the head of the answer gets, as they are sent."""
        ...

    async def __call__(self, request: Any, response: web.StreamResponse) -> None: ...


class JSONResponse(web.Response):
    """JSON that goes out with its head as one write, where nothing out of the ordinary is asked.

    It keeps its parts, and becomes a complete `web.Response` as soon as somebody looks at it, such
    as a middleware that adds a header by `headers`. With plain headers it still goes out in one
    write; with anything else (a cookie, another status, a signal, HEAD, HTTP/1.0, the last request
    of a connection) aiohttp sends it. Both ways write the same bytes.

    `json` is the body, encoded, `location` the URL of what was created (RFC 9110, 10.2.2). Raises
    `TypeError` for a body that is no bytes.

        JSONResponse(Head(200), b'{"id":1}')
    """

    # In slots: what is in its `__dict__` somebody else has put there.

    __slots__ = ("__head", "__is_complete", "__json", "__lines", "__sent")

    __http_exception__ = False  # aiohttp asks each response for it

    def __init__(self, head: Head, json: bytes, location: str | None = None) -> None:
        if type(json) is not bytes:
            raise TypeError(f"the body is {type(json).__qualname__}: give bytes, already encoded")
        # The parent's, which makes the headers, is called by `__complete`, if at all.
        self.__head = head
        self.__json = json
        self.__lines = ""  # the plain headers that were added
        self.__is_complete = False
        self.__sent = 0  # the bytes that were written in one piece
        if location is not None:
            if location.isprintable():
                self.__lines = f"Location: {location}\r\n"
            else:
                self.headers[hdrs.LOCATION] = location

    def __getattr__(self, name: str) -> Any:
        """Find what only a complete response has."""
        if name.startswith("__") or self.__is_complete:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self.__complete()
        return getattr(self, name)

    def __complete(self) -> None:
        """Become the `web.Response` of the same parts, with what was changed meanwhile."""
        if self.__is_complete:
            return
        changed = self.__dict__.copy()
        self.__is_complete = True
        head = self.__head
        super().__init__(
            status=head.status,
            reason=head.reason,
            body=self.__json,
            headers={hdrs.CONTENT_TYPE: head.content_type},  # that may have parameters
        )
        for line in self.__lines.splitlines():
            name, _, value = line.partition(": ")
            self.headers[name] = value
        if self.__sent:
            self.headers[hdrs.CONTENT_LENGTH] = str(len(self.__json))
            self.headers[hdrs.DATE] = now().date
            self.headers[hdrs.SERVER] = SERVER_SOFTWARE
        self.__dict__.update(changed)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if self.__sent:
            return None
        head = None
        receivers = _plain_receivers(request)
        if receivers is not None:
            for receiver in receivers:
                lines = "" if self.__dict__ else receiver.lines_for(request)
                if self.__dict__ or self.__has_plain(lines):
                    await receiver(request, self)
                else:
                    self.__lines += lines
            if not self.__dict__:
                head = self.__head.before(len(self.__json), self.__lines)
            elif self.__is_complete:
                head = self.__changed_head()
        if head is None:
            self.__complete()
            return await super().prepare(request)
        data = head + self.__json
        writer = request.writer
        await writer.write_eof(data)
        self.__sent = len(data)
        return writer

    def __changed_head(self) -> bytes | None:
        """Write the head with headers that somebody has added; None where they are not plain."""
        head, headers = self.__head, self.headers
        if not head.has_body:
            return None
        if self.status != head.status or self.reason != head.reason:
            return None
        if self.body is not self.__json or hdrs.CONTENT_TYPE not in headers:
            return None
        if self.chunked or self.compression or self.cookies or self.keep_alive is not None:
            return None
        lines = [head.status_line]
        for name, value in headers.items():
            line = name + ": " + value  # as aiohttp does, it refuses what is no string
            if name.lower() in _BY_AIOHTTP or not line.isprintable():
                return None
            lines.append(f"{line}\r\n")
        return completed("".join(lines), len(self.__json))

    async def write_eof(self, data: bytes = b"") -> None:
        if not self.__sent:
            await super().write_eof(data)

    def set_plain_header(self, name: str, value: str) -> None:
        """Set a header as `headers[name] = value` does, for less while nobody looks at the response."""
        line, is_untouched = f"{name}: {value}\r\n", not (self.__dict__ or self.__sent)
        if is_untouched and f"\r\n{line}" in f"\r\n{self.__lines}":
            return  # as the id of the request on a problem
        is_new = not self.__has_plain(f"{name}:")
        is_plain = type(value) is str and line[:-2].isprintable()
        if is_new and is_plain and is_untouched and name.lower() not in _NOT_PLAIN:
            self.__lines += line
        else:
            self.headers[name] = value

    def __has_plain(self, lines: str) -> bool:
        """Tell whether a plain header is there already that one of the lines begins with."""
        if not self.__lines:
            return False
        own = f"\r\n{self.__lines}".lower()
        return any(each in own for each in _beginnings_of(lines))

    def setdefault_plain_header(self, name: str, value: str) -> str:
        """Do as `headers.setdefault(name, value)` does, for less while nobody looks at the response."""
        if self.__dict__ or self.__has_plain(f"{name}:"):
            return self.headers.setdefault(name, value)
        self.set_plain_header(name, value)
        return value

    def set_status(self, status: int, reason: str | None = None) -> None:
        self.__complete()
        super().set_status(status, reason)

    @property
    def status(self) -> int:
        return super().status if self.__is_complete else self.__head.status

    @property
    def prepared(self) -> bool:
        return self.__sent > 0 or super().prepared

    @property
    def keep_alive(self) -> bool | None:
        if not self.__sent:
            return super().keep_alive
        return not self.__dict__ or super().keep_alive is not False  # who closes it says so

    @property
    def body_length(self) -> int:
        return self.__sent or super().body_length

    @property
    def body(self) -> Any:
        self.__complete()
        return super().body

    @body.setter
    def body(self, body: Any) -> None:
        super(JSONResponse, type(self)).body.fset(self, body)  # type: ignore[attr-defined]  # mypy sees its value

    @property
    def text(self) -> str | None:
        self.__complete()
        return super().text

    @text.setter
    def text(self, text: str) -> None:
        super(JSONResponse, type(self)).text.fset(self, text)  # type: ignore[attr-defined]  # mypy sees its value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status}>"


@functools.lru_cache(maxsize=256)
def _beginnings_of(lines: str) -> Sequence[str]:
    """Give how the lines of headers begin: the names."""
    return [f"\r\n{each.partition(':')[0]}: ".lower() for each in lines.splitlines()]


def _plain_receivers(request: web.BaseRequest) -> Sequence[PlainHeaders] | None:
    """Give who sets headers yet, where the request asks for nothing but the body; None elsewhere.

    That is on a connection that goes on, and where no signal wants to see the response.
    """
    if (
        not isinstance(request, web.Request)
        or request.version != HttpVersion11
        or request.method == hdrs.METH_HEAD
        or not request.keep_alive
    ):
        return None
    found: Sequence[Any] = ()
    for app in request.match_info.apps:
        signal = app.on_response_prepare
        if signal:
            for receiver in signal:
                if not hasattr(receiver, "lines_for"):
                    return None
            found = [*found, *signal] if found else signal
    return found
