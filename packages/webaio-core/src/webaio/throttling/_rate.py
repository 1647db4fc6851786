import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Literal

from aiohttp import web

from webaio.exceptions import ImproperlyConfigured

KeyFunction = Callable[[web.Request], Awaitable[str | None] | str | None]
By = Literal["address", "user"] | KeyFunction

_PERIODS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE: Final = re.compile(rf"([1-9][0-9]{{0,8}})/({'|'.join(_PERIODS)})")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


class Rate:
    """How often a client may ask: `"600/minute"`, and `by` what clients are told apart.

    `by="address"` counts each address, `by="user"` each user, and the address of who is not known.
    A function, plain or `async`, is given the request, and gives the key that is counted, or None
    where nothing is.

    A Rate has one count for each key, wherever it stands: one on a base class is one for all its
    viewsets. In the store it has the name of its own words, `600/minute by address`; a second Rate
    of the same words in one application needs a `name`.

    Raises `ImproperlyConfigured` for another text or `by`, a name of other characters than letters,
    digits, `_`, `.` and `-`, and a function without a name of its own where `name` is missing.

    >>> Rate("20/minute", by="user", name="uploads")
    Rate('20/minute', by='user', name='uploads')
    """

    __slots__ = ("by", "limit", "name", "period", "text")

    def __init__(self, text: str, *, by: By, name: str | None = None) -> None:
        self.text, self.by = text, by
        found = _RATE.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ImproperlyConfigured(
                f"Rate({text!r})",
                "it is no rate",
                "Write a whole number from 1, a stroke and one of "
                f"{', '.join(_PERIODS)}: Rate('600/minute', by='address')",
            )
        if by not in ("address", "user") and not (callable(by) and _takes_request(by)):
            raise ImproperlyConfigured(
                f"Rate({text!r})",
                f"nothing is counted by {by!r}",
                "Write by='address', by='user' or by=function, which takes the request",
            )
        if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ImproperlyConfigured(
                f"Rate({text!r})",
                f"{name!r} is no name",
                "Use letters, digits, `_`, `.` and `-`: name='log-in'",
            )
        self.limit, self.period = int(found[1]), _PERIODS[found[2]]
        self.name = name or f"{text} by {by if isinstance(by, str) else _name_of(by, text)}"

    def __repr__(self) -> str:
        by = getattr(self.by, "__name__", repr(self.by))
        name = "" if " " in self.name else f", name={self.name!r}"
        return f"Rate({self.text!r}, by={by}{name})"


def claim(names: dict[str, Rate], rates: Iterable[Rate]) -> None:
    """Take the names of rates among those of an application.

    Raises `ImproperlyConfigured` where another Rate has one: they would be one count.
    """
    for rate in rates:
        if names.setdefault(rate.name, rate) is not rate:
            raise ImproperlyConfigured(
                repr(rate),
                "another Rate has the same name, and they would be one count",
                "Write one Rate and use it in both places, or give this one a name of its own: "
                f"Rate({rate.text!r}, by=..., name='...')",
            )


def _takes_request(function: KeyFunction) -> bool:
    try:
        inspect.signature(function).bind(None)
    except (TypeError, ValueError):
        return False
    return True


def _name_of(function: KeyFunction, text: str) -> str:
    """Give the name that a function has in every process."""
    name = getattr(function, "__qualname__", "<nameless>")
    if "<" in name:  # a lambda, or a function in a function
        raise ImproperlyConfigured(
            f"Rate({text!r})",
            f"the function {name} has no name that is the same in every process",
            f"Give the Rate one: Rate({text!r}, by=..., name='log-in')",
        )
    return f"{function.__module__}.{name}"
