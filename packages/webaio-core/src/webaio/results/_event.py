import re
from typing import Final, Generic, TypeVar

Data_co = TypeVar("Data_co", covariant=True)
_NOT_IN_A_LINE: Final = re.compile(r"[\r\n\0\ud800-\udfff]")


class Event(Generic[Data_co]):
    """One of the server-sent events of a stream (WHATWG HTML, 9.2): `data` is written as JSON.

        async def list(self) -> AsyncIterator[Event[Artist]]:
            async for artist in changes():
                yield Event(artist, id=str(artist.version), event="changed")

    `id` is what a browser sends as `Last-Event-ID` when it comes back. `event` names the listeners
    that get it, in place of those of `message`. `retry` is after how many milliseconds a browser
    comes back when the stream has ended.

    Raises `ValueError` for an `id` or an `event` that would end its line, or that no UTF-8 has, and
    for a `retry` that is no whole number from 0; `TypeError` for what is no text.
    """

    __slots__ = ("data", "event", "id", "retry")

    def __init__(
        self,
        data: Data_co,
        id: str | None = None,
        event: str | None = None,
        retry: int | None = None,
    ) -> None:
        for name, text in (("id", id), ("event", event)):
            if text is not None:
                _require_one_line(name, text)
        if retry is not None and (type(retry) is not int or retry < 0):
            raise ValueError(f"the retry of an event is {retry!r}, and no whole number from 0")
        self.data: Final = data
        self.id: Final = id  # checked above, and so not to be set anew
        self.event: Final = event
        self.retry: Final = retry


def _require_one_line(name: str, text: str) -> None:
    if not isinstance(text, str):
        raise TypeError(f"the {name} of an event is {text!r}, and must be a str")
    if _NOT_IN_A_LINE.search(text):
        raise ValueError(
            f"the {name} of an event is {text!r}: "
            "a line's end, NUL, and what no UTF-8 has cannot be in it"
        )
