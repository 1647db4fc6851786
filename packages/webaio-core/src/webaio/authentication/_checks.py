import inspect
import re
from collections.abc import Callable
from typing import Any, Final

from webaio.decorators._callable import called, name_of
from webaio.exceptions import ImproperlyConfigured

_TOKEN: Final = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


def require_coroutine_function(where: str, function: Callable[..., Any]) -> None:
    """Refuse what cannot be awaited: it would be taken for a user, whatever it says."""
    if not callable(function) or not inspect.iscoroutinefunction(called(function)):
        raise ImproperlyConfigured(
            where, f"{name_of(function)} is no coroutine function", "Write it with `async def`"
        )


def require_token(where: str, name: str, value: str) -> None:
    """Refuse what can be no name in a header (RFC 9110, 5.6.2): it would never be found."""
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ImproperlyConfigured(
            where,
            f"{name}={value!r} is no name that a header may have",
            "Use letters, - and digits",
        )
