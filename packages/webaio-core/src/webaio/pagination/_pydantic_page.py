"""A page of pydantic's models; only who has those imports it."""

from typing import Generic, TypeVar

from pydantic import BaseModel, SerializerFunctionWrapHandler, model_serializer

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A part of a list: its items, and what to send for the part after it.

    `next` is the value of `cursor`, `offset` or `page` that gives the next page, null on the last
    one. `total` is how many items there are on all pages, where a client asks for it.
    """

    items: list[Item]
    next: str | None = None
    total: int = -1

    @model_serializer(mode="wrap")
    def _without_total(self, serialize: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]  # an annotation would be the schema
        written = serialize(self)
        if self.total < 0:
            del written["total"]
        return written
