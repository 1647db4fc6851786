import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from aiohttp import web
from msgspec import Struct

from webaio.exceptions import APIException, ImproperlyConfigured

from ._function import function_in

Error = int | type[APIException] | type[web.HTTPException]
"""An HTTP status, or the class of an exception that has one."""

_ATTRIBUTE: Final = "webaio_operation"
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Operation(Struct, frozen=True):
    """What an action's signature cannot say: the words of `operation`."""

    status: int | None = None
    errors: tuple[Error, ...] = ()
    summary: str | None = None
    deprecated: bool = False
    client_max_size: int | None = None
    security: tuple[str, ...] | None = None


def operation(
    *,
    status: int | None = None,
    errors: Iterable[Error] = (),
    summary: str | None = None,
    deprecated: bool = False,
    client_max_size: int | None = None,
    security: Iterable[str] | None = None,
) -> Callable[[_Function], _Function]:
    """Say of a typed action what its signature cannot. `action` takes the same words.

    `status` is the status of its success, 200 to 299; without it 201 for `create`, 204 for a result
    that is None, else 200. `errors` are the errors that it raises by itself: statuses, subclasses of
    `APIException`, or aiohttp's. `summary` and `deprecated` are for the API's document. `client_max_size` is the most
    bytes that its body may have, in place of the application's limit. `security` names the security
    schemes of the document any one of which it needs, in place of all; none, `[]`, for everybody.

    Raises `ImproperlyConfigured` for a word that cannot be meant, and where it is said twice.

        class ArtistViewSet(BaseViewSet):
            @operation(status=202, errors=[409], client_max_size=10 * 1024**2)
            async def create(self, body: ArtistIn) -> Artist:
                ...
    """

    words = Operation(
        status, several(errors), summary, deprecated, client_max_size, names_in(security)
    )

    def mark(function: _Function) -> _Function:
        say(words, function)
        return function

    return mark


def say(words: Operation, function: object) -> None:
    """Leave the words on a function; raises `ImproperlyConfigured` for those that cannot be meant."""
    where = getattr(function, "__qualname__", repr(function))
    inner = function_in(function)
    if inner is None:
        raise ImproperlyConfigured(
            where, "@operation is not on a function", "Write `async def` below it"
        )
    if _ATTRIBUTE in vars(inner):
        raise ImproperlyConfigured(where, "its words are given twice", "Give them in one place")
    _require_status(where, words.status)
    _require_summary(where, words.summary)
    _require_errors(where, words.errors)
    _require_size(where, words.client_max_size)
    setattr(inner, _ATTRIBUTE, words)


def operation_of(member: object) -> Operation:
    """Give what `operation` or `action` said of a method; nothing where neither did."""
    function = function_in(member)
    record = vars(function).get(_ATTRIBUTE) if function else None
    return record if isinstance(record, Operation) else Operation()


def several(errors: Iterable[Error]) -> tuple[Error, ...]:
    """Keep the errors; raises `ImproperlyConfigured` for one that stands alone."""
    if not isinstance(errors, Iterable):
        raise ImproperlyConfigured(
            "@operation", f"errors={errors!r} is one error", f"Write errors=[{errors!r}]"
        )
    return tuple(errors)


def names_in(security: Iterable[str] | None) -> tuple[str, ...] | None:
    """Keep the names of security schemes; raises `ImproperlyConfigured` for what is no list of such."""
    if security is None:
        return None
    found = () if isinstance(security, str) else tuple(security)
    if isinstance(security, str) or not all(isinstance(each, str) for each in found):
        raise ImproperlyConfigured(
            "@operation", f"security={security!r} is no list of names", "Write such as ['token']"
        )
    return found


def _require_status(where: str, status: int | None) -> None:
    if status is not None and not _is_whole(status, 200, 299):
        raise ImproperlyConfigured(
            where,
            f"status={status!r} is not that of a success",
            "Use one from 200 to 299, and return a web.Response for another",
        )


def _require_summary(where: str, summary: str | None) -> None:
    if summary is not None and not isinstance(summary, str):
        raise ImproperlyConfigured(where, f"summary={summary!r} is no text", "Write a sentence")


def _require_errors(where: str, errors: tuple[Error, ...]) -> None:
    for each in errors:
        status: object = each
        if isinstance(each, type) and issubclass(each, (APIException, web.HTTPException)):
            status = each.status_code
        if not _is_whole(status, 400, 599):
            raise ImproperlyConfigured(
                where,
                f"errors= has {each!r}, which has no error's status",
                "Use statuses from 400 to 599, subclasses of APIException, or those of aiohttp",
            )


def _require_size(where: str, size: int | None) -> None:
    if size is not None and not _is_whole(size, 1, sys.maxsize):
        raise ImproperlyConfigured(
            where, f"client_max_size={size!r} is no number of bytes", "Use a whole number above 0"
        )


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
