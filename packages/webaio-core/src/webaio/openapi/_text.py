"""What a programmer wrote of an operation or a viewset."""

import functools
import inspect
from typing import Any

from webaio.viewsets import BaseViewSet


def summary_and_description(handler: Any) -> tuple[str, str]:
    """Give the first paragraph of a handler's docstring, in one line, and the rest."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    own = handler.__doc__ if inspect.isroutine(handler) else None
    text = vars(handler).get("__doc__") if isinstance(handler, type) else own
    summary, _, description = cleaned(text).partition("\n\n")
    return " ".join(summary.split()), description.strip()


def docstring_of(viewset: type[BaseViewSet]) -> str:
    """Give the docstring of a viewset, or of the nearest base that the programmer wrote."""
    for cls in viewset.__mro__:
        if cls is BaseViewSet:
            return ""
        if text := cleaned(vars(cls).get("__doc__")):
            return text
    return ""


def cleaned(text: Any) -> str:
    """Give a docstring without its indentation; nothing for what is no text."""
    return inspect.cleandoc(text).strip() if isinstance(text, str) else ""
