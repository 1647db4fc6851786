from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct


class Count(Struct, frozen=True, gc=False):
    """What a store counts: how often `key` may be hit in a window of `period` seconds."""

    key: str
    limit: int
    period: int


@runtime_checkable
class Store(Protocol):
    """Counts hits, for one process or for several.

    A window begins with the first hit of its key and is over after its period; `limit` hits fit in
    it. So exactly `limit` of any number of hits at once pass, and who waits for the end passes.
    """

    async def hit(self, counts: Sequence[Count], *, charge: bool = True) -> float:
        """Count one hit in each, in one step, or in none where one of them is full.

        Gives the seconds until all have room, 0 where they have. `charge=False` counts nothing, and
        only asks.
        """

    async def open(self) -> None:
        """Begin: the application starts."""

    async def close(self) -> None:
        """Give back what is held: the application ends."""
