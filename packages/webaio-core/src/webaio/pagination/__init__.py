"""Pages: `Keyset`, `LimitOffset` and `PageNumber` are marks, `Paging` is what they give.

`paginate` makes the page of a list of Python. A `Page` has its items, `next`, and `total` where it is asked for.
"""

from ._page import Page, page_of
from ._paginate import paginate
from ._pagination import Keyset, LimitOffset, PageNumber, Pagination
from ._paging import Paging

__all__ = [
    "Keyset",
    "LimitOffset",
    "Page",
    "PageNumber",
    "Pagination",
    "Paging",
    "page_of",
    "paginate",
]
