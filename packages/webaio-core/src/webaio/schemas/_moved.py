"""Names that were public until 0.4, for one more release."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any


def getattr_of(
    module: str, *, moved: Mapping[str, Any] | None = None, private: Mapping[str, Any] | None = None
) -> Callable[[str], Any]:
    """Make the `__getattr__` of a module that finds its former names, each with a warning.

    What is `moved` has a new place, which the warning says; what is `private` has none.
    """
    moved, private = moved or {}, private or {}

    def find(name: str) -> Any:
        if name in moved:
            new = moved[name]
            advice = f"use {new.__module__.partition('._')[0]}.{new.__name__}"
        elif name in private:
            new = private[name]
            advice = "it is private, and nothing replaces it"
        else:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warnings.warn(f"{module}.{name} is deprecated: {advice}", DeprecationWarning, stacklevel=2)
        return new

    return find
