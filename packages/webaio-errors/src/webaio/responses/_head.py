import time
from email.utils import formatdate
from typing import Final

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE

_MOST_LENGTHS: Final = 256


class Head:
    """The part of the head that many responses share, such as all answers of one action.

    `status` and `content_type` are theirs; `reason` is the name of the status, without one that of
    aiohttp. Make it once, outside of the handler: what differs is the length, the date, and perhaps
    a location, and whole heads are kept for a second. Raises `ValueError` for a status that is none
    of an answer, and for words that would break the line.

        CREATED = Head(201)
    """

    __slots__ = (
        "_heads",
        "_second",
        "content_type",
        "has_body",
        "reason",
        "start",
        "status",
        "status_line",
    )

    def __init__(
        self, status: int, content_type: str = "application/json", reason: str | None = None
    ) -> None:
        self.status = status = int(status)  # one of an Enum is written by its name
        if not 200 <= status <= 599:
            raise ValueError(f"{status} is not the status of an answer: use one from 200 to 599")
        if not f"{content_type}{reason or ''}".isprintable():
            raise ValueError(f"{content_type!r}, {reason!r} cannot stand in a head")
        self.content_type = content_type
        self.has_body = status != 204  # RFC 9110, 15.3.5; no other success is without
        self.reason = web.Response(status=status, reason=reason).reason
        self.status_line = f"HTTP/1.1 {status} {self.reason}\r\n"
        self.start = f"{self.status_line}Content-Type: {content_type}\r\n".encode()
        self._heads: dict[int, bytes] = {}
        self._second = 0

    def before(self, length: int, lines: str) -> bytes | None:
        """Give the whole head of a body of `length` bytes, with lines of its own.

        None where aiohttp must write it.
        """
        second = int(time.time())
        if second != self._second:
            self._heads.clear()
            self._second = second
        head = self._heads.get(length)
        if head is None and self.has_body:
            head = completed(self.start.decode(), length)
            if len(self._heads) < _MOST_LENGTHS:
                self._heads[length] = head
        if not lines or head is None:
            return head
        return self.start + lines.encode() + head[len(self.start) :]


def completed(start: str, length: int) -> bytes:
    """Write a head to its end: the length, and what all heads of one second have in common."""
    return f"{start}Content-Length: {length}\r\n{now().end_of_head}".encode()


class _Second:
    """What all heads of one second have in common: the date (RFC 9110, 5.6.7), and the end."""

    __slots__ = ("date", "end_of_head", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.date = formatdate(number, usegmt=True)
        self.end_of_head = f"Date: {self.date}\r\nServer: {SERVER_SOFTWARE}\r\n\r\n"


_second = _Second(0)


def now() -> _Second:
    """Give what is common to this second."""
    global _second
    number = int(time.time())
    if number != _second.number:
        _second = _Second(number)
    return _second
