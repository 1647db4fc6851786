import math
from collections.abc import Callable, Collection, Iterator, Mapping
from types import FunctionType
from typing import Any, Final, TypeVar

from msgspec import Struct

from webaio.decorators._callable import never_bare
from webaio.decorators._mark import mark, owners_of, record_on, require_function
from webaio.exceptions import ImproperlyConfigured

_Function = TypeVar("_Function", bound=Callable[..., Any])
_SAFE: Final = ("GET", "HEAD")
_FUNCTIONS: Final = (FunctionType, classmethod, staticmethod)
_FIX: Final = "Write such as {'create': idempotent(required=True)}"


class Idempotent(Struct, frozen=True):
    """What `idempotent` says of an action; it marks a function when it is called with one."""

    required: bool
    ttl: float

    def __call__(self, function: _Function) -> _Function:
        """Leave the mark on a function."""
        where = getattr(function, "__qualname__", repr(function))
        require_function(function, f"@idempotent, {where}")
        mark(function, self)
        return function


@never_bare
def idempotent(*, required: bool = False, ttl: float = 86400) -> Idempotent:
    """Let a client repeat a request of an action that is done once: by the header `Idempotency-Key`.

    A repeated request gets the answer of the first, which is kept for `ttl` seconds; a day without
    a word. `required` refuses a request without a key; else it runs as ever.

        class PaymentViewSet(BaseViewSet):
            @idempotent(required=True)
            async def create(self, body: PaymentIn) -> Payment: ...

    A viewset says it of an action that it has from a base by `idempotency = {"create":
    idempotent(required=True)}`.

    Raises `ImproperlyConfigured` for a `ttl` that is no number above 0, and for what is no function.
    At registration GET is refused, and an action that streams.
    """
    where = "@idempotent"
    if isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or not 0 < ttl < math.inf:
        raise ImproperlyConfigured(
            where, f"ttl={ttl!r} is no number of seconds", "Use a number above 0, as 86400"
        )
    if not isinstance(required, bool):
        raise ImproperlyConfigured(
            where, f"required={required!r} is no bool", "Write True or False"
        )
    return Idempotent(required, ttl)


def idempotent_of(
    viewset: type, name: str, methods: Collection[str], *, streams: bool
) -> Idempotent | None:
    """Give what is said of an action of a viewset, by the nearest class that says it.

    Raises `ImproperlyConfigured` for an action that no key can be for.
    """
    found = next(_said(viewset, name), None)
    if found is None:
        return None
    where = f"{viewset.__qualname__}.{name}"
    safe = [method for method in methods if method in _SAFE]
    if safe:
        raise ImproperlyConfigured(
            where,
            f"it is idempotent, and answers {safe[0]}, which changes nothing (RFC 9110, 9.2.1)",
            "Take the mark off, or give the action another method",
        )
    if streams:
        raise ImproperlyConfigured(
            where,
            "it is idempotent, and streams its result, which is not kept",
            "Take the mark off, or return the result as a whole",
        )
    return found


def require_actions(viewset: type, is_action: Callable[[str], bool]) -> None:
    """Refuse what is said of a method that is no action: it would do nothing."""
    for owner in viewset.__mro__:
        said = vars(owner).get("idempotency") or {}
        if not isinstance(said, Mapping):
            where = f"{owner.__qualname__}.idempotency"
            raise ImproperlyConfigured(where, f"{said!r} is no dict", _FIX)
        marked = [
            name
            for name, each in vars(owner).items()
            if isinstance(each, _FUNCTIONS) and record_on(each, Idempotent) is not None
        ]
        for name in (*said, *marked):
            if not is_action(name):
                raise ImproperlyConfigured(
                    f"{owner.__qualname__}, idempotent",
                    f"{name!r} is no action",
                    "Give the name of one, or mark the method with @action, too",
                )


def _said(viewset: type, name: str) -> Iterator[Idempotent]:
    with_method = [*owners_of(viewset, name)]
    for owner in viewset.__mro__:
        said = vars(owner).get("idempotency") or {}
        if name in said:
            if not isinstance(said[name], Idempotent):
                where = f"{owner.__qualname__}.idempotency[{name!r}]"
                raise ImproperlyConfigured(where, f"it is {said[name]!r}", _FIX)
            yield said[name]
        marked = record_on(vars(owner)[name], Idempotent) if owner in with_method else None
        if marked is not None:
            yield marked
