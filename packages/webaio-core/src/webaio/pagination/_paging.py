from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeVar

from aiohttp import web
from msgspec import UNSET, Struct, UnsetType

from webaio.results import Answer

from ._page import Item, Page

Key = Literal["cursor", "offset", "page"]


class HasNext(Protocol):
    """A page, of whatever library."""

    @property
    def next(self) -> str | None:
        """What to send for the page after it."""


PageOf = TypeVar("PageOf", bound=HasNext)


class Paging(Struct, frozen=True):
    """Which page a client asks for.

    At most `size` items, after the first `offset` of them, or after the one that `cursor` names.
    `counts` tells that the number of all items is wanted, too. `key` is what the next page is asked
    for by.
    """

    size: int
    key: Key
    offset: int = 0
    cursor: str | None = None
    counts: bool = False

    def page(
        self,
        items: Sequence[Item],
        *,
        total: int | UnsetType = UNSET,
        cursor_of: Callable[[Item], str] | None = None,
    ) -> Page[Item]:
        """Make the page of the items that a store found, which should be one more than `size`.

        `cursor_of` names an item, for a page that is asked for by `cursor`.
        """
        kept = [*items[: self.size]]
        if len(items) <= self.size:
            return Page(kept, None, total)
        if self.key == "cursor" and cursor_of is not None:
            return Page(kept, cursor_of(kept[-1]), total)
        if self.key == "page":
            return Page(kept, str(self.offset // self.size + 2), total)
        return Page(kept, str(self.offset + self.size), total)

    def answer(self, request: web.Request, page: PageOf) -> Answer[PageOf]:
        """Answer with a page, and with the URL of the next one in the header `Link` (RFC 8288).

        `@operation(headers={"Link": str})` declares it.
        """
        if page.next is None:
            return Answer(page)
        url = request.rel_url.update_query({self.key: page.next})
        return Answer(page, headers={"Link": f'<{url.raw_path_qs}>; rel="next"'})
