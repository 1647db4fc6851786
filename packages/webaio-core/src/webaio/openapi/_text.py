"""What a programmer wrote of an operation or a viewset."""

import functools
import inspect
from typing import Any

from webaio.viewsets import BaseViewSet


def summary_and_description(handler: Any) -> tuple[str, str]:
    """Give the first paragraph of a handler's docstring, in one line, and the rest."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    has_own = inspect.isroutine(handler) or isinstance(handler, type)
    text = (
        (vars(handler) if isinstance(handler, type) else {"__doc__": handler.__doc__})
        if has_own
        else {}
    )
    summary, _, description = inspect.cleandoc(text.get("__doc__") or "").partition("\n\n")
    return " ".join(summary.split()), description.strip()


def docstring_of(viewset: type[BaseViewSet]) -> str:
    """Give the docstring of a viewset, or of the nearest base that the programmer wrote."""
    for cls in viewset.__mro__:
        if cls is BaseViewSet:
            return ""
        if text := vars(cls).get("__doc__"):
            return inspect.cleandoc(text)
    return ""
