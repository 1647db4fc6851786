"""Server-sent events: WHATWG HTML, 9.2."""

import typing
from typing import Any, ClassVar, Final

from msgspec import Struct

from webaio.exceptions import ImproperlyConfigured
from webaio.parameters._schemas import schema_for
from webaio.schemas import Components, Schema

from ._event import Event
from ._stream import Sending
from ._writing import encoder_of

_MEDIA_TYPE: Final = "text/event-stream"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Type": _MEDIA_TYPE,
    "X-Accel-Buffering": "no",  # nginx would hold events back until it has a page of them
}


class Events(Struct, frozen=True):
    """A `Stream` of events, the data of each of one type."""

    data: Schema
    takes_media_type: ClassVar[bool] = False

    def content(self, components: Components) -> dict[str, Any]:
        """Describe each event: of a media type of several items OpenAPI 3.1 has no more to say."""
        data = {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": self.data.json_schema(components, "output"),
        }
        schema = {
            "type": "object",
            "properties": {
                "data": data,
                "event": {"type": "string"},
                "id": {"type": "string"},
                "retry": {"type": "integer", "minimum": 0},
            },
            "required": ["data"],
        }
        return {_MEDIA_TYPE: {"schema": schema}}

    def sending(self, *, check: bool) -> Sending:
        encode = encoder_of(self.data, check=check)

        def write(item: Any) -> bytes:
            if not isinstance(item, Event):
                raise TypeError(f"a {type(item).__name__} is given, and an Event is declared")
            head = b""
            if item.id is not None:
                head += b"id: %b\n" % item.id.encode()
            if item.event is not None:
                head += b"event: %b\n" % item.event.encode()
            if item.retry is not None:
                head += b"retry: %d\n" % item.retry
            lines = encode(item.data).splitlines()  # one, but of JSON that was written elsewhere
            return head + b"".join(b"data: %b\n" % line for line in lines) + b"\n"

        return Sending(write, _HEADERS, comment=b":\n\n", can_resume=True)


def events_of(item: Any, where: str) -> Events | None:
    """Read a stream of events; None for one of anything else.

    Raises `ImproperlyConfigured` for events of an unknown type.
    """
    if item is Event:
        raise ImproperlyConfigured(
            where, "it does not say of which type an event's data is", "Write such as Event[Artist]"
        )
    if typing.get_origin(item) is not Event:
        return None
    return Events(schema_for(typing.get_args(item)[0], where))
